import KubeClient
import KubeCore

@testable import KubeRuntime

/// A client whose server is played by the test: it takes each request and answers it.
final class ScriptedListWatch: ListWatchClient {
    enum Request: Sendable {
        case list(ResourceType, ListRequest, Reply<ObjectList<DynamicObject>>)
        case watch(ResourceType, WatchRequest, Reply<WatchChannel>)
    }

    private let monitor = Monitor(FIFO<Request>())

    func listPage(
        _ type: ResourceType, scope: WatchScope, request: ListRequest
    ) async throws(ClientError) -> ObjectList<DynamicObject> {
        let reply = Reply<ObjectList<DynamicObject>>()
        monitor.change { $0.append(.list(type, request, reply)) }
        return try await reply.value()
    }

    func watchEvents(
        _ type: ResourceType, scope: WatchScope, request: WatchRequest
    ) async throws(ClientError) -> any AsyncSequence<WatchEvent<DynamicObject>, ClientError> & Sendable {
        let reply = Reply<WatchChannel>()
        monitor.change { $0.append(.watch(type, request, reply)) }
        return try await reply.value()
    }

    /// The next request, whatever it is.
    func nextRequest() async throws -> Request {
        try await monitor.wait { $0.popFirst() }
    }

    /// The next request, which must be a list.
    func nextList() async throws -> (request: ListRequest, reply: Reply<ObjectList<DynamicObject>>) {
        guard case .list(_, let request, let reply) = try await nextRequest() else { throw UnexpectedRequest("watch") }
        return (request, reply)
    }

    /// The next request, which must be a watch; it is accepted.
    func nextWatch() async throws -> (request: WatchRequest, channel: WatchChannel) {
        guard case .watch(_, let request, let reply) = try await nextRequest() else { throw UnexpectedRequest("list") }
        let channel = WatchChannel()
        reply.succeed(channel)
        return (request, channel)
    }

    /// The next request, which must be a watch; it is refused.
    func refuseWatch(_ error: ClientError) async throws -> WatchRequest {
        guard case .watch(_, let request, let reply) = try await nextRequest() else { throw UnexpectedRequest("list") }
        reply.fail(error)
        return request
    }

    /// Answers a streaming list with these objects and leaves the watch open.
    func serveStreamingList(_ objects: [DynamicObject], resourceVersion: String) async throws -> WatchChannel {
        let (request, channel) = try await nextWatch()
        guard request.sendInitialEvents else { throw UnexpectedRequest("watch from \(request.resourceVersion)") }
        for object in objects { channel.send(.added(object)) }
        channel.send(.bookmark(resourceVersion: resourceVersion, isInitialEventsEnd: true))
        return channel
    }
}

struct UnexpectedRequest: Error {
    let what: String

    init(_ what: String) { self.what = what }
}

/// An answer that the test gives.
final class Reply<Value: Sendable>: Sendable {
    private let monitor = Monitor<Result<Value, ClientError>?>(nil)

    func succeed(_ value: Value) { monitor.change { $0 = .success(value) } }
    func fail(_ error: ClientError) { monitor.change { $0 = .failure(error) } }

    func value() async throws(ClientError) -> Value {
        let result: Result<Value, ClientError>
        do {
            result = try await monitor.wait { $0 }
        } catch {
            throw ClientError(.cancelled, "cancelled")
        }
        return try result.get()
    }
}

/// The events of a watch that the test sends.
final class WatchChannel: AsyncSequence, Sendable {
    typealias Element = WatchEvent<DynamicObject>
    typealias Failure = ClientError

    private enum Step: Sendable {
        case event(WatchEvent<DynamicObject>)
        case end
        case failure(ClientError)
    }

    private struct State: Sendable {
        var steps = FIFO<Step>()
        var isReaderGone = false
    }

    private let monitor = Monitor(State())

    func send(_ event: WatchEvent<DynamicObject>) { monitor.change { $0.steps.append(.event(event)) } }
    func end() { monitor.change { $0.steps.append(.end) } }
    func fail(_ error: ClientError) { monitor.change { $0.steps.append(.failure(error)) } }

    /// Returns when the reader was cancelled.
    func waitUntilAbandoned() async throws {
        try await monitor.wait { state -> Void? in state.isReaderGone ? () : nil }
    }

    func makeAsyncIterator() -> Iterator { Iterator(channel: self) }

    struct Iterator: AsyncIteratorProtocol {
        let channel: WatchChannel

        mutating func next() async throws(ClientError) -> WatchEvent<DynamicObject>? {
            try await channel.next()
        }

        mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(ClientError) -> WatchEvent<DynamicObject>? {
            try await channel.next()
        }
    }

    private func next() async throws(ClientError) -> WatchEvent<DynamicObject>? {
        let step: Step
        do {
            step = try await monitor.wait { $0.steps.popFirst() }
        } catch {
            monitor.change { $0.isReaderGone = true }
            throw ClientError(.cancelled, "cancelled")
        }
        switch step {
        case .event(let event): return event
        case .end: return nil
        case .failure(let error): throw error
        }
    }
}

extension ClientError {
    static let lineCut = ClientError(.transport, "the connection broke")
    static let gone = ClientError(.status(.expired("too old resource version: 5 (100)")), "too old resource version")

    static func status(_ status: Status, retryAfter: Duration? = nil) -> ClientError {
        ClientError(.status(status), status.message, retryAfter: retryAfter)
    }
}
