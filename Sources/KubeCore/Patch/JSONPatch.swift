/// A patch is malformed or does not apply.
public struct PatchError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A malformed patch is the request's fault whatever the object is; one that does not apply may apply to another.
    public enum Code: Sendable, Hashable {
        case malformed
        case doesNotApply
        case testFailed
    }

    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}

/// JSON patch, RFC 6902, in the flavour of the API server (`evanphx/json-patch` v4): replacing a missing key of an
/// object adds it, a test against null holds where nothing is, and negative indices count from an array's end.
public enum JSONPatch {
    /// As many operations as the API server takes.
    public static let maxOperations = 10_000

    /// Applies the operations in their order; the first that fails fails the whole.
    public static func apply(_ patch: JSON, to target: JSON) throws(PatchError) -> JSON {
        guard case .array(let operations) = patch else {
            throw PatchError(.malformed, "a JSON patch has to be an array of operations, but this is \(patch.kindName)")
        }
        guard operations.count <= maxOperations else {
            throw PatchError(
                .malformed, "a JSON patch may have \(maxOperations) operations, but this has \(operations.count)")
        }
        var document = JSONPatchDocument(target)
        for (index, json) in operations.enumerated() {
            do throws(PatchError) {
                try document.apply(try Operation(json))
            } catch {
                throw PatchError(error.code, "operation \(index) of the JSON patch: \(error.message)")
            }
        }
        return document.json
    }

    struct Operation {
        enum Kind: String {
            case add, remove, replace, move, copy, test
        }

        let kind: Kind
        let path: JSONPointer
        let from: JSONPointer?
        let value: JSON?

        init(_ json: JSON) throws(PatchError) {
            guard let name = json["op"]?.stringValue, let kind = Kind(rawValue: name) else {
                throw PatchError(.malformed, "`op` has to be one of add, remove, replace, move, copy and test")
            }
            guard let path = json["path"]?.stringValue.flatMap(JSONPointer.init) else {
                throw PatchError(.malformed, "`path` has to be a JSON pointer such as /metadata/labels")
            }
            self.kind = kind
            self.path = path
            from = json["from"]?.stringValue.flatMap(JSONPointer.init)
            value = json["value"]
            if kind == .move || kind == .copy, from == nil {
                throw PatchError(.malformed, "\(name) needs `from`, a JSON pointer")
            }
            if kind == .add || kind == .replace, value == nil {
                throw PatchError(.malformed, "\(name) needs a `value`")
            }
        }
    }
}
