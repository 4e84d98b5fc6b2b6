import KubeCore

/// Answers one request for resources.
struct ResourceHandler: Sendable {
    let registry: Registry
    let call: HTTPCall
    let path: ResourcePath
    let resource: Resource
    let podLogs: (any PodLogSource)?
    let user: UserInfo
    let warnings: WarningList
    let access: Access

    /// The verb of a request as authorization knows it; the lower-case method when the path does not take the method.
    static func verb(_ call: HTTPCall, _ path: ResourcePath) -> String {
        if path.isLegacyWatch, call.method == "GET" { return "watch" }
        switch (call.method, path.name != nil) {
        case ("GET", false):
            let watch = call.target.first("watch")
            return watch == nil || watch == "false" || watch == "0" ? "list" : "watch"
        case ("GET", true): return "get"
        case ("POST", _): return "create"
        case ("PUT", _): return "update"
        case ("PATCH", _): return "patch"
        case ("DELETE", false): return "deletecollection"
        case ("DELETE", true): return "delete"
        default: return call.method.lowercased()
        }
    }

    func answer(verb: String) async throws(Status) -> HTTPAnswer {
        if let subresource = path.subresource { return try await answer(verb: verb, subresource: subresource) }
        let hasName = path.name != nil
        guard let known = KindVerb(rawValue: verb), resource.kind.verbs.contains(known),
            hasName == ["get", "update", "patch", "delete"].contains(verb) || path.isLegacyWatch
        else { throw .methodNotAllowed }
        // Across namespaces there is nothing to do but read.
        if resource.type.isNamespaced, path.namespace == nil, verb == "create" || verb == "deletecollection" {
            throw .methodNotAllowed
        }
        if resource.kind.isVirtual { return try await review() }
        switch known {
        case .get: return try get()
        case .list: return try list()
        case .watch: return try watch()
        case .create: return try await create()
        case .update: return try await update(subresource: nil)
        case .patch: return try await patch(subresource: nil)
        case .delete: return try await delete()
        case .deletecollection: return try await deleteCollection()
        }
    }

    var name: String { path.name ?? "" }

    /// The form of the answer to a request that writes or reads one object.
    func objectFormat() throws(Status) -> AnswerFormat {
        try Negotiation.answer(call.accept, transforms: true)
    }

    func body() async throws(Status) -> [UInt8] {
        do {
            return try await call.body()
        } catch let status as Status {
            throw status
        } catch {
            throw .badRequest("the body of the request could not be read: \(error)")
        }
    }

    func objectBody() async throws(Status) -> RequestBody {
        let format = try Negotiation.bodyFormat(call.contentType)
        return RequestBody(bytes: try await body(), format: format)
    }

    // MARK: Reading

    private func get() throws(Status) -> HTTPAnswer {
        let format = try objectFormat()
        let object = try registry.get(
            resource, namespace: path.namespace, name: name,
            resourceVersion: call.target.first("resourceVersion") ?? "")
        if format.shape == .plain, !format.isYAML {
            var bytes: [UInt8] = []
            registry.render(object, resource, typed: true, to: &bytes)
            bytes.append(0x0A)
            return HTTPAnswer(200, contentType: "application/json", bytes)
        }
        return try render(registry.present(object, resource), 200, format)
    }

    /// One object in the form asked for.
    func render(_ object: JSON, _ status: Int, _ format: AnswerFormat) throws(Status) -> HTTPAnswer {
        switch format.shape {
        case .plain: return .json(status, object, format)
        case .table:
            let metadata: JSON = ["resourceVersion": object.meta("resourceVersion") ?? ""]
            return .json(
                status,
                TableConverter.table(
                    [object], kind: resource.kind, version: resource.version.name, listMetadata: metadata,
                    include: try includeObject(), now: registry.now()), format)
        case .partialMetadata: return .json(status, TableConverter.partialMetadata(object), format)
        case .partialMetadataList:
            throw Status(
                code: 406, reason: .notAcceptable,
                message: "you requested PartialObjectMetadataList, but the requested object is not a list "
                    + "(*\(goType(resource.type.kind)))")
        }
    }

    private func goType(_ kind: String) -> String {
        resource.kind.isCustom ? "unstructured.Unstructured" : "core.\(kind)"
    }

    func includeObject() throws(Status) -> TableConverter.IncludeObject {
        guard let text = call.target.first("includeObject"), !text.isEmpty else { return .metadata }
        guard let include = TableConverter.IncludeObject(rawValue: text) else {
            throw .badRequest(
                "Unable to convert to Table as requested: includeObject: Invalid value: \(FieldError.quoted(text)): "
                    + "must be 'Metadata', 'Object', 'None', or empty")
        }
        return include
    }

    private func list() throws(Status) -> HTTPAnswer {
        let format = try objectFormat()
        let options = try ServerListOptions(call.target, isWatch: false)
        switch try registry.list(resource, namespace: path.namespace, options) {
        case .continueExpired(let token):
            var status = Status.expired(
                "The provided continue parameter is too old to display a consistent list result. You can start a new "
                    + "list without the continue parameter, or use the continue token in this response to retrieve the "
                    + "remainder of the results. Continuing with the provided token results in an inconsistent list - "
                    + "objects that were created, modified, or deleted between the time the first chunk was returned and "
                    + "now may show up in the list."
            ).json
            status["metadata"] = ["continue": .string(token)]
            return .json(410, status, Negotiation.errorFormat(call.accept))
        case .page(let page):
            return try render(page, format)
        }
    }

    func render(_ page: ListPage, _ format: AnswerFormat) throws(Status) -> HTTPAnswer {
        var metadata: JSONObject = ["resourceVersion": .string(String(page.revision))]
        if let token = page.continueToken {
            metadata["continue"] = .string(token)
        } else if resource.kind.isCustom, format.shape == .plain {
            metadata["continue"] = ""
        }
        if let remaining = page.remaining { metadata["remainingItemCount"] = .int(remaining) }
        let listMetadata = JSON.object(metadata)
        switch format.shape {
        case .plain:
            if format.isYAML { return .json(200, try listTree(page, listMetadata), format) }
            return HTTPAnswer(200, contentType: "application/json", listBytes(page, listMetadata))
        case .table:
            return .json(
                200,
                TableConverter.table(
                    page.objects.map { registry.present($0, resource) }, kind: resource.kind,
                    version: resource.version.name, listMetadata: listMetadata, include: try includeObject(),
                    now: registry.now()), format)
        case .partialMetadataList:
            return .json(
                200,
                TableConverter.partialMetadataList(
                    page.objects.map { registry.present($0, resource) }, listMetadata: listMetadata), format)
        case .partialMetadata:
            throw Status(
                code: 406, reason: .notAcceptable,
                message: "you requested PartialObjectMetadata, but the requested object is a list "
                    + "(*\(goType(resource.kind.names.listKind)))")
        }
    }

    private func listBytes(_ page: ListPage, _ metadata: JSON) -> [UInt8] {
        var bytes: [UInt8] = []
        var size = 256
        for object in page.objects { size += object.encoded.body.count + 96 }
        bytes.reserveCapacity(size)
        let label = TypeLabel(kind: resource.kind.names.listKind, apiVersion: resource.type.apiVersion)
        bytes.append(contentsOf: label.opening)
        bytes.append(contentsOf: #""metadata":"#.utf8)
        bytes.append(contentsOf: metadata.encoded())
        bytes.append(contentsOf: #","items":["#.utf8)
        for (index, object) in page.objects.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            registry.render(object, resource, typed: resource.kind.isCustom, to: &bytes)
        }
        bytes.append(contentsOf: "]}\n".utf8)
        return bytes
    }

    private func listTree(_ page: ListPage, _ metadata: JSON) throws(Status) -> JSON {
        let items = page.objects.map { object in
            var item = registry.present(object, resource)
            if !resource.kind.isCustom {
                item["kind"] = nil
                item["apiVersion"] = nil
            }
            return item
        }
        return [
            "kind": .string(resource.kind.names.listKind), "apiVersion": .string(resource.type.apiVersion),
            "metadata": metadata, "items": .array(items),
        ]
    }
}
