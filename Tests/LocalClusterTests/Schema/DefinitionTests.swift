import KubeCore
import LocalCluster
import Testing

@Suite("CustomResourceDefinitions")
struct DefinitionTests {
    private static func definition(_ schema: JSON) -> JSON {
        [
            "metadata": ["name": "gizmos.example.dev"],
            "spec": [
                "group": "example.dev", "scope": "Namespaced", "conversion": ["strategy": "None"],
                "names": ["plural": "gizmos", "singular": "gizmo", "kind": "Gizmo", "listKind": "GizmoList"],
                "versions": [["name": "v1", "served": true, "storage": true, "schema": ["openAPIV3Schema": schema]]],
            ],
            "status": ["storedVersions": ["v1"]],
        ]
    }

    private func errors(spec: String) throws -> [String] {
        let prefix = "spec.validation.openAPIV3Schema.properties[spec]"
        return CustomResourceDefinitionRules.validate(Self.definition(try resourceSchema(spec))).map(\.text)
            .map { $0.replacing(prefix, with: "~") }
    }

    @Test(
        "Schemas that are sound",
        arguments: [
            #"{"type": "object", "properties": {"a": {"type": "string", "default": "x"}}}"#,
            #"{"x-kubernetes-int-or-string": true}"#,
            #"{"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]}"#,
            #"{"x-kubernetes-int-or-string": true, "allOf": [{"anyOf": [{"type": "integer"}, {"type": "string"}]}, {"pattern": "^a"}]}"#,
            #"{"x-kubernetes-preserve-unknown-fields": true}"#, #"{"type": "object", "additionalProperties": true}"#,
            #"{"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"}"#,
            #"{"type": "string", "enum": ["a", "a"]}"#,
            #"{"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"], "items": {"type": "object", "required": ["k"], "properties": {"k": {"type": "string"}}}}"#,
            #"{"type": "object", "properties": {"a": {"type": "string"}}, "oneOf": [{"required": ["a"]}, {"properties": {"a": {"maxLength": 3}}}]}"#,
            #"{"type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true, "x-kubernetes-validations": [{"rule": "self.metadata.name != ''"}]}"#,
            #"{"type": "object", "properties": {"a": {"type": "string"}}, "x-kubernetes-validations": [{"rule": "has(self.a) || oldSelf.a == 'x'", "fieldPath": ".a", "reason": "FieldValueInvalid"}]}"#,
            #"{"type": "object", "properties": {"l": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer"}}}}}, "x-kubernetes-validations": [{"rule": "self.l.all(x, x.n > 0)", "messageExpression": "'n: ' + string(self.l[0].n)"}]}"#,
            #"{"type": "integer", "nullable": true, "default": null}"#,
        ])
    func sound(_ spec: String) throws {
        #expect(try errors(spec: spec) == [])
    }

    static let unsound: [(spec: String, errors: [String])] = [
        ("{}", ["~.type: Required value: must not be empty for specified object fields"]),
        (
            #"{"type": "tuple"}"#,
            [
                #"~.type: Unsupported value: "tuple": supported values: "array", "boolean", "integer", "number", "object", "string""#
            ]
        ),
        (#"{"type": "array"}"#, ["~.items: Required value: must be specified"]),
        (
            #"{"type": "array", "items": {}}"#,
            ["~.items.type: Required value: must not be empty for specified array items"]
        ),
        (
            #"{"type": "array", "items": [{"type": "string"}]}"#,
            ["~.items: Forbidden: items must be a schema object and not an array"]
        ),
        (#"{"type": "object", "$ref": "x"}"#, ["~.$ref: Forbidden: $ref is not supported"]),
        (
            #"{"type": "object", "patternProperties": {"a": {"type": "string"}}}"#,
            ["~.patternProperties: Forbidden: patternProperties is not supported"]
        ),
        (
            #"{"type": "object", "uniqueItems": true}"#,
            [
                "~.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
            ]
        ),
        (
            #"{"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "string"}}"#,
            ["~.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive"]
        ),
        (
            #"{"type": "string", "x-kubernetes-preserve-unknown-fields": false}"#,
            ["~.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined"]
        ),
        (
            #"{"x-kubernetes-int-or-string": true, "x-kubernetes-preserve-unknown-fields": true}"#,
            [
                "~.x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true"
            ]
        ),
        (
            #"{"x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true}"#,
            ["~.type: Required value: must be object if x-kubernetes-embedded-resource is true"]
        ),
        (
            #"{"type": "object", "anyOf": [{"type": "object", "description": "d", "nullable": true, "default": 1, "x-kubernetes-list-type": "set"}]}"#,
            [
                "~.anyOf[0].default: Forbidden: must be undefined to be structural",
                "~.anyOf[0].description: Forbidden: must be empty to be structural",
                "~.anyOf[0].nullable: Forbidden: must be false to be structural",
                "~.anyOf[0].type: Forbidden: must be empty to be structural",
                "~.anyOf[0].x-kubernetes-list-type: Forbidden: must be undefined to be structural",
                "~.anyOf[0].type: Invalid value: \"object\": must be array if x-kubernetes-list-type is specified",
            ]
        ),
        (
            #"{"type": "object", "x-kubernetes-map-type": "odd"}"#,
            [#"~.x-kubernetes-map-type: Unsupported value: "odd": supported values: "atomic", "granular""#]
        ),
        (
            #"{"type": "string", "x-kubernetes-list-type": "set"}"#,
            [#"~.type: Invalid value: "string": must be array if x-kubernetes-list-type is specified"#]
        ),
        (
            #"{"type": "array", "items": {"type": "string"}, "x-kubernetes-list-map-keys": ["k"]}"#,
            ["~.x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty"]
        ),
        (
            #"{"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k", "k", "z"], "items": {"type": "object", "required": ["k"], "properties": {"k": {"type": "object"}}}}"#,
            [
                #"~.items.properties[k].type: Invalid value: "object": must be a scalar type if parent array's x-kubernetes-list-type is map"#,
                #"~.x-kubernetes-list-map-keys: Invalid value: ["k","k","z"]: must not contain duplicate entries"#,
                #"~.x-kubernetes-list-map-keys: Invalid value: ["k","k","z"]: entries must all be names of item properties"#,
            ]
        ),
        (
            #"{"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string", "nullable": true}}"#,
            ["~.items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is set"]
        ),
        (
            #"{"type": "integer", "default": "x"}"#,
            [#"~.default: Invalid value: "string":  in body must be of type integer: "string""#]
        ),
        (
            #"{"type": "object", "default": {"b": 1}, "properties": {"a": {"type": "string"}}}"#,
            [#"~.default: Invalid value: {"b":1}: must not have unknown fields"#]
        ),
        (
            #"{"type": "object", "properties": {"a": {"type": "integer", "minimum": 5, "default": 1}}}"#,
            ["~.properties[a].default: Invalid value: 1:  in body should be greater than or equal to 5"]
        ),
        (
            #"{"type": "integer", "default": 1, "x-kubernetes-validations": [{"rule": "self > 1", "message": "m"}]}"#,
            ["~.default: Invalid value: 1: m"]
        ),
    ]

    @Test("Schemas that are not structural or do not hold together", arguments: unsound)
    func checkUnsound(spec: String, errors: [String]) throws {
        #expect(Set(try self.errors(spec: spec)) == Set(errors))
    }

    static let rules: [(rule: String, field: String, message: String)] = [
        (#"{"rule": " "}"#, "rule", "rule is not specified"),
        (#"{"rule": "true", "message": " "}"#, "message", "must be non-empty if specified"),
        (#"{"rule": "true", "message": "a\nb"}"#, "message", "must not contain line breaks"),
        (#"{"rule": "true\n|| false"}"#, "message", "message must be specified if rule contains line breaks"),
        (#"{"rule": "true", "messageExpression": " "}"#, "messageExpression", "must be non-empty if specified"),
        (#"{"rule": "true", "reason": "Odd"}"#, "reason", #"Unsupported value: "Odd""#),
        (#"{"rule": "true", "fieldPath": ".nope"}"#, "fieldPath", "must be a valid path"),
        (#"{"rule": "true", "fieldPath": "a"}"#, "fieldPath", "must be a valid path"),
        (#"{"rule": "true", "fieldPath": ".map['x'"}"#, "fieldPath", "must be a valid path"),
        (#"{"rule": "self.a ==="}"#, "rule", "compilation failed: ERROR: <input>:1:10: '=' is no operator"),
        (#"{"rule": "self.nope == 1"}"#, "rule", "compilation failed: ERROR: <input>:1:1: undefined field 'nope'"),
        (#"{"rule": "self.a.b == 1"}"#, "rule", "undefined field 'b'"),
        (#"{"rule": "other == 1"}"#, "rule", "undeclared reference to 'other'"),
        (#"{"rule": "'text'"}"#, "rule", "cel expression must evaluate to a bool"),
        (#"{"rule": "size(self.a)"}"#, "rule", "must evaluate to a bool"),
        (
            #"{"rule": "true", "messageExpression": "1 == 1"}"#, "messageExpression",
            "messageExpression must evaluate to a string"
        ),
        (
            #"{"rule": "true", "messageExpression": "self."}"#, "messageExpression",
            "messageExpression compilation failed"
        ),
        (
            #"{"rule": "true", "optionalOldSelf": true}"#, "optionalOldSelf",
            "may not be set if oldSelf is not used in rule"
        ),
        (#"{"rule": "self.a.matches('(')"}"#, "rule", "no regular expression"),
    ]

    @Test("Rules that are none", arguments: rules)
    func checkRules(rule: String, field: String, message: String) throws {
        let found = try errors(
            spec:
                #"{"type": "object", "x-kubernetes-validations": [\#(rule)], "properties": {"a": {"type": "string"}, "map": {"type": "object", "additionalProperties": {"type": "string"}}}}"#
        )
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("~.x-kubernetes-validations[0].\(field): ") == true, "\(found)")
        #expect(found.first?.contains(message) == true, "\(found)")
    }

    @Test("oldSelf means nothing where values have no counterpart")
    func uncorrelatable() throws {
        let found = try errors(
            spec:
                #"{"type": "array", "items": {"type": "integer", "x-kubernetes-validations": [{"rule": "self >= oldSelf"}]}}"#
        )
        #expect(
            found == [
                #"~.items.x-kubernetes-validations[0].rule: Invalid value: "self >= oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ~"#
            ])
    }

    @Test("The root is an object that says nothing of its metadata but the names")
    func root() {
        func errors(_ schema: JSON) -> [String] {
            CustomResourceDefinitionRules.validate(Self.definition(schema)).map(\.text)
        }
        let at = "spec.validation.openAPIV3Schema"
        #expect(errors(["type": "string"]) == ["\(at).type: Invalid value: \"string\": must be object at the root"])
        #expect(
            errors(["type": "object", "nullable": true]) == [
                "\(at).nullable: Forbidden: nullable cannot be true at the root"
            ])
        #expect(
            errors(["type": "object", "additionalProperties": ["type": "string"]]) == [
                "\(at).additionalProperties: Forbidden: must not be used at the root"
            ])
        #expect(
            errors([
                "type": "object",
                "properties": [
                    "metadata": ["type": "object", "properties": ["name": ["type": "string", "pattern": "^a"]]]
                ],
            ]).isEmpty)
        #expect(
            errors([
                "type": "object",
                "properties": ["metadata": ["type": "object", "properties": ["labels": ["type": "object"]]]],
            ]) == [
                "\(at).properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified"
            ])
        #expect(
            errors(["type": "object", "allOf": [["properties": ["z": ["maxLength": 1]]]]]) == [
                "\(at).properties[z]: Required value: because it is defined in \(at).allOf[0].properties[z]"
            ])
        #expect(
            errors(["type": "object", "properties": ["kind": ["type": "integer"]]]) == [
                "\(at).properties[kind].type: Invalid value: \"integer\": must be string"
            ])
    }

    @Test("Errors of a schema that differs between versions speak of its version")
    func versions() throws {
        var definition = Self.definition(["type": "object"])
        var versions = definition.at("spec", "versions")?.arrayValue ?? []
        versions.append([
            "name": "v2", "served": true, "storage": false, "schema": ["openAPIV3Schema": ["type": "string"]],
        ])
        definition.set(.array(versions), at: ["spec", "versions"])
        #expect(
            CustomResourceDefinitionRules.validate(definition).map(\.text) == [
                #"spec.versions[1].schema.openAPIV3Schema.type: Invalid value: "string": must be object at the root"#
            ])
    }

    @Test(
        "Names, group, scope, columns and subresources",
        arguments: [
            ("spec.group", #""nodots""#, ["metadata.name", "spec.group"]), ("spec.scope", #""Galaxy""#, ["spec.scope"]),
            ("spec.scope", #""""#, ["spec.scope"]),
            ("spec.names.plural", #""Gizmos""#, ["metadata.name", "spec.names.plural"]),
            ("spec.names.kind", #""""#, ["spec.names.kind"]),
            ("spec.names.listKind", #""Gizmo""#, ["spec.names.listKind"]),
            ("spec.names.shortNames", #"["ok", "Not Ok"]"#, ["spec.names.shortNames[1]"]),
            ("spec.versions", "[]", ["spec.versions", "status.storedVersions[0]"]),
            ("status.storedVersions", "[]", ["status.storedVersions"]),
            ("status.storedVersions", #"["v0", "v1"]"#, ["status.storedVersions[0]"]),
            ("spec.preserveUnknownFields", "true", ["spec.preserveUnknownFields"]),
            ("spec.conversion", #"{"strategy": "Magic"}"#, ["spec.conversion.strategy"]),
            (
                "spec.conversion", #"{"strategy": "Webhook"}"#,
                ["spec.conversion.webhookClientConfig", "spec.conversion.conversionReviewVersions"]
            ),
        ])
    func fields(_ path: String, _ value: String, _ fields: [String]) throws {
        var definition = Self.definition(["type": "object"])
        definition.set(try JSON.parse(value), at: path.split(separator: ".").map(String.init))
        #expect(Set(CustomResourceDefinitionRules.validate(definition).map(\.field)) == Set(fields))
    }

    @Test(
        "Parts of a version",
        arguments: [
            (#"{"additionalPrinterColumns": [{"name": "A", "type": "string", "jsonPath": ".spec.a"}]}"#, []),
            (
                #"{"additionalPrinterColumns": [{"type": "odd", "format": "odd", "jsonPath": "spec"}]}"#,
                ["[0].name", "[0].type", "[0].format", "[0].JSONPath"].map { "spec.additionalPrinterColumns\($0)" }
            ),
            (#"{"subresources": {"scale": {"specReplicasPath": ".spec.n", "statusReplicasPath": ".status.n"}}}"#, []),
            (
                #"{"subresources": {"scale": {"specReplicasPath": ".status.n", "labelSelectorPath": "x"}}}"#,
                ["specReplicasPath", "statusReplicasPath", "labelSelectorPath"].map { "spec.subresources.scale.\($0)" }
            ),
            (#"{"deprecationWarning": "w"}"#, ["spec.versions[0].deprecationWarning"]),
            (#"{"deprecated": true, "deprecationWarning": "w"}"#, []),
            (
                #"{"name": "V_1"}"#,
                ["spec.versions[0].name", "spec.version", "status.storedVersions", "status.storedVersions[0]"]
            ),
            (#"{"schema": null}"#, ["spec.versions[0].schema.openAPIV3Schema"]),
            (#"{"storage": false}"#, ["spec.versions"]),
            (#"{"selectableFields": [{"jsonPath": ".spec.a"}]}"#, []),
            (
                #"{"selectableFields": [{"jsonPath": ".spec.nope"}, {"jsonPath": ".spec"}]}"#,
                ["spec.selectableFields[0].jsonPath", "spec.selectableFields[1].jsonPath"]
            ),
        ] as [(String, [String])])
    func versionParts(_ patch: String, _ fields: [String]) throws {
        var definition = Self.definition(
            try resourceSchema(#"{"type": "object", "properties": {"a": {"type": "string"}}}"#))
        var version = definition.at("spec", "versions")?[0] ?? [:]
        for (key, value) in try JSON.parse(patch).objectValue ?? [:] {
            version[key] = value
        }
        definition.set([version], at: ["spec", "versions"])
        #expect(Set(CustomResourceDefinitionRules.validate(definition).map(\.field)) == Set(fields))
    }

    @Test("What objects are stored by cannot change")
    func update() {
        var old = Self.definition(["type": "object"])
        old.set([["type": "Established", "status": "True"]], at: ["status", "conditions"])
        var new = old
        #expect(CustomResourceDefinitionRules.validate(new, old: old).isEmpty)
        new.set("Cluster", at: ["spec", "scope"])
        new.set("Other", at: ["spec", "names", "kind"])
        #expect(
            CustomResourceDefinitionRules.validate(new, old: old).map(\.text) == [
                #"spec.scope: Invalid value: "Cluster": field is immutable"#,
                #"spec.names.kind: Invalid value: "Other": field is immutable"#,
            ])
    }
}
