// The failures that an API server answers with, in its words.

extension Status {
    public static func notFound(_ type: ResourceType, _ name: String) -> Status {
        Status(
            code: 404, reason: .notFound, message: "\(type.qualifiedName) \"\(name)\" not found",
            details: details(type, name))
    }

    public static func alreadyExists(_ type: ResourceType, _ name: String) -> Status {
        Status(
            code: 409, reason: .alreadyExists, message: "\(type.qualifiedName) \"\(name)\" already exists",
            details: details(type, name))
    }

    /// The object was changed by somebody else in between, or a precondition does not hold.
    public static func conflict(_ type: ResourceType, _ name: String, _ why: String) -> Status {
        Status(
            code: 409, reason: .conflict,
            message: "Operation cannot be fulfilled on \(type.qualifiedName) \"\(name)\": \(why)",
            details: details(type, name))
    }

    /// The object breaks rules of its kind; `causes` name the fields.
    public static func invalid(_ kind: GroupVersionKind, _ name: String, _ causes: [Cause]) -> Status {
        let texts = causes.map { cause in
            [cause.field, cause.message].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ": ")
        }
        let list = texts.count == 1 ? texts[0] : "[" + texts.joined(separator: ", ") + "]"
        let qualified = kind.group.isEmpty ? kind.kind : "\(kind.kind).\(kind.group)"
        return Status(
            code: 422, reason: .invalid,
            message: "\(qualified) \"\(name)\" is invalid" + (causes.isEmpty ? "" : ": \(list)"),
            details: Details(
                name: name, group: kind.group.isEmpty ? nil : kind.group, kind: kind.kind,
                causes: causes.isEmpty ? nil : causes))
    }

    public static func invalid(_ type: ResourceType, _ name: String, _ causes: [Cause]) -> Status {
        invalid(type.groupVersionKind, name, causes)
    }

    public static func badRequest(_ message: String) -> Status {
        Status(code: 400, reason: .badRequest, message: message)
    }

    public static func unauthorized(_ message: String = "Unauthorized") -> Status {
        Status(code: 401, reason: .unauthorized, message: message)
    }

    public static func forbidden(_ type: ResourceType, _ name: String, _ why: String) -> Status {
        let target = name.isEmpty ? "" : " \"\(name)\""
        return Status(
            code: 403, reason: .forbidden, message: "\(type.qualifiedName)\(target) is forbidden: \(why)",
            details: details(type, name))
    }

    /// A resourceVersion that is too old to list or watch from.
    public static func expired(_ message: String) -> Status {
        Status(code: 410, reason: .expired, message: message)
    }

    public static func methodNotAllowed(_ message: String) -> Status {
        Status(code: 405, reason: .methodNotAllowed, message: message)
    }

    public static func unsupportedMediaType(_ message: String) -> Status {
        Status(code: 415, reason: .unsupportedMediaType, message: message)
    }

    public static func requestEntityTooLarge(_ message: String) -> Status {
        Status(code: 413, reason: .requestEntityTooLarge, message: message)
    }

    public static func tooManyRequests(_ message: String, retryAfterSeconds: Int64) -> Status {
        Status(
            code: 429, reason: .tooManyRequests, message: message,
            details: Details(retryAfterSeconds: retryAfterSeconds))
    }

    public static func internalError(_ message: String) -> Status {
        Status(code: 500, reason: .internalError, message: "Internal error occurred: \(message)")
    }

    public static func serviceUnavailable(_ message: String) -> Status {
        Status(code: 503, reason: .serviceUnavailable, message: message)
    }

    public static func timeout(_ message: String) -> Status {
        Status(code: 504, reason: .timeout, message: message)
    }

    /// The answer to a deletion that is done.
    public static func success(_ details: Details? = nil) -> Status {
        Status(status: "Success", code: 200, reason: .unknown, message: "", details: details)
    }

    private static func details(_ type: ResourceType, _ name: String) -> Details {
        Details(
            name: name.isEmpty ? nil : name, group: type.group.isEmpty ? nil : type.group, kind: type.plural)
    }
}
