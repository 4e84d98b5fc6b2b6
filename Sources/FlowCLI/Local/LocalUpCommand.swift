import ArgumentParser
import FlowOperator
import FoundationEssentials
import Glibc
import KubeClient
import KubeCore
import LocalCluster
import Logging
import ServiceLifecycle

/// `flowengine local up`
struct LocalUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Starts the local cluster, in the foreground unless --detach is given.",
        discussion: """
            Examples:
              flowengine local up --detach
              flowengine local up --data-dir ./cluster --port 6443
              flowengine local up --no-operator --kubeconfig kc & flowengine operator --kubeconfig kc
            """)

    @OptionGroup var options: LocalOptions

    @Flag(help: "Return when it is ready, and leave it running.")
    var detach = false

    @Flag(name: .customLong("no-operator"), help: "Only the cluster: run the operator apart, or none.")
    var hasNoOperator = false

    @Option(help: ArgumentHelp("The API server's port; a free one when absent.", valueName: "port"))
    var port: Int = 0

    @Option(
        help: ArgumentHelp("Where to write the kubeconfig; in the state's directory when absent.", valueName: "file"),
        completion: .file())
    var kubeconfig: String?

    @Option(
        help: ArgumentHelp("The agent to give to pods; the one beside this program when absent.", valueName: "file"),
        completion: .file())
    var agent: String?

    @Option(
        name: .customLong("image"), parsing: .singleValue,
        help: ArgumentHelp(
            "An image that stands for a program of this machine; may be repeated.", valueName: "name=program"))
    var images: [String] = []

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: Logger.Level = .notice

    /// Set by `--detach` for the process that stays.
    @Flag(help: .hidden)
    var notifyReady = false

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port must be between 0 and 65535") }
    }

    func run() async throws {
        let began = ContinuousClock.now
        let state = options.state
        try state.createDirectory()
        if detach {
            try detached(state)
            try announce(state, after: .now - began)
        } else {
            try await serve(state, began: began)
        }
    }

    // MARK: In the background

    private func detached(_ state: LocalState) throws {
        if let record = try state.running() { throw Self.alreadyRuns(record) }
        var arguments = CommandLine.arguments.dropFirst().filter { $0 != "--detach" }
        arguments.append("--notify-ready")
        _ = try DetachedProcess(arguments: Array(arguments), logPath: state.logPath).start()
    }

    private func announce(_ state: LocalState, after time: Duration) throws {
        guard let record = try state.running() else {
            throw CommandFailure("the local cluster ended at once; see \(state.logPath)")
        }
        Terminal.write("\(record.summary)\nReady after \(Self.seconds(time)).\n")
    }

    private static func alreadyRuns(_ record: LocalState.Record) -> CommandFailure {
        CommandFailure(
            "a local cluster runs already at \(record.server) (pid \(record.pid)); stop it: flowengine local down")
    }

    private static func seconds(_ time: Duration) -> String {
        time.formatted(.units(allowed: [.seconds], width: .abbreviated, fractionalPart: .show(length: 2)))
    }

    // MARK: In this process

    private func serve(_ state: LocalState, began: ContinuousClock.Instant) async throws {
        guard let lock = try ProcessLock(state.lockPath) else {
            if let record = try state.running() { throw Self.alreadyRuns(record) }
            throw CommandFailure("a local cluster is just starting from \(state.directory)")
        }
        // The terminal's interrupts are not meant for a process that stays in the background.
        if notifyReady { _ = setsid() }
        let logger = Logging.service(level: logLevel)
        let cluster = Cluster(
            options: ClusterOptions(
                port: port, dataDirectory: options.dataDir.map(LocalState.absolute), node: try node(in: state)),
            logger: logger)
        let endpoint = try await cluster.start()
        let kubeconfigPath = kubeconfig.map(LocalState.absolute) ?? state.defaultKubeconfigPath
        try LocalState.write(endpoint.kubeconfig(name: "flowengine-local"), to: kubeconfigPath)
        defer { state.removeFiles(kubeconfig: kubeconfigPath) }
        let record = LocalState.Record(
            pid: getpid(), server: endpoint.url, kubeconfig: kubeconfigPath, startedAt: .now())

        do {
            try await run(cluster, record: record, state: state, logger: logger, began: began)
        } catch {
            await cluster.stop()
            throw error
        }
        await cluster.stop()
        withExtendedLifetime(lock) {}
    }

    private func run(
        _ cluster: Cluster, record: LocalState.Record, state: LocalState, logger: Logger,
        began: ContinuousClock.Instant
    ) async throws {
        var readiness: @Sendable () async throws -> Void = {}
        var services: [any Service] = []
        if !hasNoOperator {
            var configuration = try ClientConfiguration.load(kubeconfigPath: record.kubeconfig)
            configuration.userAgent = "flowengine-operator/\(FlowVersion.current)"
            let client = try APIClient(configuration: configuration, logger: logger)
            try await CustomResources(client: client, logger: logger).install()
            let made = Operator(
                client: client,
                options: OperatorOptions(
                    agentImage: OperatorCommand.defaultAgentImage, identity: OperatorCommand.identity()),
                logger: logger)
            services.append(made)
            readiness = { try await made.waitUntilReady() }
        }
        services.append(
            ReadyNotice { [readiness] in
                try await readiness()
                try state.write(record)
                if notifyReady {
                    Self.notify()
                } else {
                    Terminal.write("\(record.summary)\nReady after \(Self.seconds(.now - began)). Stop with Ctrl-C.\n")
                }
            })
        try await ServiceGroup(
            configuration: .init(
                services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: Logging.quiet)
        ).run()
    }

    private func node(in state: LocalState) throws -> NodeOptions {
        var table = ImageTable.standard(
            agentProgram: try agent.map(LocalState.absolute) ?? Self.siblingAgent())
        for mapping in images where !table.add(mapping: mapping) {
            throw CommandFailure(
                "--image \(mapping): write it as name=program, such as node:22=/usr/bin/node", code: 64)
        }
        return NodeOptions(
            directory: state.nodePath, claimDirectory: state.claimsPath, images: table)
    }

    /// Tells the process that started this one that it may return.
    private static func notify() {
        var byte: UInt8 = 1
        // Whoever started this one is gone, and nobody would ever stop it.
        if write(DetachedProcess.readyDescriptor, &byte, 1) != 1 { kill(getpid(), SIGTERM) }
        close(DetachedProcess.readyDescriptor)
    }

    private static func siblingAgent() throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path =
            own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            + "/flowengine-agent"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw CommandFailure(
                "there is no \(path); build it (swift build --product flowengine-agent), or name one with --agent")
        }
        return path
    }
}

/// Does one thing when everything before it runs, and then waits for the end.
private struct ReadyNotice: Service {
    let body: @Sendable () async throws -> Void

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await body()
            try await gracefulShutdown()
        }
    }
}
