import KubeCore
import KubeYAML

/// One kubeconfig file.
struct KubeconfigFile: Sendable {
    let path: String
    let document: YAMLDocument?

    var json: JSON { document?.json ?? .null }

    /// Relative paths in a kubeconfig are relative to it.
    func resolve(_ path: String) -> String {
        guard !path.isEmpty, !path.hasPrefix("/") else { return path }
        guard let slash = self.path.lastIndex(of: "/") else { return path }
        return String(self.path[...slash]) + path
    }

    func error(_ tokens: [String], _ message: String) -> ClientError {
        guard let document else { return ClientError(.configuration, "\(path): \(message)") }
        let position = document.nearestPosition(of: JSONPointer(tokens: tokens))
        return ClientError(.configuration, "\(path):\(position.line):\(position.column): \(message)")
    }
}

/// A named cluster, user or context with where it came from.
struct KubeconfigEntry: Sendable {
    let name: String
    let value: JSON
    let file: KubeconfigFile
    /// Of `value` in the file.
    let place: [String]

    func error(_ field: String, _ message: String) -> ClientError {
        file.error(place + field.split(separator: ".").map(String.init), message)
    }

    /// A field's text; nil when it is absent or empty, an error when it is something else.
    func text(_ field: String) throws(ClientError) -> String? {
        guard let found = value.at(field.split(separator: ".").map(String.init)), !found.isNull else { return nil }
        guard let text = found.stringValue else {
            throw error(field, "`\(field)` must be a text, not \(found.encodedString()). Put it in quotes.")
        }
        return text.isEmpty ? nil : text
    }

    func flag(_ field: String) throws(ClientError) -> Bool {
        guard let found = value[field], !found.isNull else { return false }
        guard let flag = found.boolValue else {
            throw error(field, "`\(field)` must be true or false, not \(found.encodedString()).")
        }
        return flag
    }

    func texts(_ field: String) throws(ClientError) -> [String] {
        guard let found = value.at(field.split(separator: ".").map(String.init)), !found.isNull else { return [] }
        guard let elements = found.arrayValue else { throw error(field, "`\(field)` must be a list.") }
        var texts: [String] = []
        for (index, element) in elements.enumerated() {
            guard let text = element.stringValue else {
                throw error(
                    "\(field).\(index)",
                    "`\(field)[\(index)]` must be a text, not \(element.encodedString()). Put it in quotes.")
            }
            texts.append(text)
        }
        return texts
    }

    /// Base64 in `FIELD-data`, else a path in `FIELD`.
    func source(_ field: String) throws(ClientError) -> ClientConfiguration.DataSource? {
        if let encoded = try text("\(field)-data") {
            guard let bytes = Base64.decode(encoded.utf8.filter { $0 != 32 && $0 != 9 }) else {
                throw error(
                    "\(field)-data",
                    "`\(field)-data` is not base64. Encode the PEM file with `base64 -w0`, or name it in `\(field)`.")
            }
            return .data(bytes)
        }
        return try text(field).map { .file(file.resolve($0)) }
    }
}

/// The kubeconfig files that count here, merged as kubectl merges them: of entries of the same name, and of the
/// current context, the first file's is taken whole.
struct Kubeconfig: Sendable {
    private(set) var files: [KubeconfigFile] = []
    private(set) var currentContext: String?
    private(set) var clusters: [String: KubeconfigEntry] = [:]
    private(set) var users: [String: KubeconfigEntry] = [:]
    private(set) var contexts: [String: KubeconfigEntry] = [:]

    /// For messages: the files' names.
    var title: String { files.map(\.path).joined(separator: ", ") }

    /// - Parameter isRequired: whether a file that does not exist is an error.
    mutating func add(path: String, isRequired: Bool) throws(ClientError) {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try readFile(path, limit: 16 * 1024 * 1024)
        } catch {
            if error.isMissing && !isRequired { return }
            throw ClientError(
                .configuration, "The kubeconfig \(path) cannot be read: \(error.reason). \(error.remedy)",
                cause: error)
        }
        try add(bytes, path: path)
    }

    mutating func add(_ bytes: [UInt8], path: String) throws(ClientError) {
        let documents: [YAMLDocument]
        do {
            documents = try YAMLDocument.parseAll(bytes, file: path)
        } catch {
            throw ClientError(.configuration, "\(error). A kubeconfig is YAML; correct it there.", cause: error)
        }
        guard documents.count <= 1 else {
            throw ClientError(
                .configuration, "\(path) holds \(documents.count) YAML documents; a kubeconfig is one.")
        }
        let file = KubeconfigFile(path: path, document: documents.first)
        guard file.json.isNull || file.json.objectValue != nil else {
            throw file.error([], "a kubeconfig is a mapping with `clusters`, `users` and `contexts`.")
        }
        files.append(file)
        if currentContext == nil, let name = file.json["current-context"]?.stringValue, !name.isEmpty {
            currentContext = name
        }
        try merge("clusters", "cluster", of: file, into: &clusters)
        try merge("users", "user", of: file, into: &users)
        try merge("contexts", "context", of: file, into: &contexts)
    }

    private func merge(
        _ list: String, _ key: String, of file: KubeconfigFile, into entries: inout [String: KubeconfigEntry]
    ) throws(ClientError) {
        guard let found = file.json[list], !found.isNull else { return }
        guard let elements = found.arrayValue else { throw file.error([list], "`\(list)` must be a list.") }
        for (index, element) in elements.enumerated() {
            guard let name = element["name"]?.stringValue else {
                throw file.error(
                    [list, String(index)], "an entry of `\(list)` has no `name`, or one that is not a text.")
            }
            if entries[name] != nil { continue }
            let value = element[key] ?? .null
            guard value.isNull || value.objectValue != nil else {
                throw file.error([list, String(index), key], "`\(key)` of \"\(name)\" must be a mapping.")
            }
            entries[name] = KubeconfigEntry(
                name: name, value: value, file: file, place: [list, String(index), key])
        }
    }
}
