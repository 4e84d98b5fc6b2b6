import KubeCore
import Synchronization

@testable import LocalCluster

/// As much of an API server as the node and the controllers need, in memory.
///
/// It knows resourceVersions, uids, finalizers, graceful deletion of pods and foreground deletion; it validates nothing.
final class InMemoryAPI: ClusterAPI, PodBinding, Sendable {
    struct Key: Hashable {
        var type: ResourceType
        var namespace: String
        var name: String
    }

    struct Write: Sendable {
        var verb: String
        var type: ResourceType
        var name: String
        var subresource: String?
        var object: JSON
    }

    private struct State {
        var objects: [Key: JSON] = [:]
        var version: UInt64 = 0
        var history: [(version: UInt64, type: ResourceType, frame: WatchFrame)] = []
        var watchers: [Int: (type: ResourceType, continuation: AsyncStream<WatchFrame>.Continuation)] = [:]
        var nextWatcher = 0
        var types: [ResourceType] = []
        var writes: [Write] = []
        var changes: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    init(types: [ResourceType] = [.pods, .services, .configMaps, .secrets, .namespaces, .serviceAccounts]) {
        state.withLock { $0.types = types }
    }

    /// Every write that was made, in order.
    var writes: [Write] { state.withLock { $0.writes } }

    func get(_ type: ResourceType, namespace: String?, name: String) async throws(Status) -> JSON {
        guard let object = object(type, namespace, name) else { throw .notFound(type, name) }
        return object
    }

    func object(_ type: ResourceType, _ namespace: String?, _ name: String) -> JSON? {
        state.withLock { $0.objects[Key(type: type, namespace: namespace ?? "", name: name)] }
    }

    func list(
        _ type: ResourceType, namespace: String?
    ) async throws(Status) -> (items: [JSON], resourceVersion: UInt64) {
        state.withLock { state in
            let items = state.objects.filter {
                $0.key.type == type && (namespace == nil || $0.key.namespace == namespace)
            }
            return (items.map(\.value), state.version)
        }
    }

    func create(_ type: ResourceType, namespace: String?, _ object: JSON) async throws(Status) -> JSON {
        var object = object
        var name = DynamicObject(object).name
        if name.isEmpty, let prefix = object.at("metadata", "generateName")?.stringValue {
            name = prefix + String(UInt32.random(in: .min ... .max), radix: 36)
        }
        let namespace = type.isNamespaced ? namespace ?? DynamicObject(object).namespace ?? "default" : ""
        object["apiVersion"] = .string(type.apiVersion)
        object["kind"] = .string(type.kind)
        object.set(.string(name), at: ["metadata", "name"])
        if !namespace.isEmpty { object.set(.string(namespace), at: ["metadata", "namespace"]) }
        if object.at("metadata", "uid") == nil {
            object.set(.string("uid-\(UInt64.random(in: .min ... .max))"), at: ["metadata", "uid"])
        }
        object.set(.string(Timestamp.now().rfc3339), at: ["metadata", "creationTimestamp"])
        if type == .namespaces { object.set(["kubernetes"], at: ["spec", "finalizers"]) }
        let key = Key(type: type, namespace: namespace, name: name)
        let created = object
        let result = state.withLock { state -> JSON? in
            if state.objects[key] != nil { return nil }
            return Self.store(created, key, .added, "create", nil, &state)
        }
        guard let result else { throw .alreadyExists(type, name) }
        return result
    }

    func update(
        _ type: ResourceType, namespace: String?, name: String, subresource: String?, _ object: JSON
    ) async throws(Status) -> JSON {
        try change(type, namespace, name, "update", subresource) { old throws(Status) in
            if let version = object.at("metadata", "resourceVersion"), version != old.at("metadata", "resourceVersion")
            {
                throw .conflict(type, name, "the object has been modified")
            }
            return object
        }
    }

    func mergePatch(
        _ type: ResourceType, namespace: String?, name: String, subresource: String?, _ patch: JSON
    ) async throws(Status) -> JSON {
        try change(type, namespace, name, "patch", subresource) { old throws(Status) in
            if let uid = patch.at("metadata", "uid"), uid != old.at("metadata", "uid") {
                throw .conflict(type, name, "the uid differs")
            }
            return MergePatch.apply(patch, to: old)
        }
    }

    func bind(namespace: String, name: String, uid: String, node: String) async throws(Status) {
        _ = try change(.pods, namespace, name, "bind", "binding") { old throws(Status) in
            var pod = old
            pod.set(.string(node), at: ["spec", "nodeName"])
            return pod
        }
    }

    private func change(
        _ type: ResourceType, _ namespace: String?, _ name: String, _ verb: String, _ subresource: String?,
        _ body: (JSON) throws(Status) -> JSON
    ) throws(Status) -> JSON {
        let key = Key(type: type, namespace: type.isNamespaced ? namespace ?? "" : "", name: name)
        let result = state.withLock { state -> Result<JSON, Status> in
            guard let old = state.objects[key] else { return .failure(.notFound(type, name)) }
            do throws(Status) {
                let new = try body(old)
                let hasFinalizers = !DynamicObject(new).finalizers.isEmpty
                if DynamicObject(new).deletionTimestamp != nil, !hasFinalizers,
                    (new.at("metadata", "deletionGracePeriodSeconds")?.intValue ?? 0) == 0,
                    (new.at("spec", "finalizers")?.arrayValue ?? []).isEmpty
                {
                    return .success(Self.store(new, key, .deleted, verb, subresource, &state))
                }
                return .success(Self.store(new, key, .modified, verb, subresource, &state))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    func delete(
        _ type: ResourceType, namespace: String?, name: String, uid: String?, gracePeriodSeconds: Int64?,
        propagationPolicy: String?
    ) async throws(Status) {
        guard let old = object(type, namespace, name) else { throw .notFound(type, name) }
        if let uid, uid != DynamicObject(old).uid { throw .conflict(type, name, "the uid differs") }
        _ = try change(type, namespace, name, "delete", nil) { old throws(Status) in
            var object = DynamicObject(old)
            var grace: Int64 = 0
            if type == .pods, !(object.json.at("spec", "nodeName")?.stringValue ?? "").isEmpty,
                !["Succeeded", "Failed"].contains(object.json.at("status", "phase")?.stringValue ?? "")
            {
                grace =
                    gracePeriodSeconds ?? object.json.at("spec", "terminationGracePeriodSeconds")?.intValue ?? 30
            }
            if propagationPolicy == "Foreground", !object.finalizers.contains("foregroundDeletion") {
                object.finalizers.append("foregroundDeletion")
            }
            if propagationPolicy == "Orphan", !object.finalizers.contains("orphan") {
                object.finalizers.append("orphan")
            }
            var json = object.json
            json.set(.string((Timestamp.now() + .seconds(grace)).rfc3339), at: ["metadata", "deletionTimestamp"])
            json.set(.int(grace), at: ["metadata", "deletionGracePeriodSeconds"])
            return json
        }
    }

    private static func store(
        _ object: JSON, _ key: Key, _ event: WatchEventType, _ verb: String, _ subresource: String?,
        _ state: inout State
    ) -> JSON {
        state.version += 1
        var object = object
        object.set(.string("\(state.version)"), at: ["metadata", "resourceVersion"])
        if event == .deleted {
            state.objects.removeValue(forKey: key)
        } else {
            state.objects[key] = object
        }
        let frame = WatchFrame(type: event, object: object)
        state.history.append((state.version, key.type, frame))
        state.writes.append(
            Write(verb: verb, type: key.type, name: key.name, subresource: subresource, object: object))
        for watcher in state.watchers.values where watcher.type == key.type { watcher.continuation.yield(frame) }
        for continuation in state.changes.values { continuation.resume() }
        state.changes = [:]
        return object
    }

    func watch(_ type: ResourceType, after resourceVersion: UInt64) -> AsyncStream<WatchFrame> {
        let (stream, continuation) = AsyncStream.makeStream(of: WatchFrame.self)
        let id = state.withLock { state in
            state.nextWatcher += 1
            for event in state.history where event.type == type && event.version > resourceVersion {
                continuation.yield(event.frame)
            }
            state.watchers[state.nextWatcher] = (type, continuation)
            return state.nextWatcher
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.watchers.removeValue(forKey: id) }
        }
        return stream
    }

    func servedTypes() async -> [ResourceType] { state.withLock { $0.types } }

    // MARK: - For tests

    /// Waits until the condition holds; it is looked at after every write.
    func wait(until condition: @Sendable () -> Bool) async throws {
        while !condition() {
            try Task.checkCancellation()
            let version = state.withLock { $0.version }
            if condition() { return }
            let id = Int.random(in: 0 ... .max)
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isStale = state.withLock { state in
                        if state.version != version || Task.isCancelled { return true }
                        state.changes[id] = continuation
                        return false
                    }
                    if isStale { continuation.resume() }
                }
            } onCancel: {
                state.withLock { $0.changes.removeValue(forKey: id) }?.resume()
            }
        }
    }
}
