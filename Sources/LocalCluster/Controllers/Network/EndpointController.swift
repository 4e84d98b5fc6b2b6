import KubeCore
import Logging
import Synchronization

/// Keeps EndpointSlices, and the older Endpoints, of every Service with a selector.
final class EndpointController: Sendable {
    private let api: any ClusterAPI
    private let logger: Logger
    private let state = Mutex(State())
    private let queue = KeyQueue()

    private struct State {
        /// By `namespace/name`.
        var services: [String: JSON] = [:]
        var pods: [String: [String: JSON]] = [:]
    }

    static let endpointsType = ResourceType(
        group: "", version: "v1", kind: "Endpoints", plural: "endpoints", isNamespaced: true)
    static let manager = "endpointslice-controller.k8s.io"

    init(api: any ClusterAPI, logger: Logger) {
        self.api = api
        self.logger = logger
    }

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.work() }
            group.addTask {
                await ResourceFeed(api: self.api, type: .pods, logger: self.logger).run { self.apply(pods: $0) }
            }
            await ResourceFeed(api: api, type: .services, logger: logger).run { self.apply(services: $0) }
            group.cancelAll()
        }
    }

    private func apply(services change: ResourceChange) {
        let keys = state.withLock { state -> [String] in
            switch change {
            case .listed(let items):
                state.services = [:]
                for item in items { state.services[Self.key(item)] = item }
                return Array(state.services.keys)
            case .changed(let item):
                state.services[Self.key(item)] = item
                return [Self.key(item)]
            case .removed(let item):
                state.services[Self.key(item)] = nil
                return [Self.key(item)]
            }
        }
        queue.add(keys)
    }

    /// Only the Services that select the pod, before or now, are looked at: most pods are behind none.
    private func apply(pods change: ResourceChange) {
        let keys = state.withLock { state -> [String] in
            switch change {
            case .listed(let items):
                state.pods = [:]
                for item in items { Self.put(item, &state) }
                return Array(state.services.keys)
            case .changed(let item):
                let object = DynamicObject(item)
                let old = state.pods[object.namespace ?? ""]?[object.name]
                Self.put(item, &state)
                return Self.services(selecting: [old, item].compactMap { $0 }, state)
            case .removed(let item):
                let object = DynamicObject(item)
                let old = state.pods[object.namespace ?? ""]?.removeValue(forKey: object.name)
                return Self.services(selecting: [old, item].compactMap { $0 }, state)
            }
        }
        queue.add(keys)
    }

    private static func put(_ pod: JSON, _ state: inout State) {
        let object = DynamicObject(pod)
        state.pods[object.namespace ?? "", default: [:]][object.name] = pod
    }

    private static func services(selecting pods: [JSON], _ state: State) -> [String] {
        state.services.filter { _, service in
            let namespace = DynamicObject(service).namespace
            let selector = service.at("spec", "selector")?.objectValue ?? [:]
            guard !selector.isEmpty else { return false }
            return pods.contains { pod in
                let object = DynamicObject(pod)
                guard object.namespace == namespace else { return false }
                let labels = object.labels
                return selector.allSatisfy { labels[$0.key] == $0.value.stringValue }
            }
        }.map(\.key)
    }

    private static func key(_ service: JSON) -> String {
        let object = DynamicObject(service)
        return "\(object.namespace ?? "")/\(object.name)"
    }

    private func work() async {
        var failures: [String: Int] = [:]
        for await key in queue.keys {
            queue.begin(key)
            do throws(Status) {
                try await reconcile(key)
                failures[key] = nil
            } catch {
                let count = (failures[key] ?? 0) + 1
                failures[key] = count
                logger.debug("endpoints of \(key) have to be tried again: \(error.message)")
                queue.add(key, after: PodMachine.retryDelay(count, longest: .seconds(30)))
            }
        }
    }

    private func reconcile(_ key: String) async throws(Status) {
        let (service, pods) = state.withLock { state -> (JSON?, [JSON]) in
            let service = state.services[key]
            let namespace = service.flatMap { DynamicObject($0).namespace } ?? ""
            return (service, Array((state.pods[namespace] ?? [:]).values))
        }
        // The slices of a Service that is gone go with it, by their owner reference; its Endpoints have none.
        guard let service else { return try await removeEndpoints(key) }
        guard service.at("spec", "selector")?.objectValue?.isEmpty == false,
            DynamicObject(service).deletionTimestamp == nil
        else { return }
        let groups = EndpointBuilder.groups(service: service, pods: pods)
        try await writeSlices(service, groups)
        try await writeEndpoints(service, groups)
    }

    // MARK: - Slices

    private func writeSlices(_ service: JSON, _ groups: [EndpointBuilder.Group]) async throws(Status) {
        let object = DynamicObject(service)
        let namespace = object.namespace ?? ""
        let all = try await api.list(.endpointSlices, namespace: namespace).items
        var existing = all.filter { slice in
            let labels = DynamicObject(slice).labels
            return labels["kubernetes.io/service-name"] == object.name
                && labels["endpointslice.kubernetes.io/managed-by"] == Self.manager
        }
        // A Service without pods has one empty slice.
        let wanted = groups.isEmpty ? [EndpointBuilder.Group(ports: [], endpoints: [])] : groups
        for group in wanted {
            let (endpoints, ports) = EndpointBuilder.slice(of: group)
            // A slice for the same ports is kept, whatever is in it.
            let place =
                existing.firstIndex { $0["ports"] == ports } ?? existing.indices.first { _ in groups.count <= 1 }
            guard let place else {
                try await create(slice(service, endpoints, ports), namespace)
                continue
            }
            let current = existing.remove(at: place)
            let ownEndpoints = current["endpoints"] ?? []
            if ownEndpoints == endpoints, current["ports"] ?? [] == ports { continue }
            _ = try await api.mergePatch(
                .endpointSlices, namespace: namespace, name: DynamicObject(current).name, subresource: nil,
                ["endpoints": endpoints, "ports": ports])
        }
        for extra in existing {
            try? await api.delete(
                .endpointSlices, namespace: namespace, name: DynamicObject(extra).name, uid: DynamicObject(extra).uid,
                gracePeriodSeconds: nil, propagationPolicy: nil)
        }
    }

    private func create(_ slice: JSON, _ namespace: String) async throws(Status) {
        do throws(Status) {
            _ = try await api.create(.endpointSlices, namespace: namespace, slice)
        } catch {
            // The namespace, or the Service with it, is going.
            if error.reason != .forbidden, error.reason != .notFound { throw error }
        }
    }

    private func slice(_ service: JSON, _ endpoints: JSON, _ ports: JSON) -> JSON {
        let object = DynamicObject(service)
        var labels: JSONObject = [:]
        for (key, value) in object.labels.sorted(by: { $0.key < $1.key }) { labels[key] = .string(value) }
        labels["endpointslice.kubernetes.io/managed-by"] = .string(Self.manager)
        labels["kubernetes.io/service-name"] = .string(object.name)
        if service.at("spec", "clusterIP") == "None" { labels["service.kubernetes.io/headless"] = "" }
        let owner = OwnerReference(
            apiVersion: "v1", kind: "Service", name: object.name, uid: object.uid ?? "", controller: true,
            blockOwnerDeletion: true)
        return [
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "metadata": [
                "generateName": .string("\(object.name)-"), "namespace": .string(object.namespace ?? ""),
                "labels": .object(labels), "ownerReferences": [owner.json],
            ],
            "addressType": "IPv4", "endpoints": endpoints, "ports": ports,
        ]
    }

    // MARK: - Endpoints

    private func writeEndpoints(_ service: JSON, _ groups: [EndpointBuilder.Group]) async throws(Status) {
        let object = DynamicObject(service)
        let namespace = object.namespace ?? ""
        let subsets = EndpointBuilder.subsets(of: groups)
        do throws(Status) {
            let current = try await api.get(Self.endpointsType, namespace: namespace, name: object.name)
            if current["subsets"] ?? [] == subsets { return }
            _ = try await api.mergePatch(
                Self.endpointsType, namespace: namespace, name: object.name, subresource: nil, ["subsets": subsets])
        } catch  where error.reason == .notFound {
            var labels: JSONObject = [:]
            for (key, value) in object.labels.sorted(by: { $0.key < $1.key }) { labels[key] = .string(value) }
            labels["endpoints.kubernetes.io/managed-by"] = "endpoint-controller"
            if service.at("spec", "clusterIP") == "None" { labels["service.kubernetes.io/headless"] = "" }
            var endpoints: JSON = [
                "apiVersion": "v1", "kind": "Endpoints",
                "metadata": [
                    "name": .string(object.name), "namespace": .string(namespace), "labels": .object(labels),
                ],
            ]
            if subsets.arrayValue?.isEmpty == false { endpoints["subsets"] = subsets }
            do throws(Status) {
                _ = try await api.create(Self.endpointsType, namespace: namespace, endpoints)
            } catch {
                if ![.forbidden, .notFound, .alreadyExists].contains(error.reason) { throw error }
            }
        }
    }

    private func removeEndpoints(_ key: String) async throws(Status) {
        let parts = key.split(separator: "/", maxSplits: 1)
        guard parts.count == 2 else { return }
        let (namespace, name) = (String(parts[0]), String(parts[1]))
        do throws(Status) {
            let current = try await api.get(Self.endpointsType, namespace: namespace, name: name)
            // Those that somebody else made are theirs.
            guard DynamicObject(current).labels["endpoints.kubernetes.io/managed-by"] == "endpoint-controller" else {
                return
            }
            try await api.delete(
                Self.endpointsType, namespace: namespace, name: name, uid: DynamicObject(current).uid,
                gracePeriodSeconds: nil, propagationPolicy: nil)
        } catch  where error.reason == .notFound {
            return
        }
    }
}
