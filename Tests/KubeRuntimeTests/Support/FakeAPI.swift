import KubeClient
import KubeCore

@testable import KubeRuntime

/// Enough of an API server for leases, events, finalizers and status: objects by path, optimistic concurrency, patches,
/// and faults that the test puts in.
final class FakeAPI: RequestClient {
    enum Fault: Sendable {
        /// The request is not processed.
        case before(ClientError)
        /// The request is processed, and its answer lost.
        case after(ClientError)
        /// There is no answer until the request is cancelled.
        case silence
        /// The request is processed when the test says so with `release()`.
        case held
    }

    private struct State: Sendable {
        var objects: [String: JSON] = [:]
        var version = 0
        var log: [APIRequest] = []
        var faults: [Fault] = []
        var standing: Fault?
        var released = 0
    }

    private let monitor = Monitor(State())

    /// All requests so far.
    var log: [APIRequest] { monitor.read { $0.log } }

    /// The requests so far as `METHOD path`.
    var calls: [String] { log.map { "\($0.method.rawValue) \($0.path)" } }

    func object(_ path: String) -> JSON? { monitor.read { $0.objects[path] } }

    var objects: [JSON] { monitor.read { Array($0.objects.values) } }

    func put(_ path: String, _ object: JSON) {
        monitor.change { state in
            state.version += 1
            var object = object
            object.set(.string("\(state.version)"), at: ["metadata", "resourceVersion"])
            state.objects[path] = object
        }
    }

    func remove(_ path: String) { monitor.change { $0.objects[path] = nil } }

    /// The next requests fail in these ways, one each.
    func fail(_ faults: Fault...) { monitor.change { $0.faults += faults } }

    /// All requests fail in this way until it is nil again.
    func failAlways(_ fault: Fault?) { monitor.change { $0.standing = fault } }

    /// Lets one held request go on.
    func release() { monitor.change { $0.released += 1 } }

    /// Returns when there have been so many requests.
    func waitForCalls(_ count: Int) async throws {
        try await monitor.wait { state -> Void? in state.log.count >= count ? () : nil }
    }

    /// Returns when the condition holds for the object at the path.
    func wait(_ path: String, until condition: @escaping @Sendable (JSON) -> Bool) async throws {
        try await monitor.wait { state -> Void? in
            guard let object = state.objects[path], condition(object) else { return nil }
            return ()
        }
    }

    func answer(_ request: APIRequest, within timeout: Duration?) async throws(ClientError) -> JSON {
        let fault = monitor.change { state in
            state.log.append(request)
            return state.faults.isEmpty ? state.standing : state.faults.removeFirst()
        }
        switch fault {
        case .before(let error): throw error
        case .silence:
            _ = try? await monitor.wait { _ -> Void? in nil }
            throw ClientError(.cancelled, "cancelled")
        case .held:
            do {
                try await monitor.wait { state -> Void? in
                    guard state.released > 0 else { return nil }
                    state.released -= 1
                    return ()
                }
            } catch {
                throw ClientError(.cancelled, "cancelled")
            }
            return try process(request)
        case .after(let error):
            _ = try process(request)
            throw error
        case nil: return try process(request)
        }
    }

    private func process(_ request: APIRequest) throws(ClientError) -> JSON {
        let result = monitor.change { Self.process(request, &$0) }
        switch result {
        case .success(let json): return json
        case .failure(let status): throw .status(status)
        }
    }

    private static func process(_ request: APIRequest, _ state: inout State) -> Result<JSON, Status> {
        let body = (try? JSON.parse(request.body ?? [])) ?? .null
        var path = request.path
        if path.hasSuffix("/status") { path.removeLast("/status".count) }
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        switch request.method {
        case .get:
            guard let object = state.objects[path] else { return .failure(.notFound(.leases, name)) }
            return .success(object)
        case .post:
            let name = body.at("metadata", "name")?.stringValue ?? ""
            let path = "\(path)/\(name)"
            if state.objects[path] != nil { return .failure(.alreadyExists(.leases, name)) }
            return .success(store(body, path, &state))
        case .patch:
            guard let current = state.objects[path] else { return .failure(.notFound(.leases, name)) }
            if request.header("Content-Type") == PatchType.json.contentType {
                guard let patched = try? JSONPatch.apply(body, to: current) else {
                    return .failure(Status(code: 422, reason: .invalid, message: "the patch does not apply"))
                }
                return .success(store(patched, path, &state))
            }
            let wanted = body.at("metadata", "resourceVersion")
            if let wanted, wanted != current.at("metadata", "resourceVersion") {
                return .failure(.conflict(.leases, name, "the object has been modified"))
            }
            return .success(store(MergePatch.apply(body, to: current), path, &state))
        case .put, .delete:
            return .failure(.methodNotAllowed("the runtime only creates and patches"))
        }
    }

    private static func store(_ object: JSON, _ path: String, _ state: inout State) -> JSON {
        state.version += 1
        var object = object
        object.set(.string("\(state.version)"), at: ["metadata", "resourceVersion"])
        state.objects[path] = object
        return object
    }
}
