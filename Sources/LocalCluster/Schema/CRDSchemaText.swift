import KubeCore

/// An `openAPIV3Schema` as it was written, before anything is known to be right about it.
struct CRDSchemaText {
    let json: JSON

    init(_ json: JSON) {
        self.json = json
    }

    var type: String { json["type"]?.stringValue ?? "" }
    var pattern: String { json["pattern"]?.stringValue ?? "" }
    var isNullable: Bool { flag("nullable") }
    var required: [String] { strings("required") }

    /// The default; null is none.
    var defaultValue: JSON? { json["default"].flatMap { $0.isNull ? nil : $0 } }

    var preservesUnknownFields: Bool { flag("x-kubernetes-preserve-unknown-fields") }
    var isEmbeddedResource: Bool { flag("x-kubernetes-embedded-resource") }
    var isIntOrString: Bool { flag("x-kubernetes-int-or-string") }
    var listType: String? { json["x-kubernetes-list-type"]?.stringValue }
    var mapType: String? { json["x-kubernetes-map-type"]?.stringValue }
    var listMapKeys: [String] { strings("x-kubernetes-list-map-keys") }
    var rules: [JSON] { json["x-kubernetes-validations"]?.arrayValue ?? [] }

    /// Properties by name, sorted, so that errors come in a fixed order.
    var properties: [(name: String, schema: CRDSchemaText)] {
        (json["properties"]?.objectValue ?? [:]).map { (name: $0.key, schema: CRDSchemaText($0.value)) }
            .sorted { $0.name < $1.name }
    }

    func property(_ name: String) -> CRDSchemaText? {
        json["properties"]?[name].map { CRDSchemaText($0) }
    }

    var items: CRDSchemaText? { schema("items") }
    var not: CRDSchemaText? { schema("not") }
    var additionalProperties: CRDSchemaText? { schema("additionalProperties") }

    /// Whether `additionalProperties` is there, as a schema or as a truth value.
    var hasAdditionalProperties: Bool { isSet("additionalProperties") }

    /// `allOf`, `anyOf` or `oneOf`.
    func branches(_ name: String) -> [CRDSchemaText] {
        (json[name]?.arrayValue ?? []).map { CRDSchemaText($0) }
    }

    private func schema(_ name: String) -> CRDSchemaText? {
        guard let value = json[name], value.objectValue != nil else { return nil }
        return CRDSchemaText(value)
    }

    private func strings(_ name: String) -> [String] {
        (json[name]?.arrayValue ?? []).compactMap(\.stringValue)
    }

    private func flag(_ name: String) -> Bool { json[name]?.boolValue ?? false }

    /// Whether a field is there and not null.
    func isSet(_ name: String) -> Bool { json[name].map { !$0.isNull } ?? false }

    /// Whether a field has a value other than null, false, 0, and empty.
    func isMeaningful(_ name: String) -> Bool {
        switch json[name] {
        case nil, .null?, .bool(false)?, .int(0)?, .string("")?: false
        case .array(let elements)?: !elements.isEmpty
        case .object(let object)?: !object.isEmpty
        default: true
        }
    }

    /// Every schema within this one, itself included.
    func contains(where predicate: (CRDSchemaText) -> Bool) -> Bool {
        if predicate(self) {
            return true
        }
        let children =
            [items, not, additionalProperties].compactMap { $0 } + properties.map(\.schema)
            + ["allOf", "anyOf", "oneOf"].flatMap { branches($0) }
        return children.contains { $0.contains(where: predicate) }
    }
}
