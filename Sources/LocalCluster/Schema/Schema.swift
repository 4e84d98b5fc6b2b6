import KubeCore

/// The shape of a value: one type for built-in kinds (written in `Kinds/`) and for custom kinds (parsed from a
/// definition's `openAPIV3Schema`).
///
/// A schema is immutable and shared by reference. It is made by filling in its facts:
///
///     let port = Schema { $0.type = .integer; $0.format = "int32"; $0.minimum = 1 }
///
/// Every fact is readable on the schema itself (`schema.type`, `schema.listType`). Children that were given as named
/// references (`Schema.reference`) come back resolved from `items`, `additionalProperties` and `properties`, so a
/// reader never meets a reference; a resolved schema that has a name says so in `definitionName`. Schemas may be
/// recursive through references: walk the value, not the schema.
@dynamicMemberLookup
package final class Schema: Sendable {
    package enum ValueType: String, Sendable, Hashable {
        case object, array, string, integer, number, boolean
    }

    /// `x-kubernetes-list-type`: what identifies an element of a list for server-side apply and validation.
    package enum ListType: String, Sendable, Hashable {
        /// The list is one value (also when nothing is said).
        case atomic
        /// Scalars, each at most once.
        case set
        /// Objects identified by `listMapKeys`.
        case map
    }

    /// `x-kubernetes-map-type`: whether fields of an object have owners of their own.
    package enum MapType: String, Sendable, Hashable {
        case granular, atomic
    }

    /// What a strategic merge patch does with a field. Both may hold (`merge,retainKeys`).
    package struct PatchStrategy: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Lists are merged: by `patchMergeKey` when they hold objects, as a set when they hold scalars.
        package static let merge = PatchStrategy(rawValue: 1)
        /// `$retainKeys` in a patch is honoured: keys it does not name are cleared.
        package static let retainKeys = PatchStrategy(rawValue: 2)

        /// A struct that a patch sets as a whole.
        package static let replace = PatchStrategy(rawValue: 4)

        /// As in `x-kubernetes-patch-strategy`.
        package var text: String {
            var words: [String] = []
            if contains(.merge) { words.append("merge") }
            if contains(.retainKeys) { words.append("retainKeys") }
            if contains(.replace) { words.append("replace") }
            return words.joined(separator: ",")
        }
    }

    /// One rule of `x-kubernetes-validations`.
    package struct Rule: Sendable, Hashable {
        package var rule: String
        package var message: String?
        package var messageExpression: String?
        /// The cause's reason: FieldValueInvalid when nil.
        package var reason: String?
        /// Relative to the value the rule stands on, such as `.spec.x` or `['a b']`.
        package var fieldPath: String?
        /// A transition rule that also runs on creation, with `oldSelf` an optional.
        package var optionalOldSelf: Bool?

        package init(
            rule: String, message: String? = nil, messageExpression: String? = nil, reason: String? = nil,
            fieldPath: String? = nil, optionalOldSelf: Bool? = nil
        ) {
            self.rule = rule
            self.message = message
            self.messageExpression = messageExpression
            self.reason = reason
            self.fieldPath = fieldPath
            self.optionalOldSelf = optionalOldSelf
        }
    }

    /// What a schema says; the defaults say nothing, and so allow everything.
    package struct Facts: Sendable {
        package var type: ValueType?
        /// Such as `int32`, `int64`, `double`, `byte`, `date-time`, `int-or-string`, `quantity`.
        package var format: String?
        package var title: String?
        package var description: String?

        package var properties = Properties()
        /// The schema of the values of a map.
        package var additionalProperties: Schema?
        /// `additionalProperties: true` or `false`, when it was a truth value.
        package var allowsAdditionalProperties: Bool?
        package var items: Schema?
        package var required: [String] = []

        package var defaultValue: JSON?
        package var example: JSON?
        /// Allowed values; empty allows all.
        package var enumeration: [JSON] = []
        package var isNullable = false

        package var pattern: String?
        package var minimum: Double?
        package var maximum: Double?
        package var exclusiveMinimum = false
        package var exclusiveMaximum = false
        package var multipleOf: Double?
        /// In Unicode scalars.
        package var minLength: Int64?
        package var maxLength: Int64?
        package var minItems: Int64?
        package var maxItems: Int64?
        package var uniqueItems = false
        package var minProperties: Int64?
        package var maxProperties: Int64?

        package var allOf: [Schema] = []
        package var anyOf: [Schema] = []
        package var oneOf: [Schema] = []
        package var not: Schema?

        /// `x-kubernetes-int-or-string`.
        package var isIntOrString = false
        /// `x-kubernetes-preserve-unknown-fields`.
        package var preservesUnknownFields = false
        /// `x-kubernetes-embedded-resource`: the value has apiVersion, kind and metadata.
        package var isEmbeddedResource = false

        /// nil where nothing is said, which means atomic.
        package var listType: ListType?
        package var listMapKeys: [String] = []
        /// nil where nothing is said, which means granular.
        package var mapType: MapType?
        package var patchStrategy: PatchStrategy = []
        package var patchMergeKey: String?

        package var rules: [Rule] = []

        /// The name this schema has in OpenAPI documents, such as `io.k8s.api.core.v1.PodSpec`; nil for schemas
        /// inlined.
        package var definitionName: String?

        package init() {}
    }

    package let facts: Facts
    private let target: (@Sendable () -> Schema)?

    package init(_ facts: Facts) {
        self.facts = facts
        target = nil
    }

    package convenience init(_ fill: (inout Facts) -> Void) {
        var facts = Facts()
        fill(&facts)
        self.init(facts)
    }

    private init(target: @escaping @Sendable () -> Schema) {
        facts = Facts()
        self.target = target
    }

    /// Stands for another schema, looked up when it is first needed: how types refer to themselves or to types
    /// defined later. `resolve` must give a schema that is no reference.
    package static func reference(_ resolve: @escaping @Sendable () -> Schema) -> Schema {
        Schema(target: resolve)
    }

    /// A schema that allows everything and keeps all fields.
    package static let anything = Schema { $0.preservesUnknownFields = true }

    /// This schema, or what it stands for.
    package var resolved: Schema {
        guard let target else { return self }
        return target()
    }

    package subscript<Value>(dynamicMember path: KeyPath<Facts, Value>) -> Value { facts[keyPath: path] }

    /// The elements of a list.
    package var items: Schema? { facts.items?.resolved }
    /// The values of a map.
    package var additionalProperties: Schema? { facts.additionalProperties?.resolved }

    /// A declared property, resolved.
    package func property(_ name: String) -> Schema? { facts.properties[name] }

    /// The schema of the field `name` of an object: the declared property, else that of the map's values.
    package func field(_ name: String) -> Schema? { facts.properties[name] ?? additionalProperties }

    /// A copy with some facts changed.
    package func changing(_ change: (inout Facts) -> Void) -> Schema {
        var facts = resolved.facts
        change(&facts)
        return Schema(facts)
    }
}

extension Schema {
    /// Properties in the order they were declared, found by name in constant time.
    package struct Properties: Sendable, RandomAccessCollection, ExpressibleByDictionaryLiteral {
        package typealias Element = (name: String, schema: Schema)

        /// Whether a typed server keeps a field when it stores an object; it is how built-in kinds lose `data: {}`
        /// and gain `status: {}`. Fields of custom kinds are all `asGiven`.
        package enum Presence: Sendable, Hashable {
            /// Absent only when the client left it out or gave null.
            case asGiven
            /// Left out when false, 0, "" or empty.
            case whenNotZero
            /// Made with its zero value when left out.
            case always
        }

        private var list: [(name: String, schema: Schema, presence: Presence)] = []
        private var places: [String: Int] = [:]

        package init() {}

        package init(dictionaryLiteral elements: (String, Schema)...) {
            for (name, schema) in elements { self[name] = schema }
        }

        package var startIndex: Int { 0 }
        package var endIndex: Int { list.count }

        package subscript(position: Int) -> Element {
            let element = list[position]
            return (element.name, element.schema.resolved)
        }

        /// Getting resolves references. Setting replaces in place or appends; nil removes.
        package subscript(name: String) -> Schema? {
            get { places[name].map { list[$0].schema.resolved } }
            set {
                if let newValue {
                    if let place = places[name] {
                        list[place].schema = newValue
                    } else {
                        places[name] = list.count
                        list.append((name, newValue, .asGiven))
                    }
                } else if let place = places.removeValue(forKey: name) {
                    list.remove(at: place)
                    for later in place..<list.count { places[list[later].name] = later }
                }
            }
        }

        package func presence(of name: String) -> Presence { places[name].map { list[$0].presence } ?? .asGiven }

        package mutating func append(_ name: String, _ schema: Schema, presence: Presence) {
            self[name] = schema
            if let place = places[name] { list[place].presence = presence }
            alwaysPresent = list.filter { $0.presence == .always }.map { ($0.name, $0.schema) }
        }

        /// The fields that are always present, in order.
        package private(set) var alwaysPresent: [Element] = []

        package var names: [String] { list.map(\.name) }
    }
}
