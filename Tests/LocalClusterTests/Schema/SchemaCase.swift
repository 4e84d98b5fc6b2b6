import KubeCore
import LocalCluster
import Testing

/// A schema and a value, both as JSON text, and the errors expected of them as `field: message`.
struct SchemaCase: Sendable, CustomTestStringConvertible {
    let schema: String
    let value: String
    let errors: [String]

    init(_ schema: String, _ value: String, _ errors: String...) {
        self.schema = schema
        self.value = value
        self.errors = errors
    }

    var testDescription: String { "\(value) against \(schema)" }

    /// Checks the value as the field `x` of an object.
    func check(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let root: JSON = ["type": "object", "properties": ["x": try JSON.parse(schema)]]
        let object: JSON = ["x": try JSON.parse(value)]
        let found = CustomResourceSchema(openAPIV3Schema: root).validate(object).map(\.text)
        #expect(Set(found) == Set(errors), sourceLocation: sourceLocation)
    }
}

/// An object schema with one property `spec`.
func resourceSchema(_ spec: String) throws -> JSON {
    ["type": "object", "properties": ["spec": try JSON.parse(spec)]]
}

let rulesNotChecked =
    "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; "
    + "correct the existing errors to complete validation"
