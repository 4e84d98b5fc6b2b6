import FlowAPI
import FlowKernel
import KubeCore

/// Reads from a pod what the kernel wants to know of an attempt.
enum PodObserver {
    /// nil for a pod that is no attempt of the run with this UID, whatever its labels claim.
    static func observe(_ pod: DynamicObject, runUID: String) -> AttemptObservation? {
        guard pod.ownerReferences.contains(where: { $0.uid == runUID && $0.controller == true }),
            let task = pod.labels[Labels.task],
            let number = pod.labels[Labels.attempt].flatMap(Int.init), (1...maxAttempts).contains(number)
        else { return nil }
        let index = pod.labels[Labels.index].flatMap(Int.init)
        if let index, !(0..<PlannedTask.maxItems).contains(index) { return nil }
        let status = pod.json["status"]
        let main = mainState(status)
        let terminated = main?["terminated"]
        return AttemptObservation(
            id: AttemptID(InstanceID(task: task, index: index), number: number),
            pod: pod.name,
            phase: phase(pod, status: status, main: main),
            createdAt: time(pod.json.at("metadata", "creationTimestamp")) ?? .now(),
            startedAt: time(terminated?["startedAt"]) ?? time(main?.at("running", "startedAt"))
                ?? time(status?["startTime"]),
            finishedAt: time(terminated?["finishedAt"]),
            isTerminating: pod.deletionTimestamp != nil, isPlaced: isPlaced(pod))
    }

    private static func phase(_ pod: DynamicObject, status: JSON?, main: JSON?) -> AttemptObservation.Phase {
        switch status?["phase"]?.stringValue {
        case "Succeeded":
            return succeeded(pod, main)
        case "Failed":
            return .failed(failure(pod, status: status, main: main))
        case "Running" where main?["terminated"] == nil:
            return .running
        default:
            if pod.deletionTimestamp != nil, !isPlaced(pod) {
                // No kubelet will ever confirm the end of a pod that has no node.
                return .failed(Failure(.lost, "its pod was deleted before it was placed on a node"))
            }
            if status?["phase"]?.stringValue == "Running" { return .running }
            return .pending(stuck: obstacle(status))
        }
    }

    private static func isPlaced(_ pod: DynamicObject) -> Bool {
        pod.json.at("spec", "nodeName")?.stringValue?.isEmpty == false
    }

    /// More than any retry policy grants: labels are only labels, and numbers from them must stay numbers.
    private static let maxAttempts = 100_000

    private static func succeeded(_ pod: DynamicObject, _ main: JSON?) -> AttemptObservation.Phase {
        switch TerminationReport(main?.at("terminated", "message")?.stringValue) {
        case .outputs(let outputs): .succeeded(outputs: outputs)
        case .error(_, let message): .failed(Failure(.outputInvalid, message))
        case .none where declaresOutputs(pod):
            .failed(Failure(.outputInvalid, "it succeeded, but what it handed out was not found in its pod's status"))
        case .none: .succeeded(outputs: [:])
        }
    }

    private static func declaresOutputs(_ pod: DynamicObject) -> Bool {
        let containers = pod.json.at("spec", "containers")?.arrayValue ?? []
        let main = containers.first { $0["name"]?.stringValue == PodBuilder.mainContainer }
        return main?["env"]?.arrayValue?.contains { $0["name"] == "FLOWENGINE_OUTPUT_NAMES" } ?? false
    }

    private static func failure(_ pod: DynamicObject, status: JSON?, main: JSON?) -> Failure {
        let reason = status?["reason"]?.stringValue
        let message = status?["message"]?.stringValue
        if reason == "DeadlineExceeded" {
            return Failure(.timeout, "it took longer than its timeout")
        }
        if pod.deletionTimestamp != nil {
            return Failure(.lost, "its pod was deleted")
        }
        if let reason, ["Evicted", "Preempting", "NodeLost", "Shutdown", "NodeShutdown", "Terminated"].contains(reason)
        {
            return Failure(.lost, [reason, message].compactMap(\.self).joined(separator: ": "))
        }
        for container in status?["initContainerStatuses"]?.arrayValue ?? [] {
            guard let ended = container.at("state", "terminated"), let code = ended["exitCode"]?.intValue, code != 0
            else { continue }
            let detail = ended["message"]?.stringValue ?? ended["reason"]?.stringValue ?? "exit code \(code)"
            return Failure(.startFailed, "the agent could not be installed: \(detail)")
        }
        guard let ended = main?["terminated"], let code = ended["exitCode"]?.intValue else {
            return Failure(.lost, message ?? reason ?? "its pod failed without a word")
        }
        let exitCode = Int(code)
        if case .error(let reason, let message) = TerminationReport(ended["message"]?.stringValue) {
            return Failure(reason, message, exitCode: exitCode)
        }
        switch ended["reason"]?.stringValue {
        case "OOMKilled":
            return Failure(.error, "it was killed for using more memory than its limit", exitCode: exitCode)
        case "ContainerCannotRun", "StartError":
            let message = ended["message"]?.stringValue ?? "its container cannot run"
            return Failure(.startFailed, message, exitCode: exitCode)
        default:
            let how = code > 128 ? "was ended by signal \(code - 128)" : "exited with code \(code)"
            return Failure(.error, "its command \(how)", exitCode: exitCode)
        }
    }

    /// Why a pod that has not begun cannot begin; nil when it is only on its way.
    private static func obstacle(_ status: JSON?) -> String? {
        let statuses =
            (status?["initContainerStatuses"]?.arrayValue ?? []) + (status?["containerStatuses"]?.arrayValue ?? [])
        for container in statuses {
            guard let waiting = container.at("state", "waiting"), let reason = waiting["reason"]?.stringValue,
                !["ContainerCreating", "PodInitializing"].contains(reason)
            else { continue }
            return [reason, waiting["message"]?.stringValue].compactMap(\.self).joined(separator: ": ")
        }
        for condition in status?["conditions"]?.arrayValue ?? []
        where condition["type"] == "PodScheduled" && condition["status"] == "False" {
            return condition["message"]?.stringValue ?? condition["reason"]?.stringValue
        }
        return nil
    }

    private static func mainState(_ status: JSON?) -> JSON? {
        status?["containerStatuses"]?.arrayValue?.first { $0["name"]?.stringValue == PodBuilder.mainContainer }?[
            "state"]
    }

    private static func time(_ value: JSON?) -> Timestamp? {
        value?.stringValue.flatMap(Timestamp.init(rfc3339:))
    }
}

/// What the agent left in the container's termination message.
enum TerminationReport {
    case outputs(JSONObject)
    case error(FailureReason, String)
    /// Nothing that the agent writes.
    case none

    init(_ text: String?) {
        guard let text, let report = try? JSON.parse(text) else {
            self = .none
            return
        }
        if let error = report["error"] {
            let message = error["message"]?.stringValue ?? "the agent gave no reason"
            switch error["reason"]?.stringValue {
            case let reason? where reason.hasPrefix("Output"): self = .error(.outputInvalid, message)
            case "CommandNotFound", "CommandNotExecutable": self = .error(.startFailed, message)
            default: self = .error(.error, message)
            }
        } else if let outputs = report["outputs"]?.objectValue {
            self = .outputs(outputs)
        } else {
            self = .none
        }
    }
}
