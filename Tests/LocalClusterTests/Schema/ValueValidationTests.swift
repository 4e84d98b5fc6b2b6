import KubeCore
import LocalCluster
import Testing

@Suite("Values against a structural schema")
struct ValueValidationTests {
    static let types: [SchemaCase] = [
        SchemaCase(#"{"type": "string"}"#, #""a""#),
        SchemaCase(
            #"{"type": "string"}"#, "1", #"x: Invalid value: "integer": x in body must be of type string: "integer""#),
        SchemaCase(
            #"{"type": "string"}"#, "null", #"x: Invalid value: "null": x in body must be of type string: "null""#),
        SchemaCase(#"{"type": "string", "nullable": true}"#, "null"),
        SchemaCase(#"{"type": "integer"}"#, "1"), SchemaCase(#"{"type": "integer"}"#, "2.0"),
        SchemaCase(
            #"{"type": "integer"}"#, "1.5", #"x: Invalid value: "number": x in body must be of type integer: "number""#,
            #"<nil>: Invalid value: "": Checked value must be of type integer (default format) in x"#),
        SchemaCase(
            #"{"type": "integer", "format": "int32"}"#, "3000000000",
            #"<nil>: Invalid value: "": Checked value must be of type integer with format int32 in x"#),
        SchemaCase(#"{"type": "number"}"#, "1"), SchemaCase(#"{"type": "number"}"#, "1.5"),
        SchemaCase(
            #"{"type": "boolean"}"#, #""yes""#,
            #"x: Invalid value: "string": x in body must be of type boolean: "string""#),
        SchemaCase(
            #"{"type": "array", "items": {"type": "string"}}"#, "{}",
            #"x: Invalid value: "object": x in body must be of type array: "object""#),
        SchemaCase(
            #"{"type": "object"}"#, "[]", #"x: Invalid value: "array": x in body must be of type object: "array""#),
        SchemaCase(#"{"x-kubernetes-int-or-string": true}"#, "1"),
        SchemaCase(#"{"x-kubernetes-int-or-string": true}"#, #""50%""#),
        SchemaCase(
            #"{"x-kubernetes-int-or-string": true}"#, "true",
            #"x: Invalid value: "boolean": x in body must be of type integer,string: "boolean""#),
        SchemaCase(#"{"x-kubernetes-preserve-unknown-fields": true}"#, #"[1, {"a": null}]"#),
    ]

    static let bounds: [SchemaCase] = [
        SchemaCase(#"{"type": "integer", "minimum": 2, "maximum": 4}"#, "3"),
        SchemaCase(
            #"{"type": "integer", "minimum": 2}"#, "1",
            "x: Invalid value: 1: x in body should be greater than or equal to 2"),
        SchemaCase(
            #"{"type": "integer", "maximum": 2}"#, "3",
            "x: Invalid value: 3: x in body should be less than or equal to 2"),
        SchemaCase(
            #"{"type": "number", "minimum": 0.5, "exclusiveMinimum": true}"#, "0.5",
            "x: Invalid value: 0.5: x in body should be greater than 0.5"),
        SchemaCase(
            #"{"type": "number", "maximum": 1.5, "exclusiveMaximum": true}"#, "1.5",
            "x: Invalid value: 1.5: x in body should be less than 1.5"),
        SchemaCase(#"{"type": "integer", "multipleOf": 5}"#, "10"),
        SchemaCase(
            #"{"type": "integer", "multipleOf": 5}"#, "11", "x: Invalid value: 11: x in body should be a multiple of 5"),
        SchemaCase(#"{"type": "number", "multipleOf": 0.1}"#, "0.3"),
        SchemaCase(
            #"{"type": "number", "multipleOf": 0.5}"#, "0.7",
            "x: Invalid value: 0.7: x in body should be a multiple of 0.5"),
        // A whole number makes a whole number of the factor.
        SchemaCase(
            #"{"type": "number", "multipleOf": 0.5}"#, "1",
            "x: Invalid value: 0: factor MultipleOf declared for x must be positive: 0"),
        SchemaCase(#"{"type": "string", "minLength": 2, "maxLength": 3}"#, #""äöü""#),
        SchemaCase(#"{"type": "string", "maxLength": 2}"#, #""äöü""#, "x: Too long: may not be more than 2 bytes"),
        SchemaCase(
            #"{"type": "string", "minLength": 2}"#, #""a""#,
            #"x: Invalid value: "a": x in body should be at least 2 chars long"#),
        SchemaCase(
            #"{"type": "string", "pattern": "^[a-z]+$"}"#, #""A""#,
            #"x: Invalid value: "A": x in body should match '^[a-z]+$'"#),
        SchemaCase(#"{"type": "string", "pattern": "b"}"#, #""abc""#),
        SchemaCase(#"{"type": "string", "enum": ["a", "b"]}"#, #""b""#),
        SchemaCase(
            #"{"type": "string", "enum": ["a", "b"]}"#, #""c""#,
            #"x: Unsupported value: "c": supported values: "a", "b""#),
        SchemaCase(#"{"type": "integer", "enum": [1, 2]}"#, "2.0"),
        SchemaCase(
            #"{"type": "integer", "enum": [1, 2]}"#, "3", #"x: Unsupported value: 3: supported values: "1", "2""#),
        SchemaCase(
            #"{"type": "array", "items": {"type": "integer"}, "maxItems": 1}"#, "[1, 2]",
            "x: Too many: 2: must have at most 1 items"),
        SchemaCase(
            #"{"type": "array", "items": {"type": "integer"}, "minItems": 1}"#, "[]",
            "x: Invalid value: 0: x in body should have at least 1 items"),
        SchemaCase(
            #"{"type": "array", "items": {"type": "integer"}}"#, #"[1, "a"]"#,
            #"x[1]: Invalid value: "string": x[1] in body must be of type integer: "string""#),
        SchemaCase(
            #"{"type": "object", "maxProperties": 1}"#, #"{"a": 1, "b": 2}"#,
            "x: Too many: 2: must have at most 1 items"),
        SchemaCase(
            #"{"type": "object", "minProperties": 1}"#, "{}",
            "x: Invalid value: 0: x in body should have at least 1 properties"),
        SchemaCase(
            #"{"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "string"}}}"#, #"{"a": ""}"#,
            "x.b: Required value"),
        SchemaCase(
            #"{"type": "object", "additionalProperties": {"type": "integer"}}"#, #"{"a": "b"}"#,
            #"x.a: Invalid value: "string": x.a in body must be of type integer: "string""#),
        SchemaCase(
            #"{"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {"type": "integer", "minimum": 1}}}}}"#,
            #"{"a": {"b": 0}}"#, "x.a.b: Invalid value: 0: x.a.b in body should be greater than or equal to 1"),
    ]

    static let combinations: [SchemaCase] = [
        SchemaCase(#"{"type": "integer", "anyOf": [{"minimum": 5}, {"maximum": 1}]}"#, "7"),
        SchemaCase(
            #"{"type": "integer", "anyOf": [{"minimum": 5}, {"maximum": 1}]}"#, "3",
            #"<nil>: Invalid value: "": "x" must validate at least one schema (anyOf)"#,
            "x: Invalid value: 3: x in body should be greater than or equal to 5"),
        SchemaCase(#"{"type": "integer", "oneOf": [{"minimum": 5}, {"maximum": 1}]}"#, "0"),
        SchemaCase(
            #"{"type": "integer", "oneOf": [{"minimum": 1}, {"maximum": 5}]}"#, "3",
            #"<nil>: Invalid value: "": "x" must validate one and only one schema (oneOf). Found 2 valid alternatives"#),
        SchemaCase(
            #"{"type": "integer", "allOf": [{"minimum": 5}, {"maximum": 9}]}"#, "3",
            #"<nil>: Invalid value: "": "x" must validate all the schemas (allOf)"#,
            "x: Invalid value: 3: x in body should be greater than or equal to 5"),
        SchemaCase(
            #"{"type": "integer", "not": {"minimum": 5}}"#, "7",
            #"<nil>: Invalid value: "": "x" must not validate the schema (not)"#),
        SchemaCase(#"{"type": "integer", "not": {"minimum": 5}}"#, "3"),
        // The branch that got furthest explains the failure.
        SchemaCase(
            #"{"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "oneOf": [{"required": ["a"]}, {"required": ["b"], "properties": {"a": {"maxLength": 1}}}]}"#,
            #"{"a": "long", "b": "x"}"#),
    ]

    static let lists: [SchemaCase] = [
        SchemaCase(#"{"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"}"#, #"["a", "b"]"#),
        SchemaCase(
            #"{"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"}"#,
            #"["a", "b", "a", "a"]"#,
            #"x[2]: Duplicate value: "a""#),
        SchemaCase(
            #"{"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"], "items": {"type": "object", "properties": {"k": {"type": "string"}}}}"#,
            #"[{"k": "a", "v": 1}, {"k": "a", "v": 2}]"#, #"x[1]: Duplicate value: {"k":"a"}"#),
        SchemaCase(
            #"{"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k", "n"], "items": {"type": "object", "properties": {"k": {"type": "string"}, "n": {"type": "integer"}}}}"#,
            #"[{"k": "a", "n": 1}, {"k": "a", "n": 2}]"#),
        SchemaCase(
            #"{"type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true}"#,
            #"{"apiVersion": "a/b/c", "kind": "Not a kind"}"#,
            #"x.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c"#,
            "x.kind: Invalid value: \"Not a kind\": may have mixed case, but should otherwise match: "
                + "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
                + "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
                + "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"),
    ]

    @Test("A value has the type of its schema", arguments: types)
    func checkTypes(_ example: SchemaCase) throws { try example.check() }

    @Test("A value keeps within its bounds", arguments: bounds)
    func checkBounds(_ example: SchemaCase) throws { try example.check() }

    @Test("anyOf, oneOf, allOf and not narrow values down", arguments: combinations)
    func checkCombinations(_ example: SchemaCase) throws { try example.check() }

    @Test(
        "Lists of type set and map have no duplicates; embedded resources have a version and a kind", arguments: lists)
    func checkLists(_ example: SchemaCase) throws { try example.check() }

    @Test(
        "Known formats are checked, others are not",
        arguments: [
            ("date-time", "2026-01-31T12:00:00Z", true), ("date-time", "2026-01-31t12:00:00.5+01:00", true),
            ("date-time", "yesterday", false),
            ("date-time", "2026-02-30T12:00:00Z", false), ("date-time", "2026-01-31T25:00:00Z", false),
            ("date", "2026-01-31", true), ("date", "2026-13-01", false),
            ("duration", "1h30m", true), ("duration", "3 days", true), ("duration", "soon", false),
            ("email", "a@example.com", true), ("email", "nope", false),
            ("hostname", "a.example.com", true), ("hostname", "-a.example.com", false), ("ipv4", "10.0.0.1", true),
            ("ipv4", "10.0.0.256", false), ("ipv4", "::1", false),
            ("ipv6", "2001:db8::1", true), ("ipv6", "10.0.0.1", false), ("cidr", "10.0.0.0/8", true),
            ("cidr", "10.0.0.0/33", false),
            ("uuid", "01234567-89ab-cdef-0123-456789ABCDEF", true), ("uuid", "x", false),
            ("uuid4", "01234567-89ab-4def-8123-456789abcdef", true),
            ("uuid4", "01234567-89ab-1def-8123-456789abcdef", false),
            ("mac", "01:23:45:67:89:ab", true), ("mac", "01:23", false), ("byte", "aGk=", true), ("byte", "a!", false),
            ("uri", "https://example.com/x", true), ("uri", "no uri", false),
            ("hexcolor", "#ffeedd", true), ("hexcolor", "red", false), ("rgbcolor", "rgb(1, 2, 255)", true),
            ("rgbcolor", "rgb(1,2,256)", false), ("isbn", "978-0321751041", true),
            ("isbn10", "0321751043", true), ("isbn10", "0321751044", false),
            ("creditcard", "4111 1111 1111 1111", true), ("creditcard", "4111 1111 1111 1112", false),
            ("ssn", "111-22-3333", true), ("bsonobjectid", "507f1f77bcf86cd799439011", true),
            ("k8s-short-name", "a-b", true), ("k8s-short-name", "A", false),
            ("k8s-long-name", "a.b", true), ("password", "anything", true), ("made-up", "anything", true),
        ])
    func formats(_ format: String, _ text: String, _ isValid: Bool) throws {
        let schema = CustomResourceSchema(
            openAPIV3Schema: ["type": "object", "properties": ["x": ["type": "string", "format": .string(format)]]])
        let errors = schema.validate(["x": .string(text)]).map(\.text)
        let complaint = "x: Invalid value: \"\(text)\": x in body must be of type \(format): \"\(text)\""
        #expect(errors == (isValid ? [] : [complaint]))
    }

    @Test("What did not change is not held against a schema that was tightened")
    func ratcheting() throws {
        let schema = CustomResourceSchema(
            openAPIV3Schema: try resourceSchema(
                #"""
                {"type": "object", "properties": {
                    "a": {"type": "string", "maxLength": 2}, "b": {"type": "integer"},
                    "list": {"type": "array", "items": {"type": "string", "maxLength": 2}},
                    "map": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"],
                        "items": {"type": "object", "properties": {"k": {"type": "string"}, "v": {"type": "string", "maxLength": 2}}}}}}
                """#))
        let old: JSON = ["spec": ["a": "long", "b": 1, "list": ["long"], "map": [["k": "1", "v": "long"]]]]
        var new = old
        new.set(2, at: ["spec", "b"])
        #expect(schema.validate(new, old: old).isEmpty)
        new.set("other", at: ["spec", "a"])
        #expect(schema.validate(new, old: old).map(\.field) == ["spec.a"])
        new = old
        // Elements of an atomic list have no identity: the whole list counts as changed.
        new.set(["ok", "long"], at: ["spec", "list"])
        #expect(schema.validate(new, old: old).map(\.field) == ["spec.list[1]"])
        new = old
        new.set([["k": "0", "v": "long"], ["k": "1", "v": "long"]], at: ["spec", "map"])
        #expect(schema.validate(new, old: old).map(\.field) == ["spec.map[0].v"])
    }

    @Test("The paths of a scale subresource must lead to whole numbers from 0 on")
    func scale() throws {
        let schema = CustomResourceSchema(
            openAPIV3Schema: ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
            scale: [
                "specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas",
                "labelSelectorPath": ".status.selector",
            ])
        #expect(schema.validate(["spec": ["replicas": 3]]).isEmpty)
        #expect(schema.validate([:]).isEmpty)
        #expect(
            schema.validate(["spec": ["replicas": -1], "status": ["replicas": 3_000_000_000]]).map(\.text) == [
                ".spec.replicas: Invalid value: -1: should be a non-negative integer",
                ".status.replicas: Invalid value: 3000000000: should be less than or equal to 2147483647",
            ])
        #expect(
            schema.validate(["spec": ["replicas": "two"], "status": ["selector": 1]]).map(\.field) == [
                ".spec.replicas", ".status.selector",
            ])
    }

    @Test("Without a schema everything is allowed")
    func noSchema() {
        let schema = CustomResourceSchema(openAPIV3Schema: nil)
        var object: JSON = ["spec": ["any": [1, nil]]]
        let original = object
        #expect(schema.prune(&object).isEmpty)
        schema.setDefaults(&object)
        #expect(object == original)
        #expect(schema.validate(object).isEmpty)
    }
}
