import ArgumentParser
import FlowAPI
import KubeClient
import KubeCore

/// `flowengine logs`: what a run's tasks said.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Prints the logs of a run's tasks.",
        discussion: """
            Of each task and each item of a map, the latest attempt. When there are several, each line says whose it is.

            Examples:
              flowengine logs wordcount-x7k2p reduce
              flowengine logs wordcount-x7k2p count --index 3
              flowengine logs wordcount-x7k2p -f
            """)

    @OptionGroup var options: ClientOptions

    @Argument(help: "The JobRun.")
    var run: String

    @Argument(help: "One of its tasks; all of them when absent.")
    var task: String?

    @Flag(name: .shortAndLong, help: "Go on until the run has ended.")
    var follow = false

    @Option(help: ArgumentHelp("The item of a map, from 0.", valueName: "number"))
    var index: Int?

    @Option(help: ArgumentHelp("The attempt, from 1; the latest when absent.", valueName: "number"))
    var attempt: Int?

    func run() async throws {
        let (client, namespace) = try options.client()
        defer { client.shutdown() }
        let runs = client.resource(JobRun.self, namespace: namespace)
        guard let object = try await runs.getIfPresent(run) else {
            throw CommandFailure("there is no JobRun \(run) in namespace \(namespace); list them: flowengine get runs")
        }
        let logs = RunLogs(client: client, namespace: namespace)
        let selection = RunLogs.Selection(task: task, index: index, attempt: attempt)
        if follow {
            try await LogFollower(logs: logs, run: run, selection: selection).follow()
            return
        }
        let attempts = try await logs.attempts(of: run, selection).filter(\.hasStarted)
        guard !attempts.isEmpty else {
            try explainAbsence(in: object)
            return
        }
        for attempt in attempts {
            try await logs.copy(attempt, follow: false, prefix: attempts.count > 1 ? attempt.prefix : nil)
        }
    }

    private func explainAbsence(in object: JobRun) throws {
        let states = object.status?.taskStates ?? []
        if let task, !states.isEmpty, !states.contains(where: { $0.name == task }) {
            let names = states.map(\.name).joined(separator: ", ")
            throw CommandFailure("the run \(run) has no task \(task); its tasks are: \(names)")
        }
        let state = states.first { $0.name == task }
        let phase = state?.phase.rawValue ?? object.status?.phase?.rawValue ?? "Pending"
        Terminal.note("there is no log yet: \(task ?? run) is \(phase.lowercased())")
    }
}

/// Follows the logs of all of a run's attempts, those to come included, until the run has ended.
struct LogFollower: Sendable {
    let logs: RunLogs
    let run: String
    let selection: RunLogs.Selection

    func follow() async throws {
        let follower = RunFollower(client: logs.client, namespace: logs.namespace, name: run)
        let seen = SeenPods()
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (started, continuation) = AsyncStream<RunLogs.Attempt>.makeStream()
            group.addTask {
                defer { continuation.finish() }
                _ = try await follower.follow { _ in
                    for attempt in try await logs.attempts(of: run, selection)
                    where attempt.hasStarted && seen.insert(attempt.pod.name) {
                        continuation.yield(attempt)
                    }
                }
            }
            for await attempt in started {
                group.addTask {
                    do {
                        try await logs.copy(attempt, follow: true, prefix: attempt.prefix)
                    } catch let error as ClientError where error.isNotFound {
                        // Its pod was deleted while it was read.
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
