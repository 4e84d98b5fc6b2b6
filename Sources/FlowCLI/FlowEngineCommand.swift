import ArgumentParser
import KubeClient

/// The root of the command line.
package struct FlowEngineCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "flowengine",
        abstract: "Runs batch, stream and online work on Kubernetes as one declared thing.",
        discussion: """
            Start without a cluster:

              flowengine local up --detach
              export KUBECONFIG=$(flowengine local status -o kubeconfig-path)
              flowengine apply -f examples/hello/
              flowengine run hello --watch

            The commands that talk to a cluster find it as kubectl does: --kubeconfig, KUBECONFIG, ~/.kube/config, or \
            the pod's service account. kubectl works on all of FlowEngine's kinds as well: kubectl get flowengine.

            Shell completion: flowengine --generate-completion-script bash|zsh|fish
            """,
        version: FlowVersion.current,
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(
                name: "Working with a cluster:",
                subcommands: [ApplyCommand.self, GetCommand.self, RunCommand.self, LogsCommand.self]),
            CommandGroup(name: "Running one:", subcommands: [LocalCommand.self, OperatorCommand.self]),
            CommandGroup(name: "Other:", subcommands: [CRDsCommand.self, VersionCommand.self]),
        ])

    package init() {}

    /// Parses the process's arguments and runs the command they name; does not return.
    package static func start() async -> Never {
        ignoreBrokenPipes()
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            exit()
        } catch let failure as CommandFailure {
            Terminal.note("flowengine: \(failure.description)")
            exit(withError: ExitCode(failure.code))
        } catch let error as ClientError {
            Terminal.note("flowengine: \(error.message)")
            exit(withError: ExitCode.failure)
        } catch {
            exit(withError: error)
        }
    }
}
