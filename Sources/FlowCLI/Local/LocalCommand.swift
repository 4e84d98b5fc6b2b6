import ArgumentParser
import FoundationEssentials
import Glibc
import KubeCore
import KubeYAML

/// `flowengine local`: a cluster for development, in one process.
struct LocalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "local",
        abstract: "Runs a Kubernetes API, a node and the operator in one process on this machine.",
        discussion: """
            Pods run as local processes. Images are names for programs of this machine: busybox, debian, python:3 …
            """,
        subcommands: [LocalUpCommand.self, LocalDownCommand.self, LocalStatusCommand.self])
}

/// What tells one local cluster from another.
struct LocalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Keep the objects here; without it they live in memory, and the state in ~/.local/state/flowengine/local.",
            valueName: "directory"),
        completion: .directory)
    var dataDir: String?

    var state: LocalState { LocalState(dataDirectory: dataDir) }
}

/// `flowengine local down`
struct LocalDownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Stops the local cluster and all of its pods.")

    @OptionGroup var options: LocalOptions

    func run() async throws {
        let state = options.state
        guard let record = try state.running() else {
            Terminal.note("no local cluster runs from \(state.directory)")
            return
        }
        let endedByItself = try await ProcessLock.end(holder: record.pid, of: state.lockPath, patience: .seconds(30))
        state.removeFiles(kubeconfig: record.kubeconfig)
        guard endedByItself else {
            throw CommandFailure("the local cluster (pid \(record.pid)) did not stop within 30 s and was killed")
        }
        Terminal.write("The local cluster has stopped.\n")
    }
}

/// `flowengine local status`
struct LocalStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Tells whether a local cluster runs, and where.",
        discussion: "Ends with 0 when it runs, 1 when it does not.")

    @OptionGroup var options: LocalOptions

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json, yaml
        case kubeconfigPath = "kubeconfig-path"
    }

    @Option(name: .shortAndLong, help: ArgumentHelp("text, json, yaml or kubeconfig-path.", valueName: "format"))
    var output: Format = .text

    func run() async throws {
        let state = options.state
        guard let record = try state.running() else {
            throw CommandFailure(
                "no local cluster runs from \(state.directory); start one: flowengine local up --detach")
        }
        switch output {
        case .text: Terminal.write(record.summary + "\n")
        case .kubeconfigPath: Terminal.write(record.kubeconfig + "\n")
        case .json: Terminal.write(try JSONTreeEncoder().encode(record).encodedString(.pretty) + "\n")
        case .yaml: Terminal.write(YAMLWriter.write(try JSONTreeEncoder().encode(record)))
        }
    }
}

extension LocalState.Record {
    var summary: String {
        """
        The local cluster runs at \(server) (pid \(pid)).
          export KUBECONFIG=\(kubeconfig)
        """
    }
}
