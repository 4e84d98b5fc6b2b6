import ArgumentParser
import FlowAPI
import KubeClient
import KubeCore

/// `flowengine run`: starts a run of a Job.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Starts a run of a Job, and follows it if asked to.",
        discussion: """
            With --watch the command ends as the run does: with 0 when it succeeded, 1 when it failed, 2 when it was \
            cancelled. Interrupting the command leaves the run alone.

            Examples:
              flowengine run wordcount --watch
              flowengine run hello --param whom=you --watch --logs
            """)

    @OptionGroup var options: ClientOptions

    @Argument(help: "The Job.")
    var job: String

    @Option(
        name: [.customShort("p"), .customLong("param")], parsing: .singleValue,
        help: ArgumentHelp("A parameter's value; may be repeated.", valueName: "name=value"))
    var params: [String] = []

    @Flag(name: .shortAndLong, help: "Show the run's tasks until it ends, then its outputs.")
    var watch = false

    @Flag(help: "With --watch: print the logs of all tasks at the end.")
    var logs = false

    @Option(help: ArgumentHelp("The name of the JobRun; one is made up when absent.", valueName: "name"))
    var name: String?

    func validate() throws {
        if logs, !watch { throw ValidationError("--logs needs --watch") }
    }

    func run() async throws {
        let (client, namespace) = try options.client()
        defer { client.shutdown() }
        let job = try await declaredJob(client, namespace)
        let spec = JobRunSpec(
            job: self.job, params: try values(for: job), trigger: TriggerReference(kind: .manual))
        let problems = spec.validate(against: job.spec)
        guard problems.isEmpty else {
            throw CommandFailure(problems.map { Self.asOption($0) }.joined(separator: "\n"))
        }
        let unique = String(UInt64.random(in: .min ... .max), radix: 36)
        let run = JobRun(
            metadata: ObjectMeta(
                name: name ?? Names.manualRun(job: self.job, unique: unique), namespace: namespace,
                labels: Labels.forJob(engine: job.spec.engine, job: self.job)),
            spec: spec)
        let created = try await client.resource(JobRun.self, namespace: namespace).create(run)
        let runName = created.metadata.name ?? ""
        guard watch else {
            Terminal.write("jobrun.flowengine.io/\(runName) created\n")
            return
        }
        try await follow(runName, of: job, client: client, namespace: namespace)
    }

    private func declaredJob(_ client: APIClient, _ namespace: String) async throws -> Job {
        let jobs = client.resource(Job.self, namespace: namespace)
        guard let job = try await jobs.getIfPresent(self.job) else {
            let names = try await jobs.list(ListOptions(limit: 20)).items.compactMap(\.metadata.name)
            let hint = names.isEmpty ? "there are none" : "there are: \(names.joined(separator: ", "))"
            throw CommandFailure("there is no Job \(self.job) in namespace \(namespace); \(hint)")
        }
        if job.status?.observedGeneration == job.metadata.generation,
            let stalled = job.status?.conditions[type: "Stalled"], stalled.isTrue
        {
            throw CommandFailure("Job \(self.job) cannot run: \(stalled.message)")
        }
        return job
    }

    private func values(for job: Job) throws -> [String: JSON] {
        var values: [String: JSON] = [:]
        for param in params {
            guard let equals = param.firstIndex(of: "=") else {
                throw CommandFailure("--param \(param): write it as name=value", code: 64)
            }
            let name = String(param[..<equals])
            let text = String(param[param.index(after: equals)...])
            values[name] = job.spec.params.first { $0.name == name }?.value(fromText: text) ?? .string(text)
        }
        return values
    }

    private static func asOption(_ problem: FieldProblem) -> String {
        problem.description.replacing("spec.params.", with: "--param ", maxReplacements: 1)
    }

    // MARK: Following

    private func follow(_ name: String, of job: Job, client: APIClient, namespace: String) async throws {
        let terminal = Terminal.standardOutput()
        let display = RunDisplayTicker(display: RunDisplay(terminal: terminal, tasks: job.spec.tasks))
        let follower = RunFollower(client: client, namespace: namespace, name: name)
        let ended = try await display.whileTicking(isInteractive: terminal.isInteractive) {
            try await follower.follow { run in
                await display.show(run)
                if run.status?.phase?.isFinal != true, let stalled = run.status?.conditions[type: "Stalled"],
                    stalled.isTrue
                {
                    throw CommandFailure("the run \(name) waits for somebody: \(stalled.message)")
                }
            }
        }
        if logs {
            try await RunLogs(client: client, namespace: namespace).print(run: name, task: nil, isPrefixed: true)
        }
        Self.printOutputs(of: ended, terminal)
        switch ended.status?.phase {
        case .succeeded: return
        case .cancelled: throw ExitCode(2)
        default:
            if let failure = ended.status?.failed.first {
                Terminal.note("see what it said: flowengine logs \(name) \(failure.task)")
            }
            throw ExitCode(1)
        }
    }

    private static func printOutputs(of run: JobRun, _ terminal: Terminal) {
        for (name, value) in (run.status?.outputs ?? [:]).sorted(by: { $0.key < $1.key }) {
            let text = Template.text(of: value)
            if text.contains("\n") {
                Terminal.write("\(terminal.style.bold(name)):\n")
                for line in text.split(separator: "\n") { Terminal.write("  \(line)\n") }
            } else {
                Terminal.write("\(terminal.style.bold(name)): \(text)\n")
            }
        }
    }
}

/// Redraws a run's tree when it changes and, on a terminal, as its durations grow.
actor RunDisplayTicker {
    private var display: RunDisplay
    private var latest: JobRun?

    init(display: RunDisplay) {
        self.display = display
    }

    func show(_ run: JobRun) {
        latest = run
        draw()
    }

    nonisolated func whileTicking<Value: Sendable>(
        isInteractive: Bool, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard isInteractive else { return try await body() }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                while true {
                    try await Task.sleep(for: .milliseconds(250))
                    await self.draw()
                }
            }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                if let ended { return ended }
            }
            throw CancellationError()
        }
    }

    private func draw() {
        guard let latest else { return }
        Terminal.write(display.update(latest, now: .now()))
    }
}
