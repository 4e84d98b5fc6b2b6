import KubeCore
import Logging
import Synchronization

/// Gives a pod its node: `POST pods/NAME/binding`.
package protocol PodBinding: Sendable {
    func bind(namespace: String, name: String, uid: String, node: String) async throws(Status)
}

/// Binds pods without a node to a node that is ready and has the labels that the pod asks for.
///
/// There is one node, so there is nothing to weigh: a pod fits or waits, with `PodScheduled: False` and the reason.
struct Scheduler: Sendable {
    let api: any ClusterAPI
    let binding: any PodBinding
    let events: EventRecorder
    let logger: Logger

    static let name = "default-scheduler"

    func run() async {
        let state = SchedulerState()
        await withDiscardingTaskGroup { group in
            group.addTask {
                await ResourceFeed(api: api, type: .nodes, logger: logger).run { change in
                    // A node may have become what waiting pods were waiting for.
                    for pod in state.apply(nodes: change) { await schedule(pod, state) }
                }
            }
            await ResourceFeed(api: api, type: .pods, logger: logger).run { change in
                switch change {
                case .listed(let pods):
                    state.forgetAll()
                    for pod in pods { await consider(pod, state) }
                case .changed(let pod): await consider(pod, state)
                case .removed(let pod): state.forget(pod)
                }
            }
            group.cancelAll()
        }
    }

    private func consider(_ pod: JSON, _ state: SchedulerState) async {
        let spec = pod["spec"] ?? [:]
        guard spec.text("nodeName").isEmpty, pod.at("metadata", "deletionTimestamp") == nil,
            spec.list("schedulingGates").isEmpty,
            ["", Self.name].contains(spec.text("schedulerName")),
            !["Succeeded", "Failed"].contains(pod["status"]?.text("phase") ?? "")
        else {
            state.forget(pod)
            return
        }
        await schedule(pod, state)
    }

    private func schedule(_ pod: JSON, _ state: SchedulerState) async {
        let object = DynamicObject(pod)
        let nodes = state.nodes
        let reasons = nodes.map { Self.reasonAgainst(pod, on: $0) }
        guard let index = reasons.firstIndex(of: nil) else {
            state.wait(pod)
            await tellUnschedulable(pod, nodes.count, reasons.compactMap { $0 })
            return
        }
        let node = DynamicObject(nodes[index]).name
        do throws(Status) {
            try await binding.bind(
                namespace: object.namespace ?? "", name: object.name, uid: object.uid ?? "", node: node)
            state.forget(pod)
            events.record(
                pod, isWarning: false, reason: "Scheduled",
                message: "Successfully assigned \(object.namespace ?? "")/\(object.name) to \(node)")
        } catch {
            // Gone, or bound by somebody else: the next event tells.
            if error.reason == .notFound || error.reason == .conflict { return }
            state.wait(pod)
            logger.warning("cannot bind pod \(object.namespace ?? "")/\(object.name): \(error.message)")
        }
    }

    /// Why the pod cannot run there; nil when it can. The texts are the scheduler's.
    static func reasonAgainst(_ pod: JSON, on node: JSON) -> String? {
        let conditions = node.at("status", "conditions")?.arrayValue ?? []
        let isReady = conditions.contains { $0.text("type") == "Ready" && $0.text("status") == "True" }
        if !isReady { return "node(s) were not ready" }
        let spec = pod["spec"] ?? [:]
        if node.at("spec", "unschedulable")?.boolValue == true { return "node(s) were unschedulable" }
        let labels = DynamicObject(node).labels
        for (key, value) in spec["nodeSelector"]?.objectValue ?? [:] where labels[key] != value.stringValue {
            return "node(s) didn't match Pod's node affinity/selector"
        }
        if !matchesAffinity(spec, labels, name: DynamicObject(node).name) {
            return "node(s) didn't match Pod's node affinity/selector"
        }
        for taint in node.at("spec", "taints")?.arrayValue ?? [] where !isTolerated(taint, by: spec.list("tolerations"))
        {
            return "node(s) had untolerated taint(s)"
        }
        return nil
    }

    private static func matchesAffinity(_ spec: JSON, _ labels: [String: String], name: String) -> Bool {
        guard
            let terms = spec.at(
                "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")?
                .arrayValue
        else { return true }
        return terms.contains { term in
            let expressions = term.list("matchExpressions")
            let fields = term.list("matchFields")
            guard !expressions.isEmpty || !fields.isEmpty else { return false }
            return expressions.allSatisfy { matches($0, labels[$0.text("key")]) }
                && fields.allSatisfy { $0.text("key") == "metadata.name" && matches($0, name) }
        }
    }

    private static func matches(_ expression: JSON, _ value: String?) -> Bool {
        let values = expression.list("values").compactMap(\.stringValue)
        switch expression.text("operator") {
        case "In": return value.map(values.contains) ?? false
        case "NotIn": return value.map { !values.contains($0) } ?? true
        case "Exists": return value != nil
        case "DoesNotExist": return value == nil
        case "Gt", "Lt":
            guard let number = value.flatMap({ Int64($0) }), let bound = values.first.flatMap({ Int64($0) }) else {
                return false
            }
            return expression.text("operator") == "Gt" ? number > bound : number < bound
        default: return false
        }
    }

    private static func isTolerated(_ taint: JSON, by tolerations: [JSON]) -> Bool {
        if taint.text("effect") == "PreferNoSchedule" { return true }
        return tolerations.contains { toleration in
            let effect = toleration.text("effect")
            guard effect.isEmpty || effect == taint.text("effect") else { return false }
            if toleration.text("operator") == "Exists" {
                return toleration.text("key").isEmpty || toleration.text("key") == taint.text("key")
            }
            return toleration.text("key") == taint.text("key") && toleration.text("value") == taint.text("value")
        }
    }

    private func tellUnschedulable(_ pod: JSON, _ nodeCount: Int, _ reasons: [String]) async {
        var counts: [String: Int] = [:]
        for reason in reasons { counts[reason, default: 0] += 1 }
        let list = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        let message =
            nodeCount == 0 ? "no nodes available to schedule pods" : "0/\(nodeCount) nodes are available: \(list)."
        var conditions = pod.at("status", "conditions")?.arrayValue ?? []
        let place = conditions.firstIndex { $0.text("type") == "PodScheduled" }
        if let place, conditions[place].text("message") == message { return }
        let condition: JSON = [
            "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": .string(message),
            "lastProbeTime": nil, "lastTransitionTime": .string(Timestamp.now().rfc3339),
        ]
        if let place { conditions[place] = condition } else { conditions.append(condition) }
        let object = DynamicObject(pod)
        // While the node is still registering this is no news.
        if nodeCount > 0 {
            events.record(pod, isWarning: true, reason: "FailedScheduling", message: message)
        }
        _ = try? await api.mergePatch(
            .pods, namespace: object.namespace, name: object.name, subresource: "status",
            ["metadata": ["uid": .string(object.uid ?? "")], "status": ["conditions": .array(conditions)]])
    }
}

/// The nodes, and the pods that wait for one.
private final class SchedulerState: Sendable {
    private struct State {
        var nodes: [String: JSON] = [:]
        var waiting: [String: JSON] = [:]
    }

    private let state = Mutex(State())

    var nodes: [JSON] { state.withLock { state in state.nodes.sorted { $0.key < $1.key }.map(\.value) } }

    /// - Returns: the pods that wait, when a node has changed in a way that counts.
    func apply(nodes change: ResourceChange) -> [JSON] {
        state.withLock { state in
            let before = state.nodes
            switch change {
            case .listed(let items):
                state.nodes = [:]
                for item in items { state.nodes[DynamicObject(item).name] = item }
            case .changed(let item): state.nodes[DynamicObject(item).name] = item
            case .removed(let item): state.nodes[DynamicObject(item).name] = nil
            }
            return before == state.nodes ? [] : Array(state.waiting.values)
        }
    }

    func wait(_ pod: JSON) { state.withLock { $0.waiting[DynamicObject(pod).uid ?? ""] = pod } }

    func forget(_ pod: JSON) { state.withLock { $0.waiting[DynamicObject(pod).uid ?? ""] = nil } }

    func forgetAll() { state.withLock { $0.waiting = [:] } }
}
