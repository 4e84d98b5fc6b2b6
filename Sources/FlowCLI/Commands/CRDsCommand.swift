import ArgumentParser
import FlowAPI
import FoundationEssentials

/// `flowengine crds`: the CustomResourceDefinitions of this release.
struct CRDsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crds",
        abstract: "Prints the CustomResourceDefinitions, or writes them to a directory.",
        discussion: """
            Examples:
              flowengine crds | kubectl apply --server-side -f -
              flowengine crds --output crds
            """)

    @Option(
        help: ArgumentHelp("Write one file for each kind to this directory.", valueName: "directory"),
        completion: .directory)
    var output: String?

    func run() throws {
        guard let output else {
            Terminal.write(CustomResourceDefinition.all.map(\.yaml).joined(separator: "---\n"))
            return
        }
        do {
            try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
            for definition in CustomResourceDefinition.all {
                try Data(definition.yaml.utf8).write(to: URL(filePath: output + "/" + definition.fileName))
            }
        } catch {
            throw CommandFailure("cannot write to \(output): \(error)")
        }
    }
}

/// `flowengine version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Prints the version.")

    @Option(name: .shortAndLong, help: ArgumentHelp("text or json.", valueName: "format"))
    var output: Format = .text

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    func run() {
        switch output {
        case .text: Terminal.write("flowengine \(FlowVersion.current)\n")
        case .json: Terminal.write("{\"version\": \"\(FlowVersion.current)\", \"api\": \"\(FlowGroup.apiVersion)\"}\n")
        }
    }
}
