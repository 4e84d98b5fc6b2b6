import KubeCore
import LocalCluster
import Testing

@Suite("Pruning and defaults")
struct PruningAndDefaultsTests {
    private func pruned(_ schema: JSON, _ text: String) throws -> (JSON, [String]) {
        var object = try JSON.parse(text)
        let paths = CustomResourceSchema(openAPIV3Schema: schema).prune(&object)
        return (object, paths)
    }

    @Test("Fields that the schema does not have are dropped at every level, and named")
    func unknown() throws {
        let schema = try resourceSchema(
            #"""
            {"type": "object", "properties": {
                "a": {"type": "object", "properties": {"b": {"type": "string"}}},
                "list": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "string"}}}},
                "map": {"type": "object", "additionalProperties": {"type": "object", "properties": {"n": {"type": "string"}}}}}}
            """#)
        let (object, paths) = try pruned(
            schema,
            #"""
            {"apiVersion": "g/v1", "kind": "K", "metadata": {"name": "n", "bogus": 1}, "other": {},
             "spec": {"x": 1, "a": {"b": "", "c": {}}, "list": [{"n": "1"}, {"m": 2}], "map": {"k": {"n": "", "m": 1}}}}
            """#)
        #expect(
            object
                == (try JSON.parse(
                    #"""
                    {"apiVersion": "g/v1", "kind": "K", "metadata": {"name": "n"},
                     "spec": {"a": {"b": ""}, "list": [{"n": "1"}, {}], "map": {"k": {"n": ""}}}}
                    """#)))
        #expect(paths == ["metadata.bogus", "other", "spec.a.c", "spec.list[1].m", "spec.map.k.m", "spec.x"])
    }

    @Test("x-kubernetes-preserve-unknown-fields keeps what is unknown, and what is declared is still pruned inside")
    func preserved() throws {
        let schema = try resourceSchema(
            #"""
            {"type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": {
                "known": {"type": "object", "properties": {"a": {"type": "string"}}}}}
            """#)
        let (object, paths) = try pruned(
            schema, #"{"spec": {"known": {"a": "", "b": 1}, "free": {"deep": [1, {"x": null}]}}}"#)
        #expect(object == (try JSON.parse(#"{"spec": {"known": {"a": ""}, "free": {"deep": [1, {"x": null}]}}}"#)))
        #expect(paths == ["spec.known.b"])
    }

    @Test("An embedded resource keeps its version, kind and metadata, but no unknown metadata")
    func embedded() throws {
        let schema = try resourceSchema(
            #"{"type": "object", "x-kubernetes-embedded-resource": true, "properties": {"spec": {"type": "object"}}}"#)
        let (object, paths) = try pruned(
            schema,
            #"{"spec": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "n", "x": 1}, "spec": {"y": 1}, "z": 1}}"#
        )
        #expect(
            object
                == (try JSON.parse(
                    #"{"spec": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "n"}, "spec": {}}}"#)))
        #expect(paths == ["spec.metadata.x", "spec.spec.y", "spec.z"])
    }

    @Test("additionalProperties: true keeps a field but nothing inside it")
    func anything() throws {
        let schema = try resourceSchema(#"{"type": "object", "additionalProperties": true}"#)
        let (object, paths) = try pruned(schema, #"{"spec": {"a": 1, "b": {"c": 1}}}"#)
        #expect(object == (try JSON.parse(#"{"spec": {"a": 1, "b": {}}}"#)))
        #expect(paths == ["spec.b.c"])
    }

    @Test(
        "Defaults fill in what is absent or null, and what defaults themselves leave out",
        arguments: [
            ("{}", #"{"color": "red", "owner": {"name": "nobody"}}"#),
            (#"{"color": "blue", "count": 0}"#, #"{"color": "blue", "count": 0, "owner": {"name": "nobody"}}"#),
            (#"{"color": null, "count": null}"#, #"{"color": "red", "owner": {"name": "nobody"}}"#),
            (#"{"owner": {}}"#, #"{"color": "red", "owner": {"name": "nobody"}}"#),
            (#"{"owner": {"name": "me"}}"#, #"{"color": "red", "owner": {"name": "me"}}"#),
            (#"{"nick": null}"#, #"{"color": "red", "nick": null, "owner": {"name": "nobody"}}"#),
            (
                #"{"parts": [{}, {"n": 2}], "byName": {"a": {}}}"#,
                #"{"color": "red", "owner": {"name": "nobody"}, "parts": [{"n": 1}, {"n": 2}], "byName": {"a": {"n": 1}}}"#
            ),
        ])
    func defaults(_ given: String, _ expected: String) throws {
        let schema = CustomResourceSchema(
            openAPIV3Schema: try resourceSchema(
                #"""
                {"type": "object", "properties": {
                    "color": {"type": "string", "default": "red"}, "count": {"type": "integer"},
                    "nick": {"type": "string", "nullable": true, "default": "nick"},
                    "owner": {"type": "object", "default": {}, "properties": {"name": {"type": "string", "default": "nobody"}}},
                    "parts": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer", "default": 1}}}},
                    "byName": {"type": "object", "additionalProperties": {
                        "type": "object", "properties": {"n": {"type": "integer", "default": 1}}}}}}
                """#))
        var object: JSON = ["spec": try JSON.parse(given)]
        schema.setDefaults(&object)
        var wanted = try JSON.parse(expected)
        if object.at("spec", "nick") == "nick" {
            wanted["nick"] = "nick"
        }
        #expect(object["spec"] == wanted)
        let once = object
        schema.setDefaults(&object)
        #expect(object == once)
    }

    @Test("Nothing is filled into an object that is not there")
    func absentParent() {
        let schema = CustomResourceSchema(
            openAPIV3Schema: [
                "type": "object",
                "properties": ["spec": ["type": "object", "properties": ["a": ["type": "string", "default": "x"]]]],
            ])
        var object: JSON = [:]
        schema.setDefaults(&object)
        #expect(object == [:])
    }
}
