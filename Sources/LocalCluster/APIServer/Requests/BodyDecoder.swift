import KubeCore

/// A request body as it came.
package struct RequestBody: Sendable {
    package enum Format: Sendable { case json, yaml, protobuf }

    package var bytes: [UInt8]
    package var format: Format

    package init(bytes: [UInt8], format: Format) {
        self.bytes = bytes
        self.format = format
    }

    package init(_ json: JSON) {
        self.init(bytes: json.encoded(), format: .json)
    }
}

/// A decoded object and what was wrong with it that a lenient reader passes over.
struct DecodedObject {
    var object: JSON
    /// `duplicate field "x"` and `unknown field "y"`, as they appear in strict errors and in warnings.
    var problems: [String] = []
}

/// Reads the objects in request bodies.
enum BodyDecoder {
    /// A body as a tree, with the paths of repeated keys.
    ///
    /// - Throws: 400 when the text is malformed or is no object.
    static func tree(_ body: RequestBody, mustBe kind: String) throws(Status) -> (JSON, duplicates: [String]) {
        let unrecognized = "the object provided is unrecognized (must be of type \(kind)): "
        switch body.format {
        case .json:
            let parsed: (value: JSON, duplicates: [JSONParseError])
            do throws(JSONParseError) {
                parsed = try JSON.parseReporting(body.bytes)
            } catch {
                throw .badRequest(unrecognized + "couldn't get version/kind; json parse error: \(error)")
            }
            guard case .object = parsed.value else {
                throw .badRequest(
                    unrecognized + "couldn't get version/kind; json parse error: the body is no JSON object")
            }
            return (parsed.value, parsed.duplicates.isEmpty ? [] : DuplicateKeys.paths(in: body.bytes))
        case .protobuf:
            do throws(ProtobufError) {
                return (try ProtobufBody.parse(body.bytes), [])
            } catch {
                throw .badRequest(unrecognized + error.description)
            }
        case .yaml:
            do {
                let json = try YAMLBody.parse(body.bytes)
                guard case .object = json else {
                    throw Status.badRequest(
                        unrecognized + "couldn't get version/kind; json parse error: the body is no object")
                }
                return (json, [])
            } catch let status as Status {
                throw status
            } catch {
                throw .badRequest(unrecognized + "yaml: \(error)")
            }
        }
    }

    /// An object of `resource`, with kind and apiVersion checked, types checked and unknown fields left out.
    static func object(
        _ body: RequestBody, _ resource: Resource, _ options: ServerWriteOptions
    ) throws(Status) -> DecodedObject {
        let kind = resource.type.kind
        let (tree, duplicates) = try tree(body, mustBe: kind)
        try checkKind(tree, body, resource, options)
        var decoded: DecodedObject
        do throws(TypedDecoder.Mismatch) {
            decoded = try typed(tree, resource)
        } catch {
            throw unhandled(resource, error.message)
        }
        decoded.problems = duplicates.map { "duplicate field \"\($0)\"" } + decoded.problems
        if options.fieldValidation == .warn { options.warnings.add(decoded.problems) }
        if options.fieldValidation == .strict, !decoded.problems.isEmpty {
            throw unhandled(resource, "strict decoding error: " + decoded.problems.joined(separator: ", "))
        }
        return decoded
    }

    /// Checks types and leaves out unknown fields.
    static func typed(_ tree: JSON, _ resource: Resource) throws(TypedDecoder.Mismatch) -> DecodedObject {
        var decoder = TypedDecoder()
        var object = tree
        if resource.kind.isCustom {
            if let metadata = object["metadata"] {
                object["metadata"] = try decoder.decode(metadata, metadataSchema, at: "metadata")
            }
            var unknown = decoder.unknown
            unknown += CustomSchemas.prune(&object, resource)
            setTypeMeta(&object, resource)
            return DecodedObject(object: object, problems: unknown.map { "unknown field \"\($0)\"" })
        }
        object = try decoder.decode(tree, resource.version.schema)
        setTypeMeta(&object, resource)
        return DecodedObject(object: object, problems: decoder.unknown.map { "unknown field \"\($0)\"" })
    }

    static func setTypeMeta(_ object: inout JSON, _ resource: Resource) {
        object["kind"] = .string(resource.type.kind)
        object["apiVersion"] = .string(resource.type.apiVersion)
    }

    static func unhandled(_ resource: Resource, _ why: String) -> Status {
        let kind = resource.type.kind
        return .badRequest(
            "\(kind) in version \"\(resource.type.version)\" cannot be handled as a \(kind): \(why)")
    }

    /// The schema of ObjectMeta, for kinds that bring none of their own.
    static let metadataSchema: Schema =
        BuiltInKinds.all.lazy.compactMap { $0.storageVersion?.schema.property("metadata") }.first ?? .anything

    private static func checkKind(
        _ tree: JSON, _ body: RequestBody, _ resource: Resource, _ options: ServerWriteOptions
    ) throws(Status) {
        let type = resource.type
        let kind = tree["kind"]?.stringValue ?? ""
        let apiVersion = tree["apiVersion"]?.stringValue ?? ""
        if resource.kind.isCustom {
            if kind.isEmpty {
                let text = String(decoding: body.bytes, as: UTF8.self)
                throw .badRequest(
                    "the object provided is unrecognized (must be of type \(type.kind)): "
                        + "Object 'Kind' is missing in '\(text)' (\(text.prefix(30)) ...)")
            }
            if apiVersion != type.apiVersion {
                let isUnknown = resource.kind.version(String(apiVersion.dropFirst(type.group.count + 1))) == nil
                if options.fieldValidation == .warn, apiVersion.hasPrefix(type.group + "/"), isUnknown {
                    // A version of the group that has no schema: all but the metadata is unknown to it.
                    let known: Set<String> = ["apiVersion", "kind", "metadata"]
                    let unknown = (tree.objectValue ?? JSONObject()).keys.filter { !known.contains($0) }.sorted()
                    options.warnings.add(unknown.map { "unknown field \"\($0)\"" })
                }
                throw .badRequest(
                    "the API version in the data (\(apiVersion)) does not match the expected API version "
                        + "(\(type.apiVersion))")
            }
            if kind != type.kind {
                throw .invalid(
                    kind: kind, group: type.group, name: tree.metaName,
                    [.invalid("kind", .string(kind), "must be \(type.kind)")])
            }
            return
        }
        let givenKind = kind.isEmpty ? type.kind : kind
        let givenVersion = apiVersion.isEmpty ? type.apiVersion : apiVersion
        guard givenKind != type.kind || givenVersion != type.apiVersion else { return }
        let version = givenVersion.split(separator: "/").last.map(String.init) ?? givenVersion
        let isKnown = BuiltInKinds.all.contains { known in
            known.names.kind == givenKind
                && known.versions.contains { known.resourceType(version: $0.name).apiVersion == givenVersion }
        }
        let why =
            isKnown
            ? "converting (\(givenKind)) to (\(type.kind)): unknown conversion"
            : "no kind \"\(givenKind)\" is registered for version \"\(givenVersion)\" in scheme "
                + "\"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30\""
        throw .badRequest("\(givenKind) in version \"\(version)\" cannot be handled as a \(type.kind): \(why)")
    }
}
