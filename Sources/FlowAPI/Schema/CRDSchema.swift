import KubeCore

/// A structural OpenAPI v3 schema, as a CustomResourceDefinition carries it.
///
/// Each API type has one beside it:
/// ```swift
/// extension Backoff: SchemaDescribed {
///     static let schema = CRDSchema.object("How long to wait between attempts.", [
///         .optional("base", .duration("The first wait.").defaulting(to: "1s")),
///     ])
/// }
/// ```
/// Every node has a description, and every string, list and map has an upper bound: the API server estimates the cost
/// of validation rules from the bounds, and refuses definitions whose estimate is too high.
package struct CRDSchema: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case object([Property])
        /// Values of one schema under keys that users choose.
        indirect case map(CRDSchema)
        indirect case list(CRDSchema)
        case string, integer, number, boolean
        /// A JSON value of any type, kept as it is.
        case any
        /// An object of any content, kept as it is.
        case anyObject
    }

    package struct Property: Sendable, Hashable {
        package var name: String
        package var schema: CRDSchema
        package var isRequired: Bool

        static func required(_ name: String, _ schema: CRDSchema) -> Property {
            Property(name: name, schema: schema, isRequired: true)
        }

        static func optional(_ name: String, _ schema: CRDSchema) -> Property {
            Property(name: name, schema: schema, isRequired: false)
        }
    }

    /// How server-side apply merges a list, and what must be unique in it.
    package enum ListType: Sendable, Hashable {
        case atomic
        case set
        case map(keys: [String])
    }

    /// A CEL rule, `x-kubernetes-validations`.
    package struct Rule: Sendable, Hashable {
        package var rule: String
        package var message: String
        /// Computes the message in place of `message`, which stays for the case that it fails.
        package var messageExpression: String?
        /// Where the error is shown, relative to the node: `.script`.
        package var fieldPath: String?
    }

    package var kind: Kind
    package var description: String
    package var format: String?
    package var pattern: String?
    package var allowed: [String] = []
    package var defaultValue: JSON?
    package var minimum: Int?
    package var maximum: Int?
    /// The least length of a string, list or map, whichever the node is.
    package var minCount: Int?
    /// The greatest length of a string, list or map, whichever the node is.
    package var maxCount: Int?
    package var listType: ListType?
    package var rules: [Rule] = []

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

/// A Codable type with a schema of the same fields; a test compares the two.
package protocol SchemaDescribed: Codable, Sendable {
    static var schema: CRDSchema { get }
}

// MARK: - Building

extension CRDSchema {
    static func object(_ description: String, _ properties: [Property]) -> CRDSchema {
        CRDSchema(.object(properties), description)
    }

    static func map(_ description: String, max: Int, of values: CRDSchema) -> CRDSchema {
        var schema = CRDSchema(.map(values), description)
        schema.maxCount = max
        return schema
    }

    /// A list whose order matters and that is replaced as a whole.
    static func list(_ description: String, max: Int, of items: CRDSchema) -> CRDSchema {
        var schema = CRDSchema(.list(items), description)
        schema.maxCount = max
        schema.listType = .atomic
        return schema
    }

    /// A list of distinct scalars.
    static func set(_ description: String, max: Int, of items: CRDSchema) -> CRDSchema {
        var schema = list(description, max: max, of: items)
        schema.listType = .set
        return schema
    }

    /// A list of objects that are told apart by a key, by which they are merged.
    static func list(_ description: String, max: Int, keyedBy key: String, of items: CRDSchema) -> CRDSchema {
        var schema = list(description, max: max, of: items)
        schema.listType = .map(keys: [key])
        return schema
    }

    static func string(_ description: String, max: Int) -> CRDSchema {
        var schema = CRDSchema(.string, description)
        schema.maxCount = max
        return schema
    }

    static func timestamp(_ description: String) -> CRDSchema {
        var schema = CRDSchema(.string, description)
        schema.format = "date-time"
        return schema
    }

    static func oneOf<Values: RawRepresentable & CaseIterable>(
        _ type: Values.Type, _ description: String
    ) -> CRDSchema where Values.RawValue == String {
        oneOf(type.allCases.map(\.rawValue), description)
    }

    static func oneOf(_ values: [String], _ description: String) -> CRDSchema {
        var schema = CRDSchema(.string, description)
        schema.allowed = values
        return schema
    }

    static func integer(_ description: String, _ range: ClosedRange<Int>) -> CRDSchema {
        var schema = CRDSchema(.integer, description)
        schema.format = "int64"
        schema.minimum = range.lowerBound
        schema.maximum = range.upperBound
        return schema
    }

    /// A number that only has a least value, such as a count in a status.
    static func integer(_ description: String, atLeast minimum: Int = 0) -> CRDSchema {
        var schema = CRDSchema(.integer, description)
        schema.format = "int64"
        schema.minimum = minimum
        return schema
    }

    static func number(_ description: String, _ range: ClosedRange<Int>) -> CRDSchema {
        var schema = CRDSchema(.number, description)
        schema.minimum = range.lowerBound
        schema.maximum = range.upperBound
        return schema
    }

    static func bool(_ description: String) -> CRDSchema {
        CRDSchema(.boolean, description)
    }

    static func any(_ description: String) -> CRDSchema {
        CRDSchema(.any, description)
    }

    static func anyObject(_ description: String, max: Int) -> CRDSchema {
        var schema = CRDSchema(.anyObject, description)
        schema.maxCount = max
        return schema
    }
}

// MARK: - Refining

extension CRDSchema {
    func defaulting(to value: JSON) -> CRDSchema {
        with { $0.defaultValue = value }
    }

    func matching(_ pattern: String) -> CRDSchema {
        with { $0.pattern = pattern }
    }

    /// Must have at least one element, entry or character.
    func notEmpty() -> CRDSchema {
        with { $0.minCount = 1 }
    }

    /// The same shape with words that fit the place where it is used.
    func described(_ description: String) -> CRDSchema {
        with { $0.description = description }
    }

    /// - Parameter rule: CEL over `self` and, on updates, `oldSelf`.
    /// - Parameter message: names what is wrong and says what to do.
    /// - Parameter field: the property that the error is about, `.script`; the node itself when nil.
    func rule(
        _ rule: String, _ message: String, messageExpression: String? = nil, field: String? = nil
    ) -> CRDSchema {
        with {
            $0.rules.append(
                Rule(rule: rule, message: message, messageExpression: messageExpression, fieldPath: field))
        }
    }

    /// Once set it stays. The node itself can only compare values; the object above must forbid removing it if it is
    /// optional.
    func immutable(_ message: String) -> CRDSchema {
        rule("self == oldSelf", message)
    }

    private func with(_ change: (inout CRDSchema) -> Void) -> CRDSchema {
        var copy = self
        change(&copy)
        return copy
    }
}
