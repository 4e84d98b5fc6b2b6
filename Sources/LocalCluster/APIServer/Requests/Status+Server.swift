import KubeCore

// The server's failures that KubeCore has no words for.

extension Status {
    /// Options that cannot be: `ListOptions.meta.k8s.io "" is invalid: …`
    static func invalidOptions(_ kind: String, _ errors: [FieldError]) -> Status {
        invalid(kind: kind, group: "meta.k8s.io", name: "", errors)
    }

    static func invalid(kind: String, group: String, name: String, _ errors: [FieldError]) -> Status {
        Status(
            code: 422, reason: .invalid,
            message: FieldError.message(kind: kind, group: group, name: name, errors: errors),
            details: Details(
                name: name.isEmpty ? nil : name, group: group.isEmpty ? nil : group, kind: kind,
                causes: errors.map {
                    Cause(reason: $0.kind.rawValue, message: $0.message, field: $0.field)
                }))
    }

    /// A failure the real server gives as a bare Go error: 500 without a reason.
    static func plain(_ message: String) -> Status {
        Status(code: 500, reason: .unknown, message: message)
    }

    /// A path inside a known group that names nothing.
    static var unknownResource: Status {
        Status(
            code: 404, reason: .notFound, message: "the server could not find the requested resource",
            details: Details())
    }

    static var methodNotAllowed: Status {
        Status(
            code: 405, reason: .methodNotAllowed,
            message: "the server does not allow this method on the requested resource", details: Details())
    }

    static func objectModified(_ type: ResourceType, _ name: String) -> Status {
        conflict(
            type, name,
            "the object has been modified; please apply your changes to the latest version and try again")
    }

    /// A patch whose result cannot be decoded.
    static func invalidPatch(_ patch: String, _ why: String) -> Status {
        let message = "Invalid value: \(FieldError.quoted(patch)): \(why)"
        return Status(
            code: 422, reason: .invalid, message: " \"\" is invalid: patch: \(message)",
            details: Details(causes: [Cause(reason: "FieldValueInvalid", message: message, field: "patch")]))
    }

    static var rejectedPatch: Status {
        Status(
            code: 422, reason: .invalid, message: "the server rejected our request due to an error in our request",
            details: Details())
    }

    static func resourceVersionTooLarge(_ wanted: UInt64, current: UInt64) -> Status {
        Status(
            code: 504, reason: .timeout,
            message: "Too large resource version: \(wanted), current: \(current)",
            details: Details(
                causes: [
                    Cause(reason: "ResourceVersionTooLarge", message: "Too large resource version")
                ], retryAfterSeconds: 1))
    }
}
