import CEL
import KubeCore

/// Turns JSON into the values that CEL rules see, by the schema: `1` under `type: number` is a double, text with a time's
/// format is a timestamp, and of objects only declared fields are there.
///
/// Lists of type set and map compare with regard to order, unlike in Kubernetes.
struct CRDRuleValues {
    /// The value is a whole object: its kind, its version and the names in its metadata can be read.
    let isRoot: Bool

    private static let resourceFields = Schema { facts in
        let text = Schema { $0.type = .string }
        facts.type = .object
        facts.properties["apiVersion"] = text
        facts.properties["kind"] = text
        facts.properties["metadata"] = Schema { facts in
            facts.type = .object
            facts.properties["name"] = text
            facts.properties["generateName"] = text
        }
    }

    func value(_ json: JSON, _ schema: Schema) -> Value {
        convert(json, schema, isResource: isRoot || schema.isEmbeddedResource)
    }

    private func convert(_ json: JSON, _ schema: Schema, isResource: Bool = false) -> Value {
        switch json {
        case .string(let text):
            return schema.isIntOrString ? .string(text) : Self.text(text, schema.format)
        case .int(let number):
            return schema.type == .number ? .double(Double(number)) : .int(number)
        case .double(let number):
            if schema.type == .integer, let whole = Int64(exactly: number) {
                return .int(whole)
            }
            return .double(number)
        case .array(let elements):
            guard let items = schema.items else { return Value(json) }
            return .list(elements.map { convert($0, items, isResource: items.isEmbeddedResource) })
        case .object(let object):
            return map(object, schema, isResource: isResource)
        case .null, .bool:
            return Value(json)
        }
    }

    private func map(_ object: JSONObject, _ schema: Schema, isResource: Bool) -> Value {
        var map = ValueMap()
        // Keys of maps are data and stay as they are; names of fields are escaped to be identifiers.
        if schema.properties.isEmpty, !isResource {
            let additional = schema.additionalProperties
            for (key, member) in object {
                map[.string(key)] =
                    additional.map { convert(member, $0, isResource: $0.isEmbeddedResource) }
                    ?? Value(member)
            }
            return .map(map)
        }
        for (name, member) in object {
            let field = (isResource ? Self.resourceFields.property(name) : nil) ?? schema.property(name)
            guard let field, let identifier = CRDFieldName.escaped(name) else { continue }
            map[.string(identifier)] = convert(member, field, isResource: field.isEmbeddedResource)
        }
        return .map(map)
    }

    private static func text(_ text: String, _ format: String?) -> Value {
        switch format {
        case "date"?:
            return Value(timestamp: "\(text)T00:00:00Z") ?? .string(text)
        case "date-time"?, "datetime"?:
            return Value(timestamp: text) ?? .string(text)
        case "duration"?:
            return Value(duration: text) ?? .string(text)
        case "byte"?:
            return Base64.decode(text).map { .bytes($0) } ?? .string(text)
        default:
            return .string(text)
        }
    }
}

/// How field names appear in rules, where a name must be an identifier.
enum CRDFieldName {
    private static let reserved: Set<String> = [
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import",
        "let", "loop", "package", "namespace", "return", "var", "void", "while",
    ]

    /// The name with `__`, `.`, `-` and `/` and with reserved words escaped; nil for a name that rules cannot reach.
    static func escaped(_ name: String) -> String? {
        if reserved.contains(name) {
            return "__\(name)__"
        }
        guard let first = name.utf8.first, isLetter(first) || first == UInt8(ascii: "_") else { return nil }
        var result = ""
        var rest = name.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "_" where rest.first == "_":
                rest.removeFirst()
                result += "__underscores__"
            case ".": result += "__dot__"
            case "-": result += "__dash__"
            case "/": result += "__slash__"
            case "_", "a"..."z", "A"..."Z", "0"..."9": result.unicodeScalars.append(scalar)
            default: return nil
            }
        }
        return result
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
}
