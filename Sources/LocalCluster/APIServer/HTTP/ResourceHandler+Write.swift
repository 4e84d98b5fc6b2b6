import KubeCore

extension ResourceHandler {
    func create() async throws(Status) -> HTTPAnswer {
        let format = try objectFormat()
        let options = try ServerWriteOptions(call.target, kind: "CreateOptions", userAgent: call.userAgent)
        let result = try await registry.create(
            resource, namespace: path.namespace, body: try await objectBody(), options)
        return try render(result, 201, format)
    }

    func update(subresource: String?) async throws(Status) -> HTTPAnswer {
        let format = try objectFormat()
        var options = try ServerWriteOptions(call.target, kind: "UpdateOptions", userAgent: call.userAgent)
        options.subresource = subresource
        let result = try await registry.update(
            resource, namespace: path.namespace, name: name, body: try await objectBody(), options)
        return try render(result, result.isCreated ? 201 : 200, format)
    }

    func patch(subresource: String?) async throws(Status) -> HTTPAnswer {
        let format = try objectFormat()
        let patchFormat = try Negotiation.patchFormat(call.contentType, isCustom: resource.kind.isCustom)
        var options = try ServerWriteOptions(
            call.target, kind: "PatchOptions", userAgent: call.userAgent, isApply: patchFormat == .apply)
        options.subresource = subresource
        let result = try await registry.patch(
            resource, namespace: path.namespace, name: name, patchFormat, body: try await body(), options)
        return try render(result, result.isCreated ? 201 : 200, format)
    }

    func render(_ result: WriteResult, _ status: Int, _ format: AnswerFormat) throws(Status) -> HTTPAnswer {
        var answer = try render(result.object, status, format)
        answer.add(warnings: result.warnings)
        return answer
    }

    func deleteOptions() async throws(Status) -> ServerDeleteOptions {
        let bytes = try await body()
        if bytes.isEmpty { return try ServerDeleteOptions(call.target, body: nil) }
        let format = try Negotiation.bodyFormat(call.contentType)
        let (json, _) = try BodyDecoder.tree(RequestBody(bytes: bytes, format: format), mustBe: "DeleteOptions")
        return try ServerDeleteOptions(call.target, body: json)
    }

    func delete() async throws(Status) -> HTTPAnswer {
        let format = try objectFormat()
        let options = try await deleteOptions()
        let result = try await registry.delete(resource, namespace: path.namespace, name: name, options)
        let accepted = !result.isGone && options.orphanDependents == false
        let status = accepted ? 202 : 200
        var answer: HTTPAnswer
        if result.body["kind"]?.stringValue == "Status" {
            answer = .json(status, result.body, AnswerFormat(isYAML: format.isYAML))
        } else {
            answer = try render(result.body, status, format)
        }
        answer.add(warnings: result.warnings)
        return answer
    }

    func deleteCollection() async throws(Status) -> HTTPAnswer {
        let format = try objectFormat()
        let list = try ServerListOptions(call.target, isWatch: false)
        let options = try await deleteOptions()
        let page = try await registry.deleteCollection(resource, namespace: path.namespace, list, options)
        return try render(page, format)
    }

    // MARK: Subresources

    func answer(verb: String, subresource: String) async throws(Status) -> HTTPAnswer {
        guard let described = resource.version.subresource(subresource), path.rest.isEmpty else {
            throw .unknownResource
        }
        guard path.name != nil, described.verbs.contains(verb) else { throw .methodNotAllowed }
        if let paths = described.scale { return try await scale(verb: verb, paths) }
        switch (resource.storage == Registry.pods, subresource) {
        case (true, "log"): return try await podLog()
        case (true, "binding"):
            let options = try ServerWriteOptions(call.target, kind: "CreateOptions", userAgent: call.userAgent)
            let status = try await registry.bind(
                resource, namespace: path.namespace ?? "", name: name, body: try await objectBody(), options)
            return .json(201, status)
        case (true, "eviction"):
            let options = try ServerWriteOptions(call.target, kind: "CreateOptions", userAgent: call.userAgent)
            let status = try await registry.evict(
                resource, namespace: path.namespace ?? "", name: name, body: try await objectBody(), options)
            return .json(201, status)
        default: break
        }
        switch verb {
        case "get":
            let object = try registry.get(resource, namespace: path.namespace, name: name)
            return try render(registry.present(object, resource), 200, try objectFormat())
        case "update" where described.kind == nil: return try await update(subresource: subresource)
        case "patch" where described.kind == nil: return try await patch(subresource: subresource)
        default:
            throw Status(
                code: 501, reason: StatusReason(rawValue: "NotImplemented"),
                message: "the local cluster does not serve \(resource.type.plural)/\(subresource)")
        }
    }

    private func scale(verb: String, _ paths: ScalePaths) async throws(Status) -> HTTPAnswer {
        switch verb {
        case "get":
            return .json(
                200, try registry.getScale(resource, paths, namespace: path.namespace, name: name),
                try Negotiation.answer(call.accept, transforms: false))
        case "update":
            let options = try ServerWriteOptions(call.target, kind: "UpdateOptions", userAgent: call.userAgent)
            let result = try await registry.updateScale(
                resource, paths, namespace: path.namespace, name: name, body: try await objectBody(), options)
            return .json(200, result.object)
        default:
            let format = try Negotiation.patchFormat(call.contentType, isCustom: resource.kind.isCustom)
            let options = try ServerWriteOptions(
                call.target, kind: "PatchOptions", userAgent: call.userAgent, isApply: format == .apply)
            let result = try await registry.patchScale(
                resource, paths, namespace: path.namespace, name: name, format, body: try await body(), options)
            return .json(200, result.object)
        }
    }
}
