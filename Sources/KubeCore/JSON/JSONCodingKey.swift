/// A key or a position on the way to a value that is coded.
struct JSONCodingKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init(intValue: Int) {
        stringValue = String(intValue)
        self.intValue = intValue
    }

    static let `super` = JSONCodingKey(stringValue: "super")
}

/// The way to a value: `spec.tasks[2].name`. Keys that hold a dot or a bracket are quoted: `labels["a.b/c"]`.
func dottedPath(_ path: [any CodingKey]) -> String {
    var text = ""
    for key in path {
        if let index = key.intValue, key is JSONCodingKey {
            text += "[\(index)]"
        } else if key.stringValue.utf8.contains(where: { $0 == 0x2E || $0 == 0x5B }) {
            text += "[\(JSON.string(key.stringValue))]"
        } else {
            text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
        }
    }
    return text
}

/// Why a JSON tree is not the value that was asked for.
public struct JSONDecodingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `spec.tasks[2].name`; empty for the whole.
    public var path: String
    public var message: String

    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}

extension JSONDecodingError {
    /// An error that a type's `init(from:)` threw.
    init(_ error: any Error) {
        switch error {
        case let error as JSONDecodingError: self = error
        case DecodingError.typeMismatch(_, let context), DecodingError.dataCorrupted(let context):
            self.init(path: dottedPath(context.codingPath), message: context.debugDescription)
        case DecodingError.valueNotFound(_, let context):
            self.init(path: dottedPath(context.codingPath), message: context.debugDescription)
        case DecodingError.keyNotFound(let key, let context):
            self.init(path: dottedPath(context.codingPath + [key]), message: "required, but missing")
        default: self.init(path: "", message: String(describing: error))
        }
    }
}

extension JSON {
    /// What the value is, for messages.
    var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .int: "an integer"
        case .double: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
