import ArgumentParser
import KubeClient
import KubeCore
import KubeYAML

/// `flowengine apply`: server-side apply of manifests, with errors at their place in the file.
struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Creates or updates the objects in YAML or JSON files.",
        discussion: """
            Uses server-side apply, so that fields that others manage are left alone. FlowEngine's own kinds are checked \
            before anything is sent, and errors name file, line and column.

            Examples:
              flowengine apply -f examples/wordcount/
              cat job.yaml | flowengine apply -f -
            """)

    @OptionGroup var options: ClientOptions

    @Option(
        name: [.short, .customLong("filename")],
        help: ArgumentHelp("A file, a directory of YAML and JSON files, or - for standard input.", valueName: "path"),
        completion: .file())
    var files: [String]

    @Flag(help: "Let the server check everything, and store nothing.")
    var dryRun = false

    @Flag(help: "Take over fields that another manager owns.")
    var force = false

    func run() async throws {
        let manifests = try Manifests.read(files)
        try manifests.validate()
        let (client, namespace) = try options.client()
        defer { client.shutdown() }
        let discovery = client.discovery()
        for document in manifests.documents {
            let outcome = try await apply(document, client: client, discovery: discovery, namespace: namespace)
            Terminal.write(outcome + "\n")
        }
    }

    private func apply(
        _ document: YAMLDocument, client: APIClient, discovery: Discovery, namespace: String
    ) async throws -> String {
        let object = DynamicObject(document.json)
        guard let kind = object.groupVersionKind else {
            throw CommandFailure("\(document.error(at: JSONPointer(tokens: []), "apiVersion or kind is missing"))")
        }
        do throws(ClientError) {
            let type = try await discovery.resolve(kind).type
            let target = type.isNamespaced ? object.namespace ?? namespace : nil
            let resource = client.resource(type, namespace: target)
            let before = try await resource.getIfPresent(object.name)
            let after = try await resource.apply(
                object, fieldManager: "flowengine-cli", force: force,
                options: WriteOptions(dryRun: dryRun, fieldValidation: "Strict"))
            let verb: String
            if before == nil {
                verb = "created"
            } else {
                verb = before?.resourceVersion == after.resourceVersion ? "unchanged" : "configured"
            }
            let singular = type.kind.lowercased()
            let name = type.group.isEmpty ? singular : "\(singular).\(type.group)"
            return "\(name)/\(object.name) \(verb)\(dryRun ? " (dry run)" : "")"
        } catch {
            throw CommandFailure(Manifests.explain(error, in: document))
        }
    }
}
