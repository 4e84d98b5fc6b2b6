import KubeCore

/// The schemas of the built-in kinds by definition name, such as `io.k8s.api.core.v1.PodSpec`.
///
/// They are read from `SchemaText` once, on first use. Definitions hold each other directly; only a definition that
/// is inside itself (JSONSchemaProps) is held by reference.
package struct SchemaLibrary: Sendable {
    package static let shared = SchemaLibrary(texts: SchemaText.all)

    static let core = "io.k8s.api.core.v1"
    static let meta = "io.k8s.apimachinery.pkg.apis.meta.v1"

    /// A time with six fractional digits, where `meta.v1.Time` has none.
    static let microTime = "\(meta).MicroTime"

    private let schemas: [String: Schema]

    /// Names that some field uses and no text defines.
    let unknownNames: [String]

    init(texts: [String]) {
        var builder = Builder()
        for definition in texts.flatMap(SchemaNotation.read) {
            builder.definitions["\(definition.package).\(definition.name)"] = definition
        }
        for name in builder.definitions.keys.sorted() { _ = builder.schema(name) }
        schemas = builder.built
        unknownNames = builder.unknown
    }

    package subscript(name: String) -> Schema? { schemas[name] }

    package var names: [String] { schemas.keys.sorted() }

    /// The schema named, or one that allows anything.
    package func schema(_ name: String) -> Schema { schemas[name] ?? .anything }

    package static var objectMeta: Schema { shared.schema("\(meta).ObjectMeta") }

    static let scalars: [Substring: Schema] = [
        "string": Schema { $0.type = .string },
        "bool": Schema { $0.type = .boolean },
        "int32": integer("int32"),
        "int64": integer("int64"),
        "double": Schema {
            $0.type = .number
            $0.format = "double"
        },
        "bytes": text("byte", nil),
        "quantity": text("quantity", "io.k8s.apimachinery.pkg.api.resource.Quantity"),
        "time": text("date-time", "\(meta).Time"),
        "microtime": text("date-time", microTime),
        "intOrString": Schema {
            $0.isIntOrString = true
            $0.format = "int-or-string"
            $0.definitionName = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
        },
        "object": Schema {
            $0.type = .object
            $0.preservesUnknownFields = true
        },
        "fieldsV1": Schema {
            $0.type = .object
            $0.preservesUnknownFields = true
            $0.definitionName = "\(meta).FieldsV1"
        },
        "any": .anything,
    ]

    private static func integer(_ format: String) -> Schema {
        Schema {
            $0.type = .integer
            $0.format = format
        }
    }

    private static func text(_ format: String, _ name: String?) -> Schema {
        Schema {
            $0.type = .string
            $0.format = format
            $0.definitionName = name
        }
    }
}

extension SchemaLibrary {
    private struct Builder {
        var definitions: [String: SchemaNotation.Definition] = [:]
        var built: [String: Schema] = [:]
        var unknown: [String] = []
        private var underWay: Set<String> = []

        mutating func schema(_ name: String) -> Schema {
            if let schema = built[name] { return schema }
            if underWay.contains(name) { return .reference { SchemaLibrary.shared.schema(name) } }
            guard let definition = definitions[name] else {
                unknown.append(name)
                return .anything
            }
            underWay.insert(name)
            defer { underWay.remove(name) }
            var facts = Schema.Facts()
            facts.type = .object
            facts.definitionName = name
            facts.mapType = definition.flags.contains("atomic") ? .atomic : nil
            if definition.flags.contains("object") {
                let string = type("string", in: definition.package)
                facts.properties.append("apiVersion", string, presence: .whenNotZero)
                facts.properties.append("kind", string, presence: .whenNotZero)
                facts.properties.append("metadata", schema("\(meta).ObjectMeta"), presence: .always)
            }
            for field in definition.fields {
                facts.properties.append(
                    field.name, schema(of: field, in: definition.package), presence: presence(field))
                if field.isRequired { facts.required.append(field.name) }
            }
            let schema = Schema(facts)
            built[name] = schema
            return schema
        }

        private mutating func schema(of field: SchemaNotation.Field, in package: String) -> Schema {
            let base = type(field.type, in: package)
            if field.flags.isEmpty { return base }
            return base.changing { facts in
                for flag in field.flags { apply(flag, to: &facts) }
            }
        }

        private func apply(_ flag: Substring, to facts: inout Schema.Facts) {
            let argument = flag.firstIndex(of: ":").map { String(flag[flag.index(after: $0)...]) } ?? ""
            switch flag.prefix(while: { $0 != ":" }) {
            case "atomic":
                if facts.type == .array { facts.listType = .atomic } else { facts.mapType = .atomic }
            case "set": facts.listType = .set
            case "map":
                facts.listType = .map
                facts.listMapKeys = argument.split(separator: "+").map(String.init)
            case "merge":
                facts.patchStrategy.insert(.merge)
                facts.patchMergeKey = argument.isEmpty ? nil : argument
            case "retainKeys": facts.patchStrategy.insert(.retainKeys)
            case "replace": facts.patchStrategy.insert(.replace)
            case "default": facts.defaultValue = .string(argument)
            default: break
            }
        }

        private mutating func type(_ text: Substring, in package: String) -> Schema {
            if text.hasPrefix("[") {
                let items = type(text.dropFirst().dropLast(), in: package)
                return Schema {
                    $0.type = .array
                    $0.items = items
                }
            }
            if text.hasPrefix("{") {
                let values = type(text.dropFirst().dropLast(), in: package)
                return Schema {
                    $0.type = .object
                    $0.additionalProperties = values
                }
            }
            if let scalar = SchemaLibrary.scalars[text] { return scalar }
            for place in [package, SchemaLibrary.meta, SchemaLibrary.core] {
                let name = "\(place).\(text)"
                if definitions[name] != nil { return schema(name) }
            }
            unknown.append(String(text))
            return .anything
        }

        /// Structs and values with a zero of their own, which are not left out for being zero.
        private static let keptTypes: Set<Substring> = [
            "object", "any", "fieldsV1", "time", "microtime", "quantity", "intOrString",
        ]

        private func presence(_ field: SchemaNotation.Field) -> Schema.Properties.Presence {
            if field.isAlwaysPresent { return .always }
            if field.keepsZero { return .asGiven }
            let isNamed = SchemaLibrary.scalars[field.type] == nil && !"[{".contains(field.type.first ?? " ")
            if isNamed || Self.keptTypes.contains(field.type) { return .asGiven }
            let isScalar = SchemaLibrary.scalars[field.type] != nil && field.type != "bytes"
            return field.isRequired && isScalar ? .always : .whenNotZero
        }
    }
}
