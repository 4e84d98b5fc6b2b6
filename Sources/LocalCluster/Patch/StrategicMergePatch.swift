import KubeCore

/// Kubernetes' strategic merge patch: a merge patch that merges lists of objects by a key the schema names.
///
/// Directives: `$patch: replace|delete` in an object or in an element of a merged list,
/// `$deleteFromPrimitiveList/<field>`, `$setElementOrder/<field>`, `$retainKeys`. Elements that a patch adds come
/// before those it does not speak of, unless their order says otherwise. Source: sigs.k8s.io "Strategic Merge Patch"
/// (API conventions), and the recorded answers.
package enum StrategicMergePatch {
    /// - Parameter schema: the schema of the whole object.
    /// - Throws: a Status as the server answers it: 400 for malformed directives, 422 for lists of lists, 500 without
    ///   a reason for unknown directives and missing merge keys.
    package static func apply(_ patch: JSON, to object: JSON, schema: Schema) throws(Status) -> JSON {
        guard let changes = patch.objectValue else { throw Status.badRequest("invalid JSON document") }
        return .object(try mergeMap(object.objectValue ?? [:], changes, schema))
    }

    enum Directive {
        static let patch = "$patch"
        static let retainKeys = "$retainKeys"
        static let deleteFromList = "$deleteFromPrimitiveList/"
        static let setOrder = "$setElementOrder/"

        static func isDirective(_ key: String) -> Bool {
            key == patch || key == retainKeys || key.hasPrefix(deleteFromList) || key.hasPrefix(setOrder)
        }
    }

    static func mergeMap(
        _ original: JSONObject, _ patch: JSONObject, _ schema: Schema?
    ) throws(Status) -> JSONObject {
        if let directive = patch[Directive.patch] { return try replaced(patch, directive) }
        var patch = patch
        var result = try retain(original, &patch)
        try mergeOrderedLists(&result, &patch, schema)
        for (key, value) in patch {
            if key.hasPrefix(Directive.deleteFromList) {
                let field = String(key.dropFirst(Directive.deleteFromList.count))
                guard let removed = value.arrayValue else {
                    throw Status.badRequest("invalid patch format of primitive list")
                }
                if let list = result[field]?.arrayValue {
                    result[field] = .array(list.filter { !removed.contains($0) })
                }
                continue
            }
            if value.isNull {
                result[key] = nil
                continue
            }
            let child = schema?.field(key)
            switch (result[key], value) {
            case (.object(let before), .object(let changes)):
                result[key] =
                    child?.patchStrategy.contains(.replace) == true
                    ? plain(value) : .object(try mergeMap(before, changes, child))
            case (.array(let before), .array(let changes)):
                result[key] = .array(try mergeList(before, changes, child))
            default:
                result[key] = plain(value)
            }
        }
        return result
    }

    /// What `$patch` in an object makes of it.
    private static func replaced(_ patch: JSONObject, _ directive: JSON) throws(Status) -> JSONObject {
        switch directive {
        case "replace":
            var patch = patch
            patch[Directive.patch] = nil
            return patch
        case "delete": return JSONObject()
        default: throw unknown(directive, .object(patch))
        }
    }

    static func unknown(_ directive: JSON, _ map: JSON) -> Status {
        let name = directive.stringValue ?? directive.encodedString()
        return failure("unknown patch type: \(name) in map: \(map.encodedString())")
    }

    /// An error that the server has no words for.
    static func failure(_ message: String) -> Status { Status(code: 500, reason: .unknown, message: message) }

    /// `$retainKeys`: what it does not name goes; what the patch sets must be named.
    private static func retain(_ original: JSONObject, _ patch: inout JSONObject) throws(Status) -> JSONObject {
        guard let directive = patch.removeValue(forKey: Directive.retainKeys) else { return original }
        let malformed = Status.badRequest("invalid patch format of retainKeys")
        guard let list = directive.arrayValue else { throw malformed }
        let kept = Set(list.compactMap(\.stringValue))
        for (key, value) in patch where !value.isNull && !Directive.isDirective(key) && !kept.contains(key) {
            throw malformed
        }
        return JSONObject(original.filter { kept.contains($0.key) }.map { ($0.key, $0.value) })
    }

    /// A value that is new to the object: without nulls and directives.
    static func plain(_ value: JSON) -> JSON {
        switch value {
        case .object(let fields):
            var out = JSONObject()
            for (key, field) in fields where !field.isNull && !Directive.isDirective(key) { out[key] = plain(field) }
            return .object(out)
        case .array(let list):
            let kept = list.filter { $0[Directive.patch] != "delete" && !isMarker($0) }
            return .array(kept.map(plain))
        default: return value
        }
    }

    /// An element that holds a directive and nothing else.
    private static func isMarker(_ element: JSON) -> Bool {
        element.objectValue?.count == 1 && element[Directive.patch] != nil
    }
}
