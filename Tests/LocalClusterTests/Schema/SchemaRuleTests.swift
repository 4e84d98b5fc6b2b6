import KubeCore
import LocalCluster
import Testing

@Suite("CEL rules of custom kinds")
struct SchemaRuleTests {
    private func errors(_ spec: String, _ new: String, old: String? = nil) throws -> [String] {
        let schema = CustomResourceSchema(openAPIV3Schema: try resourceSchema(spec))
        let previous: JSON? = try old.map { ["spec": try JSON.parse($0)] }
        return schema.validate(["spec": try JSON.parse(new)], old: previous).map(\.text)
    }

    private static func rules(_ rules: String, _ properties: String) -> String {
        #"{"type": "object", "x-kubernetes-validations": [\#(rules)], "properties": {\#(properties)}}"#
    }

    private static let range = rules(
        #"{"rule": "self.min <= self.max", "message": "min must not exceed max"}"#,
        #""min": {"type": "integer"}, "max": {"type": "integer"}"#)

    @Test("A broken rule gives its message; the value of an object is left out")
    func message() throws {
        #expect(try errors(Self.range, #"{"min": 1, "max": 2}"#).isEmpty)
        #expect(try errors(Self.range, #"{"min": 3, "max": 2}"#) == ["spec: Invalid value: min must not exceed max"])
    }

    @Test("Without a message the rule itself is shown, and a scalar's value with it")
    func defaultMessage() throws {
        let schema = #"{"type": "integer", "x-kubernetes-validations": [{"rule": "self % 2 == 0"}]}"#
        #expect(try errors(schema, "3") == ["spec: Invalid value: 3: failed rule: self % 2 == 0"])
    }

    @Test("messageExpression, reason and fieldPath shape the error")
    func shapes() throws {
        let schema = Self.rules(
            #"""
            {"rule": "self.max <= 10", "messageExpression": "'max is ' + string(self.max)", "reason": "FieldValueForbidden", "fieldPath": ".max"},
            {"rule": "self.min >= 0", "message": "m", "messageExpression": "self.absent", "reason": "FieldValueRequired", "fieldPath": ".min"},
            {"rule": "self.min != 5", "messageExpression": "'two\nlines'", "message": "no five"}
            """#, #""min": {"type": "integer"}, "max": {"type": "integer"}"#)
        #expect(
            try errors(schema, #"{"min": -1, "max": 11}"#) == [
                "spec.max: Forbidden: max is 11", "spec.min: Required value: m",
            ])
        #expect(try errors(schema, #"{"min": 5, "max": 1}"#) == ["spec: Invalid value: no five"])
    }

    @Test("A rule that compares with oldSelf runs on updates only")
    func transitions() throws {
        let schema =
            #"{"type": "object", "properties": {"id": {"type": "string", "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "id is immutable"}]}}}"#
        #expect(try errors(schema, #"{"id": "a"}"#).isEmpty)
        #expect(try errors(schema, #"{"id": "b"}"#, old: #"{"id": "b"}"#).isEmpty)
        #expect(
            try errors(schema, #"{"id": "b"}"#, old: #"{"id": "a"}"#) == [
                #"spec.id: Invalid value: "b": id is immutable"#
            ])
        #expect(try errors(schema, #"{"id": "b"}"#, old: "{}").isEmpty)
        let optional =
            #"{"type": "integer", "x-kubernetes-validations": [{"rule": "self >= oldSelf.orValue(10)", "optionalOldSelf": true, "message": "m"}]}"#
        #expect(try errors(optional, "9") == ["spec: Invalid value: 9: m"])
        #expect(try errors(optional, "9", old: "8").isEmpty)
    }

    @Test("What did not change is not held against a new rule")
    func ratcheting() throws {
        #expect(try errors(Self.range, #"{"min": 3, "max": 2}"#, old: #"{"min": 3, "max": 2}"#).isEmpty)
        #expect(try errors(Self.range, #"{"min": 4, "max": 2}"#, old: #"{"min": 3, "max": 2}"#).count == 1)
    }

    @Test("Rules do not run over an object whose fields are in doubt, and one more error says so")
    func blocking() throws {
        #expect(
            try errors(Self.range, #"{"min": "x", "max": 2}"#) == [
                #"spec.min: Invalid value: "string": spec.min in body must be of type integer: "string""#,
                rulesNotChecked,
            ])
        // A value out of bounds leaves no doubt.
        let bounded = Self.rules(#"{"rule": "self.a < 3", "message": "m"}"#, #""a": {"type": "integer", "maximum": 5}"#)
        #expect(
            try errors(bounded, #"{"a": 6}"#) == [
                "spec.a: Invalid value: 6: spec.a in body should be less than or equal to 5", "spec: Invalid value: m",
            ])
        // Without rules there is nothing that was not checked.
        #expect(try errors(#"{"type": "string"}"#, "1").count == 1)
    }

    @Test("Rules hold for every element of a list and every value of a map, and elements of map lists have old selves")
    func elements() throws {
        let item = #"{"type": "integer", "x-kubernetes-validations": [{"rule": "self > 0", "message": "m"}]}"#
        #expect(
            try errors(#"{"type": "array", "items": \#(item)}"#, "[1, 0, -1]") == [
                "spec[1]: Invalid value: 0: m", "spec[2]: Invalid value: -1: m",
            ])
        #expect(
            try errors(#"{"type": "object", "additionalProperties": \#(item)}"#, #"{"a": 0}"#) == [
                "spec[a]: Invalid value: 0: m"
            ])
        let map = #"""
            {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"], "items": {"type": "object", "properties": {
                "k": {"type": "string"}, "v": {"type": "integer", "x-kubernetes-validations": [{"rule": "self >= oldSelf", "message": "m"}]}}}}
            """#
        #expect(
            try errors(
                map, #"[{"k": "b", "v": 1}, {"k": "a", "v": 2}]"#, old: #"[{"k": "a", "v": 3}, {"k": "b", "v": 1}]"#)
                == ["spec[1].v: Invalid value: 2: m"])
    }

    @Test(
        "Values have the types that the schema gives them",
        arguments: [
            ("self.ratio / 2.0 == 0.5", #"{"ratio": 1}"#),
            ("self.at.getFullYear() == 2026", #"{"at": "2026-01-31T12:00:00Z"}"#),
            ("self.day < timestamp('2026-02-01T00:00:00Z')", #"{"day": "2026-01-31"}"#),
            ("self.wait > duration('1h')", #"{"wait": "90m"}"#),
            ("size(self.data) == 2", #"{"data": "aGk="}"#),
            ("type(self.port) == int || type(self.port) == string", #"{"port": "http"}"#),
            (
                "self.__if__ == 'x' && self.a__dash__b == 'y' && self.c__dot__d == 'z'",
                #"{"if": "x", "a-b": "y", "c.d": "z"}"#
            ),
            ("self.labels['a/b'] == 'c' && 'x-y' in self.labels", #"{"labels": {"a/b": "c", "x-y": ""}}"#),
            ("!has(self.missing) && has(self.ratio)", #"{"ratio": 1.5}"#),
            ("has(self.nick) && self.nick == null", #"{"nick": null}"#),
            ("self.items.map(i, i.n).sum() == 3", #"{"items": [{"n": 1}, {"n": 2}]}"#),
            ("self.port == 80", #"{"port": 80}"#),
        ])
    func types(_ rule: String, _ value: String) throws {
        let text = rule.replacing("\"", with: "\\\"")
        let schema = Self.rules(
            #"{"rule": "\#(text)"}"#,
            #"""
            "ratio": {"type": "number"}, "at": {"type": "string", "format": "date-time"}, "day": {"type": "string", "format": "date"},
            "wait": {"type": "string", "format": "duration"}, "data": {"type": "string", "format": "byte"}, "port": {"x-kubernetes-int-or-string": true},
            "if": {"type": "string"}, "a-b": {"type": "string"}, "c.d": {"type": "string"}, "missing": {"type": "string"}, "nick": {"type": "string", "nullable": true},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "items": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer"}}}}
            """#)
        #expect(try errors(schema, value).isEmpty)
    }

    @Test("At the root, and in embedded resources, rules see the names in the metadata")
    func metadata() throws {
        let root = CustomResourceSchema(
            openAPIV3Schema: try JSON.parse(
                #"{"type": "object", "x-kubernetes-validations": [{"rule": "self.metadata.name.startsWith('a')", "message": "m"}]}"#
            ))
        #expect(root.validate(["metadata": ["name": "abc"]]).isEmpty)
        #expect(root.validate(["metadata": ["name": "bc"]]).map(\.text) == ["<nil>: Invalid value: m"])
    }

    @Test("A rule that fails to run is an error of the object")
    func failures() throws {
        let missing = Self.rules(#"{"rule": "self.a == 1"}"#, #""a": {"type": "integer"}"#)
        #expect(
            try errors(missing, "{}") == [
                #"spec: Invalid value: "object": no such key: 'a' evaluating rule: self.a == 1"#
            ])
        let dynamic = Self.rules(
            #"{"rule": "self.p > 1", "message": "m"}"#, #""p": {"x-kubernetes-int-or-string": true}"#)
        let found = try errors(dynamic, #"{"p": "x"}"#)
        #expect(
            found.count == 1
                && found[0].hasSuffix(
                    "call arguments did not match a supported operator, function or macro signature for rule: m")
        )
    }

    @Test("Rules that take too long end, and no further ones are run")
    func budget() throws {
        let schema = Self.rules(
            #"{"rule": "self.l.all(a, self.l.all(b, self.l.all(c, a + b + c > 0)))", "message": "slow"}, {"rule": "false", "message": "second"}"#,
            #""l": {"type": "array", "items": {"type": "integer"}}"#)
        let list = "[" + [String](repeating: "1", count: 300).joined(separator: ",") + "]"
        let found = try errors(schema, #"{"l": \#(list)}"#)
        #expect(found.count == 2)
        #expect(
            found.first?.contains(
                "no further validation rules will be run due to call cost exceeds limit for rule: slow") == true)
        #expect(found.last?.contains("running out of cost budget") == true)
    }
}
