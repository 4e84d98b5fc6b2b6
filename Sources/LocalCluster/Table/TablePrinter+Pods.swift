import KubeCore

extension TablePrinter {
    static let pods: [String: TablePrinter] = [
        "/Pod": TablePrinter(
            [
                .name, Column("Ready"), Column("Status"), Column("Restarts"), .age, .wide("IP"), .wide("Node"),
                .wide("Nominated Node"), .wide("Readiness Gates"),
            ], conditions: PodCells.conditions, cells: PodCells.cells),
        "/PodTemplate": TablePrinter([
            .name, Column("Containers"), Column("Images"), Column("Pod Labels"),
        ]) { object, _ in
            [object.name] + WorkloadCells.containers(object["template"])
                + [object.at("template", "metadata", "labels")?.labelText ?? "<none>"]
        },
    ]
}

/// The cells of pods.
enum PodCells {
    static func cells(_ pod: JSON, _ now: Timestamp) -> [JSON] {
        let summary = Summary(pod)
        return [
            pod.name, .string("\(summary.ready)/\(summary.total)"), .string(summary.reason),
            .string(summary.restartText(now)),
            pod.age(now), (pod.elements("status", "podIPs").first?.text("ip") ?? pod.text("status", "podIP")).cell(),
            pod.text("spec", "nodeName").cell(), pod.text("status", "nominatedNodeName").cell(), gates(pod),
        ]
    }

    /// Ended pods are marked, so that clients can hide them.
    static func conditions(_ pod: JSON) -> [JSON] {
        switch pod.text("status", "phase") {
        case "Succeeded":
            [
                [
                    "type": "Completed", "status": "True", "reason": "Succeeded",
                    "message": "The pod has completed successfully.",
                ]
            ]
        case "Failed":
            [["type": "Completed", "status": "True", "reason": "Failed", "message": "The pod failed."]]
        default: []
        }
    }

    private static func gates(_ pod: JSON) -> JSON {
        let gates = pod.elements("spec", "readinessGates")
        guard !gates.isEmpty else { return "<none>" }
        let passed = gates.filter { gate in
            pod.elements("status", "conditions").contains {
                $0["type"] == gate["conditionType"] && $0.text("status") == "True"
            }
        }
        return .string("\(passed.count)/\(gates.count)")
    }

    /// What the states of a pod's containers come to.
    struct Summary {
        var ready = 0
        var total: Int
        var reason: String
        private var restarts: Int64 = 0
        private var sidecarRestarts: Int64 = 0
        private var lastRestart: Timestamp?
        private var lastSidecarRestart: Timestamp?

        init(_ pod: JSON) {
            total = pod.elements("spec", "containers").count
            reason = pod.text("status", "reason")
            if reason.isEmpty { reason = pod.text("status", "phase") }
            if pod.elements("status", "conditions").contains(where: {
                $0.text("type") == "PodScheduled" && $0.text("reason") == "SchedulingGated"
            }) {
                reason = "SchedulingGated"
            }
            let isInitializing = initialize(pod)
            if !isInitializing || isInitialized(pod) { readContainers(pod) }
            if pod.at("metadata", "deletionTimestamp") != nil {
                if pod.text("status", "reason") == "NodeLost" {
                    reason = "Unknown"
                } else if !["Succeeded", "Failed"].contains(pod.text("status", "phase")) {
                    reason = "Terminating"
                }
            }
        }

        private func isInitialized(_ pod: JSON) -> Bool {
            pod.elements("status", "conditions").contains {
                $0.text("type") == "Initialized" && $0.text("status") == "True"
            }
        }

        /// Reads the init containers; true when one of them holds the pod up.
        private mutating func initialize(_ pod: JSON) -> Bool {
            let specs = pod.elements("spec", "initContainers")
            let sidecars = Set(specs.filter { $0.text("restartPolicy") == "Always" }.map { $0.text("name") })
            total += sidecars.count
            let statuses = pod.elements("status", "initContainerStatuses")
            for (index, status) in statuses.enumerated() {
                let isSidecar = sidecars.contains(status.text("name"))
                count(status, isSidecar: isSidecar)
                let state = status["state"] ?? .null
                if state.at("terminated", "exitCode") == 0 { continue }
                if isSidecar, status.flag("started") {
                    if status.flag("ready") { ready += 1 }
                    continue
                }
                if let terminated = state["terminated"] {
                    reason = "Init:" + Self.reason(terminated)
                } else if let waiting = state["waiting"]?.text("reason"), !waiting.isEmpty, waiting != "PodInitializing"
                {
                    reason = "Init:" + waiting
                } else {
                    reason = "Init:\(index)/\(specs.count)"
                }
                return true
            }
            return false
        }

        private mutating func readContainers(_ pod: JSON) {
            restarts = sidecarRestarts
            lastRestart = lastSidecarRestart
            var hasRunning = false
            for status in pod.elements("status", "containerStatuses").reversed() {
                count(status, isSidecar: false)
                let state = status["state"] ?? .null
                if let waiting = state["waiting"]?.text("reason"), !waiting.isEmpty {
                    reason = waiting
                } else if let terminated = state["terminated"] {
                    reason = Self.reason(terminated)
                } else if status.flag("ready"), state["running"] != nil {
                    hasRunning = true
                    ready += 1
                }
            }
            if reason == "Completed", hasRunning {
                let isReady = pod.elements("status", "conditions").contains {
                    $0.text("type") == "Ready" && $0.text("status") == "True"
                }
                reason = isReady ? "Running" : "NotReady"
            }
        }

        private static func reason(_ terminated: JSON) -> String {
            let reason = terminated.text("reason")
            if !reason.isEmpty { return reason }
            let signal = terminated.int("signal") ?? 0
            return signal != 0 ? "Signal:\(signal)" : "ExitCode:\(terminated.int("exitCode") ?? 0)"
        }

        private mutating func count(_ status: JSON, isSidecar: Bool) {
            let number = status.int("restartCount") ?? 0
            restarts = restarts.addingReportingOverflow(number).partialValue
            let ended = Timestamp(rfc3339: status.text("lastState", "terminated", "finishedAt"))
            if let ended, lastRestart.map({ $0 < ended }) ?? true { lastRestart = ended }
            guard isSidecar else { return }
            sidecarRestarts = sidecarRestarts.addingReportingOverflow(number).partialValue
            if let ended, lastSidecarRestart.map({ $0 < ended }) ?? true { lastSidecarRestart = ended }
        }

        func restartText(_ now: Timestamp) -> String {
            guard restarts != 0, let lastRestart else { return String(restarts) }
            return "\(restarts) (\(HumanDuration.since(.string(lastRestart.rfc3339), now: now)) ago)"
        }
    }
}
