import KubeCore

extension ResourceHandler {
    func create() async throws(Status) -> HTTPAnswer {
        let format = try objectFormat()
        let options = try writeOptions("CreateOptions")
        let result = try await registry.create(
            resource, namespace: path.namespace, body: try await objectBody(), options)
        return try render(result.object, 201, format)
    }

    func update(subresource: String?) async throws(Status) -> HTTPAnswer {
        let format = try objectFormat()
        var options = try writeOptions("UpdateOptions")
        options.subresource = subresource
        let result = try await registry.update(
            resource, namespace: path.namespace, name: name, body: try await objectBody(), options)
        return try render(result.object, result.isCreated ? 201 : 200, format)
    }

    func patch(subresource: String?) async throws(Status) -> HTTPAnswer {
        let format = try objectFormat()
        let patchFormat = try Negotiation.patchFormat(call.contentType, isCustom: resource.kind.isCustom)
        var options = try writeOptions("PatchOptions", isApply: patchFormat == .apply)
        options.subresource = subresource
        let result = try await registry.patch(
            resource, namespace: path.namespace, name: name, patchFormat, body: try await body(), options)
        return try render(result.object, result.isCreated ? 201 : 200, format)
    }

    func writeOptions(_ kind: String, isApply: Bool = false) throws(Status) -> ServerWriteOptions {
        var options = try ServerWriteOptions(
            call.target, kind: kind, userAgent: call.userAgent, isApply: isApply)
        options.warnings = warnings
        return options
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
        warnings.add(result.warnings)
        if result.body["kind"]?.stringValue == "Status" {
            return .json(status, result.body, AnswerFormat(isYAML: format.isYAML))
        }
        return try render(result.body, status, format)
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
            if resource.kind.isCustom { throw .notFound(resource.type, name) }
            throw .unknownResource
        }
        guard path.name != nil, described.verbs.contains(verb) else { throw .methodNotAllowed }
        if let paths = described.scale { return try await scale(verb: verb, paths) }
        switch (resource.storage == Registry.pods, subresource) {
        case (false, "token") where described.kind == "TokenRequest": return try await token()
        case (true, "log"): return try await podLog()
        case (true, "binding"):
            let options = try writeOptions("CreateOptions")
            let status = try await registry.bind(
                resource, namespace: path.namespace ?? "", name: name, body: try await objectBody(), options)
            return .json(201, status)
        case (true, "eviction"):
            let options = try writeOptions("CreateOptions")
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
            let format = try objectFormat()
            let scale = try registry.getScale(resource, paths, namespace: path.namespace, name: name)
            return .json(200, format.shape == .table ? Self.table(scale, now: registry.now()) : scale, format)
        case "update":
            let options = try writeOptions("UpdateOptions")
            let result = try await registry.updateScale(
                resource, paths, namespace: path.namespace, name: name, body: try await objectBody(), options)
            return .json(200, result.object)
        default:
            let format = try Negotiation.patchFormat(call.contentType, isCustom: resource.kind.isCustom)
            let options = try writeOptions("PatchOptions", isApply: format == .apply)
            let result = try await registry.patchScale(
                resource, paths, namespace: path.namespace, name: name, format, body: try await body(), options)
            return .json(200, result.object)
        }
    }

    private static func table(_ scale: JSON, now: Timestamp) -> JSON {
        func column(_ name: String, _ type: String, _ format: String = "") -> JSON {
            ["name": .string(name), "type": .string(type), "format": .string(format), "description": "", "priority": 0]
        }
        return [
            "kind": "Table", "apiVersion": "meta.k8s.io/v1",
            "metadata": ["resourceVersion": scale.meta("resourceVersion") ?? ""],
            "columnDefinitions": [
                column("Name", "string", "name"), column("Desired", "integer"), column("Available", "integer"),
                column("Age", "string"),
            ],
            "rows": [
                [
                    "cells": [
                        scale.meta("name") ?? "", scale.at("spec", "replicas") ?? 0,
                        scale.at("status", "replicas") ?? 0, scale.age(now),
                    ], "object": TableConverter.partialMetadata(scale),
                ]
            ],
        ]
    }
}
