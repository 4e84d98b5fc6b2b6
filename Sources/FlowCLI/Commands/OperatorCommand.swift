import ArgumentParser
import FlowOperator
import FoundationEssentials
import KubeClient
import Logging
import ServiceLifecycle

/// `flowengine operator`: runs the operator against any cluster.
struct OperatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operator",
        abstract: "Runs the operator against a cluster.",
        discussion: """
            It needs the rights of the chart's ClusterRole and FlowEngine's definitions in the cluster; where those are \
            missing and it may, it installs them. It stops on SIGTERM and SIGINT, and interrupts no running work.

            Examples:
              flowengine operator --kubeconfig ~/.kube/config
              flowengine operator --leader-elect --lease-namespace flowengine-system --health-port 8081
            """)

    @Option(help: ArgumentHelp("The kubeconfig file.", valueName: "file"), completion: .file())
    var kubeconfig: String?

    @Option(help: ArgumentHelp("The context of the kubeconfig to use.", valueName: "name"))
    var context: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Work in this namespace only; in all when absent.", valueName: "name"))
    var namespace: String?

    @Option(help: ArgumentHelp("The image with the agent at /flowengine-agent.", valueName: "image"))
    var agentImage: String = OperatorCommand.defaultAgentImage

    @Flag(help: "Work only while holding a lease, so that several replicas may run.")
    var leaderElect = false

    @Option(help: ArgumentHelp("Where the lease is; the pod's own namespace when absent.", valueName: "name"))
    var leaseNamespace: String?

    @Option(help: ArgumentHelp("Serve /healthz and /readyz on this port.", valueName: "port"))
    var healthPort: Int?

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: Logger.Level = .info

    static let defaultAgentImage = "flowengine/agent:\(FlowVersion.current)"

    func run() async throws {
        var configuration = try ClientConfiguration.load(kubeconfigPath: kubeconfig, context: context)
        configuration.userAgent = "flowengine-operator/\(FlowVersion.current)"
        let logger = Logging.service(level: logLevel)
        let client = try APIClient(configuration: configuration, logger: logger)
        defer { client.shutdown() }
        let options = OperatorOptions(
            namespace: namespace, agentImage: agentImage,
            // Two processes of one host or pod must not take each other's lease for their own.
            identity: leaderElect
                ? Self.identity() + "-" + String(UInt32.random(in: .min ... .max), radix: 36) : Self.identity(),
            leaseNamespace: leaderElect ? leaseNamespace ?? configuration.namespace : nil, healthPort: healthPort)
        logger.info("starting", metadata: ["server": "\(configuration.server)", "identity": "\(options.identity)"])
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: Operator(client: client, options: options, logger: logger))],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: Logging.quiet))
        try await group.run()
        logger.info("stopped")
    }

    /// The pod's name where there is one, which the host name is in a pod.
    static func identity() -> String {
        ProcessInfo.processInfo.environment["POD_NAME"] ?? ProcessInfo.processInfo.hostName
    }
}
