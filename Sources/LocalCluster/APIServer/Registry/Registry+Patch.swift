import KubeCore

/// The patch formats by their media types.
package enum PatchFormat: String, Sendable, CaseIterable {
    case json = "application/json-patch+json"
    case merge = "application/merge-patch+json"
    case strategic = "application/strategic-merge-patch+json"
    case apply = "application/apply-patch+yaml"
}

extension Registry {
    /// Patches an object or the part of it that `options.subresource` names; an apply may create it.
    package func patch(
        _ resource: Resource, namespace: String?, name: String, _ format: PatchFormat, body: [UInt8],
        _ options: ServerWriteOptions
    ) async throws(Status) -> WriteResult {
        if format == .apply {
            return try await apply(resource, namespace: namespace, name: name, body: body, options)
        }
        let patch = try Self.parsePatch(body, format)
        let text = String(decoding: body, as: UTF8.self)
        return try await change(resource, namespace: namespace, name: name, options) {
            (existing: JSON) throws(Status) -> DecodedObject in
            let patched = try Self.patched(existing, patch, format, schema: resource.version.schema)
            let decoded = try Self.decodePatched(patched, resource, text: text, options)
            try self.checkPatched(decoded.object, existing: existing, resource, namespace: namespace, name: name)
            return decoded
        }
    }

    /// - Throws: 400 when the body is no patch of the format.
    static func parsePatch(_ body: [UInt8], _ format: PatchFormat) throws(Status) -> JSON {
        let prefix = format == .strategic ? "" : "error decoding patch: "
        let json: JSON
        do throws(JSONParseError) {
            json = try JSON.parse(body)
        } catch {
            throw .badRequest(prefix + GoJSON.describe(error, in: body))
        }
        switch (format, json) {
        case (.json, .array), (.merge, .object), (.strategic, .object): return json
        case (.json, _):
            throw .badRequest(prefix + "json: cannot unmarshal object into Go value of type jsonpatch.Patch")
        default:
            throw .badRequest(
                prefix + "json: cannot unmarshal array into Go value of type map[string]interface {}")
        }
    }

    static func patched(
        _ object: JSON, _ patch: JSON, _ format: PatchFormat, schema: Schema
    ) throws(Status) -> JSON {
        switch format {
        case .json:
            do throws(PatchError) {
                return try JSONPatch.apply(patch, to: object)
            } catch {
                throw .rejectedPatch
            }
        case .strategic:
            return try StrategicMergePatch.apply(patch, to: object, schema: schema)
        case .merge, .apply:
            return MergePatch.apply(patch, to: object)
        }
    }

    static func decodePatched(
        _ patched: JSON, _ resource: Resource, text: String, _ options: ServerWriteOptions
    ) throws(Status) -> DecodedObject {
        let kind = patched["kind"]?.stringValue ?? resource.type.kind
        let apiVersion = patched["apiVersion"]?.stringValue ?? resource.type.apiVersion
        if kind != resource.type.kind || apiVersion != resource.type.apiVersion {
            // The real server decodes it as what it says it is, and stumbles over that first.
            let group = GroupVersion(apiVersion: apiVersion)?.group ?? ""
            if let other = BuiltInKinds.all.first(where: { $0.group == group && $0.names.kind == kind }),
                let schema = other.storageVersion?.schema
            {
                var decoder = TypedDecoder()
                do throws(TypedDecoder.Mismatch) {
                    _ = try decoder.decode(patched, schema)
                } catch {
                    throw .invalidPatch(text, error.message)
                }
            }
            throw .invalidPatch(text, "the object became a \(kind) of \(apiVersion)")
        }
        var decoded: DecodedObject
        do throws(TypedDecoder.Mismatch) {
            decoded = try BodyDecoder.typed(patched, resource)
            // A patched object has no order of its own.
            decoded.problems.sort()
        } catch {
            throw .invalidPatch(text, error.message)
        }
        if options.fieldValidation == .warn { options.warnings.add(decoded.problems) }
        if options.fieldValidation == .strict, !decoded.problems.isEmpty {
            throw .invalidPatch(text, "strict decoding error: " + decoded.problems.joined(separator: ", "))
        }
        return decoded
    }

    private func checkPatched(
        _ object: JSON, existing: JSON, _ resource: Resource, namespace: String?, name: String
    ) throws(Status) {
        try checkName(object, name)
        if resource.type.isNamespaced, object.metaNamespace != existing.metaNamespace {
            throw .badRequest(
                "the namespace of the provided object does not match the namespace sent on the request")
        }
        let version = object.metaResourceVersion
        if !version.isEmpty, version != existing.metaResourceVersion {
            if UInt64(version) == nil { throw .plain(Self.badVersion(version)) }
            throw .objectModified(resource.type, name)
        }
    }

    // MARK: Apply

    private func apply(
        _ resource: Resource, namespace: String?, name: String, body: [UInt8], _ options: ServerWriteOptions
    ) async throws(Status) -> WriteResult {
        let configuration = try Self.parseConfiguration(body, options)
        try checkConfiguration(configuration, resource, namespace: namespace, name: name)
        let force = options.force ?? false
        let management = fieldManagement(resource, options.subresource)
        let uid = configuration.metaUID
        while true {
            let key = ObjectKey(namespace: namespace, name: name)
            if store.get(resource.storage, key) == nil {
                if options.subresource != nil { throw .notFound(resource.type, name) }
                if !uid.isEmpty {
                    throw .conflict(
                        resource.type, name,
                        "uid mismatch: the provided object specified uid \(uid), and no existing object was found")
                }
                let object = try management.apply(
                    configuration, live: nil, manager: options.fieldManager, force: force)
                do throws(Status) {
                    return try await create(
                        resource, namespace: namespace, try Self.typedApplied(object, resource), options,
                        managed: true)
                } catch {
                    // Somebody else made it just now: apply to that.
                    if error.reason == .alreadyExists, store.get(resource.storage, key) != nil { continue }
                    throw error
                }
            }
            return try await change(resource, namespace: namespace, name: name, options, managed: true) {
                (existing: JSON) throws(Status) -> DecodedObject in
                let version = configuration.metaResourceVersion
                if !version.isEmpty, version != existing.metaResourceVersion {
                    throw .objectModified(resource.type, name)
                }
                let applied = try management.apply(
                    configuration, live: existing, manager: options.fieldManager, force: force)
                return DecodedObject(object: try Self.typedApplied(applied, resource))
            }
        }
    }

    private static func typedApplied(_ object: JSON, _ resource: Resource) throws(Status) -> JSON {
        do throws(TypedDecoder.Mismatch) {
            return try BodyDecoder.typed(object, resource).object
        } catch {
            throw .plain("failed to convert merged object: \(error.message)")
        }
    }

    private static func parseConfiguration(_ body: [UInt8], _ options: ServerWriteOptions) throws(Status) -> JSON {
        do {
            let json = try YAMLBody.parse(body)
            guard case .object = json else {
                throw Status.badRequest("error decoding YAML: the body is no object")
            }
            return json
        } catch let status as Status {
            throw status
        } catch {
            let isRepeated = options.fieldValidation == .strict && "\(error)".contains("is repeated")
            throw .badRequest("error \(isRepeated ? "strict " : "")decoding YAML: \(error)")
        }
    }

    private func checkConfiguration(
        _ object: JSON, _ resource: Resource, namespace: String?, name: String
    ) throws(Status) {
        let kind = object["kind"]?.stringValue ?? ""
        let apiVersion = object["apiVersion"]?.stringValue ?? ""
        if let entries = object.meta("managedFields"), !entries.isNull, entries.arrayValue?.isEmpty != true {
            throw .badRequest("metadata.managedFields must be nil")
        }
        if kind != resource.type.kind || apiVersion != resource.type.apiVersion {
            let groupVersion = apiVersion.contains("/") || apiVersion.isEmpty ? apiVersion : "/\(apiVersion)"
            let shown = groupVersion.isEmpty ? "/" : groupVersion
            throw .badRequest("invalid object type: \(shown), Kind=\(kind)")
        }
        if object.metaName.isEmpty {
            throw .badRequest(
                "the name of the object (\(name) based on URL) was undeterminable: name must be provided")
        }
        try checkName(object, name)
        if !object.metaNamespace.isEmpty, object.metaNamespace != namespace {
            throw .badRequest(
                "the namespace of the provided object does not match the namespace sent on the request")
        }
    }
}

/// JSON errors in the words of Go's decoder, where they are commonly seen.
enum GoJSON {
    static func describe(_ error: JSONParseError, in body: [UInt8]) -> String {
        guard error.offset < body.count, let text = String(validating: [body[error.offset]], as: UTF8.self) else {
            return "unexpected end of JSON input"
        }
        var before = error.offset - 1
        while before >= 0, [0x20, 0x09, 0x0A, 0x0D].contains(body[before]) { before -= 1 }
        if before >= 0, body[before] == UInt8(ascii: "{") {
            return "invalid character '\(text)' looking for beginning of object key string"
        }
        return "invalid character '\(text)' looking for beginning of value"
    }
}
