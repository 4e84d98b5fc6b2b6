import KubeCore

/// What the status of a pod is made of besides its containers.
struct PodStatusContext: Sendable {
    var hostAddress: String
    var podAddress: String
    /// The object as last seen: conditions of others, readiness gates and times are taken from it.
    var pod: JSON
    var now: Timestamp
}

extension PodMachine {
    enum Phase: String, Sendable {
        case pending = "Pending", running = "Running", succeeded = "Succeeded", failed = "Failed"
    }

    /// Behaviour: the kubelet's `getPhase`.
    var phase: Phase {
        if stage == .ended, let terminal = terminalPhase { return terminal }
        let initial = containers.filter { $0.role == .initial }
        guard initial.allSatisfy(\.hasSucceeded) else { return .pending }
        let sidecars = containers.filter { $0.role == .sidecar }
        let mains = containers.filter { $0.role == .main }
        let hasBegun = mains.contains { $0.isRunning || $0.termination != nil || $0.last != nil }
        if !hasBegun, sidecars.contains(where: { !$0.isStarted }) { return .pending }
        if mains.contains(where: { $0.termination == nil && $0.last == nil && !$0.isRunning }) { return .pending }
        return .running
    }

    private var terminalPhase: Phase? {
        switch cause {
        case .failed: return .failed
        case .done, .deleted, nil:
            let mains = containers.filter { $0.role == .main }
            if mains.allSatisfy(\.hasSucceeded), containers.allSatisfy({ $0.role != .initial || $0.hasSucceeded }) {
                return .succeeded
            }
            return .failed
        }
    }

    /// The whole status as a kubelet writes it.
    func status(_ context: PodStatusContext) -> JSON {
        var status: JSONObject = ["phase": .string(phase.rawValue)]
        let generation = context.pod.at("metadata", "generation")
        if let generation { status["observedGeneration"] = generation }
        status["conditions"] = .array(conditions(context, generation))
        if case .failed(let reason, let message) = cause, stage == .ended {
            status["reason"] = .string(reason)
            status["message"] = .string(message)
        }
        status["hostIP"] = .string(context.hostAddress)
        status["hostIPs"] = [["ip": .string(context.hostAddress)]]
        if containers.contains(where: { $0.isActive || $0.termination != nil || $0.last != nil }) {
            status["podIP"] = .string(context.podAddress)
            status["podIPs"] = [["ip": .string(context.podAddress)]]
        }
        status["startTime"] = .string(startTime.rfc3339)
        let initial = containers.filter { $0.role != .main }
        if !initial.isEmpty { status["initContainerStatuses"] = .array(initial.map(containerStatus)) }
        status["containerStatuses"] = .array(containers.filter { $0.role == .main }.map(containerStatus))
        status["qosClass"] = context.pod.at("status", "qosClass") ?? .string(qualityOfService)
        return .object(status)
    }

    private func containerStatus(_ container: ContainerRecord) -> JSON {
        var status: JSONObject = ["name": .string(container.spec.name)]
        status["state"] = container.stateJSON
        status["lastState"] = container.last.map { ["terminated": $0.json] } ?? [:]
        // A finished init container counts as ready.
        let isReady = container.role == .initial ? container.hasSucceeded : container.isReady
        status["ready"] = .bool(isReady)
        status["restartCount"] = .int(container.restartCount)
        status["image"] = .string(container.spec.image)
        status["imageID"] = .string(container.imageID)
        if !container.id.isEmpty { status["containerID"] = .string(container.id) }
        status["started"] = .bool(container.isStarted)
        if let resources = container.spec.resources, resources.objectValue?.isEmpty == false {
            status["resources"] = resources
        }
        return .object(status)
    }

    // MARK: - Conditions

    private static let ownTypes: Set<String> = [
        "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled",
    ]

    private func conditions(_ context: PodStatusContext, _ generation: JSON?) -> [JSON] {
        let old = context.pod.at("status", "conditions")?.arrayValue ?? []
        let isTerminal = phase == .succeeded || phase == .failed
        let hasProcesses = stage != .preparing && stage != .ended
        var conditions = [
            condition("PodReadyToStartContainers", hasProcesses && !isTerminal),
            initialized(isTerminal),
        ]
        let (areReady, reason, message) = containersReady(isTerminal)
        let missing = spec.readinessGates.filter { gate in
            !old.contains { $0["type"]?.stringValue == gate && $0["status"]?.stringValue == "True" }
        }
        if areReady, !missing.isEmpty {
            conditions.append(
                condition(
                    "Ready", false, "ReadinessGatesNotReady",
                    "the status of pod readiness gate \"\(missing[0])\" is not \"True\", but False"))
        } else {
            conditions.append(condition("Ready", areReady, reason, message))
        }
        conditions.append(condition("ContainersReady", areReady, reason, message))
        conditions.append(condition("PodScheduled", true))
        for index in conditions.indices {
            if let generation { conditions[index]["observedGeneration"] = generation }
            let type = conditions[index]["type"]
            let before = old.first { $0["type"] == type }
            let time =
                before?["status"] == conditions[index]["status"] ? before?["lastTransitionTime"] : nil
            conditions[index]["lastTransitionTime"] = time ?? .string(context.now.rfc3339)
        }
        return conditions + old.filter { !Self.ownTypes.contains($0.text("type")) }
    }

    private func condition(_ type: String, _ isTrue: Bool, _ reason: String? = nil, _ message: String? = nil) -> JSON {
        var condition: JSONObject = [
            "type": .string(type), "status": isTrue ? "True" : "False", "lastProbeTime": nil,
        ]
        if let reason { condition["reason"] = .string(reason) }
        if let message { condition["message"] = .string(message) }
        return .object(condition)
    }

    private func initialized(_ isTerminal: Bool) -> JSON {
        let missing = containers.filter { container in
            switch container.role {
            case .initial: !container.hasSucceeded
            case .sidecar: !container.isStarted && stage != .ended && !isTerminal
            case .main: false
            }
        }
        if missing.isEmpty {
            return condition("Initialized", true, phase == .succeeded ? "PodCompleted" : nil)
        }
        return condition(
            "Initialized", false, "ContainersNotInitialized",
            "containers with incomplete status: \(Self.list(missing))")
    }

    private func containersReady(_ isTerminal: Bool) -> (Bool, String?, String?) {
        if phase == .succeeded { return (false, "PodCompleted", nil) }
        if phase == .failed { return (false, "PodFailed", nil) }
        let unready = containers.filter { $0.role != .initial && !$0.isReady }
        if unready.isEmpty { return (true, nil, nil) }
        return (false, "ContainersNotReady", "containers with unready status: \(Self.list(unready))")
    }

    /// `[a b]`, as Go prints a list.
    private static func list(_ containers: [ContainerRecord]) -> String {
        "[" + containers.map(\.spec.name).joined(separator: " ") + "]"
    }

    /// Behaviour: Kubernetes' `ComputePodQOS`, over CPU and memory.
    private var qualityOfService: String {
        var isGuaranteed = true
        var hasAny = false
        for container in containers {
            for resource in ["cpu", "memory"] {
                let limit = container.spec.limits[resource].flatMap { $0.isZero ? nil : $0 }
                let request = container.spec.requests[resource].flatMap { $0.isZero ? nil : $0 }
                if limit != nil || request != nil { hasAny = true }
                if limit == nil || (request != nil && request != limit) { isGuaranteed = false }
            }
        }
        return !hasAny ? "BestEffort" : isGuaranteed ? "Guaranteed" : "Burstable"
    }
}

extension ContainerRecord {
    var stateJSON: JSON {
        switch state {
        case .waiting(let reason, let message):
            var object: JSONObject = ["reason": .string(reason)]
            if let message { object["message"] = .string(message) }
            return ["waiting": .object(object)]
        case .running(let since): return ["running": ["startedAt": .string(since.rfc3339)]]
        case .terminated(let termination): return ["terminated": termination.json]
        }
    }
}
