import ArgumentParser
import KubeClient
import KubeCore
import KubeYAML

/// How results are printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, wide, name, json, yaml
}

/// `flowengine get`: the server's tables, or whole objects.
struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Shows objects; without arguments, all of FlowEngine's.",
        discussion: """
            A kind may be written as kubectl takes it: engines, eng, jobs.flowengine.io, run, pods …

            Examples:
              flowengine get
              flowengine get runs -A
              flowengine get run wordcount-x7k2p -o yaml
            """)

    @OptionGroup var options: ClientOptions

    @Argument(help: "A kind or category.")
    var kind: String = "flowengine"

    @Argument(help: "The objects' names; all of the kind when absent.")
    var names: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("table, wide, name, json or yaml.", valueName: "format"))
    var output: OutputFormat = .table

    @Flag(name: [.customShort("A"), .long], help: "In all namespaces.")
    var allNamespaces = false

    @Option(
        name: [.customShort("l"), .long], help: ArgumentHelp("Only objects with these labels.", valueName: "query"))
    var selector: String?

    func run() async throws {
        let (client, ownNamespace) = try options.client()
        defer { client.shutdown() }
        var matches = try await client.discovery().resolve(kind)
        // Kubernetes has Jobs too; here the short word means FlowEngine's.
        if matches.contains(where: { $0.type.group == "flowengine.io" }) {
            matches = matches.filter { $0.type.group == "flowengine.io" }
        }
        let isSingle = matches.count == 1
        guard names.isEmpty || isSingle else {
            throw CommandFailure("\(kind) stands for several kinds; name one of them to get objects by name")
        }
        var printed = 0
        for match in matches {
            let namespace = match.type.isNamespaced && !allNamespaces ? ownNamespace : nil
            printed += try await show(
                match.type, namespace: namespace, client: client, heading: !isSingle, first: printed == 0)
        }
        if printed == 0 {
            Terminal.note(allNamespaces ? "No resources found." : "No resources found in namespace \(ownNamespace).")
        }
    }

    /// - Returns: how many objects were shown.
    private func show(
        _ type: ResourceType, namespace: String?, client: APIClient, heading: Bool, first: Bool
    ) async throws -> Int {
        switch output {
        case .table, .wide:
            let tables = try await tables(type, namespace: namespace, client: client)
            let prefix = heading ? type.kind.lowercased() + "." + type.group + "/" : ""
            let text = ServerTable.render(
                tables, isWide: output == .wide, showsNamespace: allNamespaces && type.isNamespaced, prefix: prefix)
            let count = tables.reduce(0) { $0 + ($1["rows"]?.arrayValue?.count ?? 0) }
            if count > 0 { Terminal.write((first ? "" : "\n") + text) }
            return count
        case .name, .json, .yaml:
            let objects = try await objects(type, namespace: namespace, client: client)
            guard !objects.isEmpty else { return 0 }
            if output == .name {
                for object in objects {
                    let suffix = type.group.isEmpty ? "" : "." + type.group
                    Terminal.write("\(type.kind.lowercased())\(suffix)/\(object.name)\n")
                }
            } else {
                let isOne = names.count == 1
                let json: JSON =
                    isOne
                    ? objects[0].json
                    : ["apiVersion": "v1", "kind": "List", "items": .array(objects.map(\.json))]
                Terminal.write(output == .json ? json.encodedString(.pretty) + "\n" : YAMLWriter.write(json))
            }
            return objects.count
        }
    }

    private func objects(_ type: ResourceType, namespace: String?, client: APIClient) async throws -> [DynamicObject] {
        let resource = client.resource(type, namespace: namespace)
        guard !names.isEmpty else {
            return try await resource.listAll(ListOptions(labelSelector: selector)).items
        }
        var objects: [DynamicObject] = []
        for name in names { objects.append(try await resource.get(name)) }
        return objects
    }

    private func tables(_ type: ResourceType, namespace: String?, client: APIClient) async throws -> [JSON] {
        func table(_ request: APIRequest) async throws -> JSON {
            var request = request
            request.headers.append(("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"))
            return try await client.json(request)
        }
        guard !names.isEmpty else {
            return [
                try await table(.list(type, namespace: namespace, options: ListOptions(labelSelector: selector)))
            ]
        }
        var tables: [JSON] = []
        for name in names { tables.append(try await table(.get(type, namespace: namespace, name: name))) }
        return tables
    }
}
