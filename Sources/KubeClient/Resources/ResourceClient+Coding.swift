import KubeCore

extension ResourceClient {
    func object(
        from request: APIRequest, deadline: ContinuousClock.Instant?
    ) async throws(ClientError) -> Object {
        let response = try await client.send(request, deadline: deadline)
        return try decode(try response.json(options: parseOptions), source: response.source)
    }

    func decode(_ json: JSON, source: String) throws(ClientError) -> Object {
        do {
            return try codec.decode(json)
        } catch {
            let name = json.at("metadata", "name")?.stringValue.map { " \"\($0)\"" } ?? ""
            throw ClientError(
                .decoding,
                "\(source): the \(type.kind)\(name) in the answer does not fit \(Object.self): \(error). "
                    + "Was it written by another version?", cause: error)
        }
    }

    func encode(_ object: Object) throws(ClientError) -> JSON {
        do {
            return complete(try codec.encode(object))
        } catch {
            throw ClientError(.decoding, "A \(Object.self) cannot be written as JSON: \(error).", cause: error)
        }
    }

    /// With `apiVersion`, `kind` and the client's namespace where they are missing.
    func complete(_ json: JSON) -> JSON {
        var json = json
        if json["apiVersion"] == nil { json["apiVersion"] = .string(type.apiVersion) }
        if json["kind"] == nil { json["kind"] = .string(type.kind) }
        if type.isNamespaced, let namespace, json.at("metadata", "namespace") == nil {
            json.set(.string(namespace), at: ["metadata", "namespace"])
        }
        return json
    }

    func name(of json: JSON) throws(ClientError) -> String {
        let name = json.at("metadata", "name")?.stringValue ?? ""
        try checkNamed(name)
        return name
    }

    /// An empty name would address the whole collection, and a missing namespace that of all.
    func checkNamed(_ name: String) throws(ClientError) {
        if name.isEmpty {
            throw ClientError(
                .configuration, "A \(type.kind) was addressed without a name; set `metadata.name` or pass one.")
        }
        try checkNamespace()
    }

    func checkNamespace() throws(ClientError) {
        if type.isNamespaced, namespace?.isEmpty ?? true {
            throw ClientError(
                .configuration,
                "\(type.plural) live in namespaces, and this client has none: use `resource(…, namespace:)` or "
                    + "`inNamespace(_:)`.")
        }
    }

    func accepting(_ request: APIRequest) -> APIRequest {
        guard let accept else { return request }
        var request = request
        request.headers.removeAll { $0.0.lowercased() == "accept" }
        request.headers.append(("Accept", accept))
        return request
    }
}
