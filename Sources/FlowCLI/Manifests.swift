import FlowAPI
import FoundationEssentials
import KubeClient
import KubeCore
import KubeYAML

/// Objects read from files, each with the places of its fields.
struct Manifests {
    var documents: [YAMLDocument]

    /// Reads files, directories (their .yaml, .yml and .json files in the order of names) and `-`.
    static func read(_ paths: [String]) throws -> Manifests {
        var documents: [YAMLDocument] = []
        for path in paths {
            for file in try expand(path) {
                do {
                    let name = file == "-" ? "<stdin>" : file
                    documents += try YAMLDocument.parseAll(try bytes(of: file), file: name).flatMap(items)
                } catch let error as YAMLError {
                    throw CommandFailure(error.description)
                }
            }
        }
        guard !documents.isEmpty else {
            throw CommandFailure("there is no object in \(paths.joined(separator: ", "))")
        }
        return Manifests(documents: documents)
    }

    /// Checks FlowEngine's own kinds as the operator would, and reports everything that is wrong at once.
    func validate() throws {
        var complaints: [String] = []
        let engines = try documents.compactMap { try Self.decode(Engine.self, from: $0) }
        for document in documents {
            let kind = GroupVersionKind(document.json)
            let definition = CustomResourceDefinition.all.first { $0.resourceType.groupVersionKind == kind }
            var problems = definition?.unknownFields(in: document.json) ?? []
            if let engine = try Self.decode(Engine.self, from: document) {
                problems += engine.spec.validate()
            } else if let job = try Self.decode(Job.self, from: document) {
                // An Engine in the same files is the one that the Job will meet.
                let engine = engines.first {
                    $0.metadata.name == job.spec.engine && $0.metadata.namespace == job.metadata.namespace
                }
                problems += job.spec.validate(engine: engine?.spec)
            }
            complaints += problems.map { problem in
                document.error(at: JSONPointer(fieldPath: problem.field), problem.description).description
            }
        }
        guard complaints.isEmpty else { throw CommandFailure(complaints.joined(separator: "\n")) }
    }

    /// A server's answer, with the place of each field that it complains of.
    static func explain(_ error: ClientError, in document: YAMLDocument) -> String {
        let causes = error.status?.details?.causes ?? []
        let lines = causes.compactMap { cause -> String? in
            guard let field = cause.field, !field.isEmpty, field != "<nil>" else { return nil }
            let pointer = JSONPointer(fieldPath: field)
            return document.error(at: pointer, "\(field): \(cause.message ?? "invalid")").description
        }
        if !lines.isEmpty { return lines.joined(separator: "\n") }
        let position = document.position
        return "\(document.file ?? "<stdin>"):\(position): \(error.message)"
    }

    private static func decode<Object: KubeObject>(_ type: Object.Type, from document: YAMLDocument) throws -> Object? {
        guard GroupVersionKind(document.json) == Object.resourceType.groupVersionKind else { return nil }
        do {
            return try JSONTreeDecoder().decode(type, from: document.json)
        } catch {
            throw CommandFailure(document.error(at: JSONPointer(fieldPath: error.path), error.description).description)
        }
    }

    /// A `List` is what it holds.
    private static func items(_ document: YAMLDocument) -> [YAMLDocument] {
        guard document.json["kind"] == "List", let items = document.json["items"]?.arrayValue else { return [document] }
        return items.indices.compactMap { document.part(at: JSONPointer(tokens: ["items", String($0)])) }
    }

    private static func expand(_ path: String) throws -> [String] {
        guard path != "-" else { return ["-"] }
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw CommandFailure("there is no file or directory \(path)")
        }
        guard isDirectory else { return [path] }
        let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { name in
            [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) }
        }
        guard !names.isEmpty else { throw CommandFailure("\(path) has no .yaml, .yml or .json file") }
        let base = path.hasSuffix("/") ? path : path + "/"
        return names.sorted().map { base + $0 }
    }

    private static func bytes(of file: String) throws -> [UInt8] {
        if file == "-" { return Terminal.readStandardInput() }
        guard let data = FileManager.default.contents(atPath: file) else { throw CommandFailure("cannot read \(file)") }
        return Array(data)
    }
}
