import ArgumentParser
import FoundationEssentials
import KubeClient
import KubeCore
import Logging

/// The options of every command that talks to a cluster.
struct ClientOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The kubeconfig file.", valueName: "file"), completion: .file())
    var kubeconfig: String?

    @Option(help: ArgumentHelp("The context of the kubeconfig to use.", valueName: "name"))
    var context: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The namespace; the context's own when absent.", valueName: "name"))
    var namespace: String?

    /// A client that says on standard error what goes wrong beneath it only when that is worth a person's time.
    func client() throws -> (client: APIClient, namespace: String) {
        var configuration = try ClientConfiguration.load(kubeconfigPath: kubeconfig, context: context)
        configuration.userAgent = "flowengine/\(FlowVersion.current)"
        let client = try APIClient(configuration: configuration, logger: Logging.quiet)
        return (client, namespace ?? configuration.namespace)
    }
}

enum Logging {
    /// For commands whose output is for people.
    static var quiet: Logger {
        var logger = Logger(label: "flowengine", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .error
        return logger
    }

    /// For processes that run on.
    static func service(level: Logger.Level) -> Logger {
        var logger = Logger(label: "flowengine", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = level
        return logger
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
