import KubeCore

/// One reason why an object is not acceptable, worded as Kubernetes' field errors are
/// (`spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive`).
package struct FieldError: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case required = "FieldValueRequired"
        case invalid = "FieldValueInvalid"
        case duplicate = "FieldValueDuplicate"
        case forbidden = "FieldValueForbidden"
        case notFound = "FieldValueNotFound"
        case notSupported = "FieldValueNotSupported"
        case tooLong = "FieldValueTooLong"
        case tooMany = "FieldValueTooMany"
        case typeInvalid = "FieldValueTypeInvalid"
        case internalError = "InternalError"
    }

    package var kind: Kind
    /// A dotted path such as `spec.containers[0].image` or `metadata.labels`.
    package var field: String
    /// Without the field: `Invalid value: "x": why`.
    package var message: String

    package init(_ kind: Kind, _ field: String, message: String) {
        self.kind = kind
        self.field = field
        self.message = message
    }

    /// The cause for a Status' details: `{reason, message, field}`.
    package var json: JSON {
        ["reason": .string(kind.rawValue), "message": .string(message), "field": .string(field)]
    }

    /// As it appears in the message of the whole Status.
    package var text: String { "\(field): \(message)" }

    /// The message of a Status for `errors`: `Pod "x" is invalid: a: …` or `…: [a: …, b: …]`.
    package static func message(kind: String, group: String, name: String, errors: [FieldError]) -> String {
        let subject = group.isEmpty ? kind : "\(kind).\(group)"
        var texts: [String] = []
        for error in errors where !texts.contains(error.text) { texts.append(error.text) }
        let list = texts.count == 1 ? texts[0] : "[" + texts.joined(separator: ", ") + "]"
        return "\(subject) \(quoted(name)) is invalid: \(list)"
    }
}

extension FieldError {
    package static func required(_ field: String, _ detail: String = "") -> FieldError {
        FieldError(.required, field, message: join("Required value", detail))
    }

    package static func invalid(_ field: String, _ value: JSON?, _ detail: String) -> FieldError {
        FieldError(.invalid, field, message: join("Invalid value: \(show(value))", detail))
    }

    package static func duplicate(_ field: String, _ value: JSON?) -> FieldError {
        FieldError(.duplicate, field, message: "Duplicate value: \(show(value))")
    }

    package static func forbidden(_ field: String, _ detail: String) -> FieldError {
        FieldError(.forbidden, field, message: join("Forbidden", detail))
    }

    package static func notFound(_ field: String, _ value: JSON?) -> FieldError {
        FieldError(.notFound, field, message: "Not found: \(show(value))")
    }

    /// `supported` is listed in the order given.
    package static func notSupported(_ field: String, _ value: JSON?, _ supported: [String]) -> FieldError {
        let list = supported.isEmpty ? "" : "supported values: " + supported.map(quoted).joined(separator: ", ")
        return FieldError(.notSupported, field, message: join("Unsupported value: \(show(value))", list))
    }

    /// The value is left out of the message, as it is long.
    package static func tooLong(_ field: String, maxBytes: Int64) -> FieldError {
        FieldError(.tooLong, field, message: "Too long: may not be more than \(maxBytes) bytes")
    }

    package static func tooMany(_ field: String, _ actual: Int, max: Int64) -> FieldError {
        FieldError(.tooMany, field, message: "Too many: \(actual): must have at most \(max) items")
    }

    package static func typeInvalid(_ field: String, _ value: JSON?, _ detail: String) -> FieldError {
        FieldError(.typeInvalid, field, message: join("Invalid value: \(show(value))", detail))
    }

    package static func internalError(_ field: String, _ detail: String) -> FieldError {
        FieldError(.internalError, field, message: join("Internal error", detail))
    }

    private static func join(_ head: String, _ detail: String) -> String {
        detail.isEmpty ? head : "\(head): \(detail)"
    }

    /// A value as field errors print it: strings quoted, null for none, structures as compact JSON.
    package static func show(_ value: JSON?) -> String {
        switch value {
        case nil, .null: "null"
        case .string(let text): quoted(text)
        case .some(let other): other.encodedString(.compact)
        }
    }

    /// `text` as Go's `%q` prints it.
    package static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case "\r": out += "\\r"
            case "\u{07}": out += "\\a"
            case "\u{08}": out += "\\b"
            case "\u{0B}": out += "\\v"
            case "\u{0C}": out += "\\f"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let hex = String(scalar.value, radix: 16)
                out += "\\x" + (hex.count < 2 ? "0" + hex : hex)
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}

extension [FieldError] {
    /// The 422 that a write is answered with.
    package func status(kind: String, group: String, name: String) -> Status {
        Status(
            code: 422, reason: .invalid,
            message: FieldError.message(kind: kind, group: group, name: name, errors: self),
            details: Status.Details(
                name: name, group: group.isEmpty ? nil : group, kind: kind,
                causes: map { Status.Cause(reason: $0.kind.rawValue, message: $0.message, field: $0.field) }))
    }
}
