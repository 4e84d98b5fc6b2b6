import FlowAPI
import KubeClient
import KubeCore

/// The logs of a run's tasks.
struct RunLogs: Sendable {
    let client: APIClient
    let namespace: String

    /// Which of a run's attempts.
    struct Selection: Sendable {
        var task: String?
        var index: Int?
        /// nil means the latest one of each instance.
        var attempt: Int?
    }

    func print(run: String, task: String?, isPrefixed: Bool) async throws {
        for attempt in try await attempts(of: run, Selection(task: task)) {
            try await copy(attempt, follow: false, prefix: isPrefixed ? attempt.prefix : nil)
        }
    }

    /// An attempt's pod.
    struct Attempt: Sendable {
        var pod: DynamicObject
        var task: String
        var index: Int?
        var number: Int

        /// Puts the line's origin before it.
        var prefix: String { (index.map { "\(task)[\($0)]" } ?? task) + " | " }

        /// Whether its container has said anything yet.
        var hasStarted: Bool {
            let phase = pod.json.at("status", "phase")?.stringValue
            return phase == "Running" || phase == "Succeeded" || phase == "Failed"
        }
    }

    /// The attempts that exist as pods, in the order in which they were made.
    func attempts(of run: String, _ selection: Selection) async throws -> [Attempt] {
        var labels = "\(Labels.run)=\(run)"
        if let task = selection.task { labels += ",\(Labels.task)=\(task)" }
        if let index = selection.index { labels += ",\(Labels.index)=\(index)" }
        let pods = try await client.resource(.pods, namespace: namespace).listAll(ListOptions(labelSelector: labels))
        let all = pods.items.compactMap(Self.attempt)
        let chosen: [Attempt]
        if let number = selection.attempt {
            chosen = all.filter { $0.number == number }
        } else {
            var latest: [String: Attempt] = [:]
            for attempt in all where attempt.number > latest[attempt.prefix]?.number ?? 0 {
                latest[attempt.prefix] = attempt
            }
            chosen = Array(latest.values)
        }
        return chosen.sorted { Self.order($0) < Self.order($1) }
    }

    /// Copies an attempt's log to standard output.
    func copy(_ attempt: Attempt, follow: Bool, prefix: String?) async throws {
        let options = LogOptions(container: "main", follow: follow)
        guard let prefix else {
            for try await bytes in try await client.logs(pod: attempt.pod.name, namespace: namespace, options: options)
            {
                Terminal.write(bytes)
            }
            return
        }
        for try await line in try await client.logLines(pod: attempt.pod.name, namespace: namespace, options: options) {
            Terminal.write(prefix + line + "\n")
        }
    }

    static func attempt(_ pod: DynamicObject) -> Attempt? {
        guard let task = pod.labels[Labels.task], let number = pod.labels[Labels.attempt].flatMap({ Int($0) }) else {
            return nil
        }
        return Attempt(pod: pod, task: task, index: pod.labels[Labels.index].flatMap { Int($0) }, number: number)
    }

    private static func order(_ attempt: Attempt) -> (Timestamp, String, Int, Int) {
        let made = attempt.pod.metadata.creationTimestamp ?? Timestamp(seconds: 0)
        return (made, attempt.task, attempt.index ?? 0, attempt.number)
    }
}
