import KubeCore
import Logging
import Synchronization
import Testing

@testable import KubeClient

func quietLogger() -> Logger {
    Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

/// A client of a scripted server, shut down at the end of `body`.
func withClient<Result: Sendable>(
    _ server: ScriptedServer, authentication: ClientConfiguration.Authentication = .none,
    change: (inout ClientConfiguration) -> Void = { _ in }, _ body: (APIClient) async throws -> Result
) async throws -> Result {
    var configuration = ClientConfiguration(
        server: server.url, authentication: authentication, proxy: .none, origin: "the test's configuration")
    change(&configuration)
    let client = try APIClient(configuration: configuration, logger: quietLogger())
    defer { client.shutdown() }
    return try await body(client)
}

/// What `body` throws, which has to be a ClientError.
func clientError(
    _ body: () async throws -> some Sendable, sourceLocation: SourceLocation = #_sourceLocation
) async throws -> ClientError {
    do {
        let value = try await body()
        Issue.record("an error was expected, but there is \(value)", sourceLocation: sourceLocation)
        throw ScriptError.closed
    } catch let error as ClientError {
        return error
    }
}

/// Waits until a condition holds, up to a minute: on a busy machine all tests share two threads.
func eventually(
    _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("never came true: \(what)", sourceLocation: sourceLocation)
            return
        }
        try await Task.sleep(for: .milliseconds(5))  // polls
    }
}

extension APIRequest {
    static func get(_ path: String) -> APIRequest { APIRequest(method: .get, path: path) }
    static func post(_ path: String, _ body: String) -> APIRequest {
        APIRequest(method: .post, path: path, body: Array(body.utf8))
    }
}

func seconds(_ count: Double) -> ContinuousClock.Instant { .now + .milliseconds(Int(count * 1000)) }

/// A value that a test shares with a server's threads.
final class Box<Value: Sendable>: Sendable {
    private let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }
    func withLock<Result: Sendable>(_ body: (inout sending Value) -> sending Result) -> Result {
        value.withLock { body(&$0) }
    }
}

/// Counts calls across a server's threads.
final class Counter: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }
    func next() -> Int {
        value.withLock {
            $0 += 1
            return $0
        }
    }
}
