import KubeCore
import Testing

@testable import LocalCluster

@Suite struct FieldSetTests {
    private func set(_ json: JSON) throws -> FieldSet { try #require(FieldSet(fieldsV1: json)) }

    @Test("fieldsV1 is read and written without loss")
    func roundTrip() throws {
        let json: JSON = [
            "f:metadata": ["f:labels": [".": [:], "f:x": [:]]],
            "f:spec": [
                "f:ports": [#"k:{"port":80,"protocol":"TCP"}"#: [".": [:], "f:port": [:]]], "f:tags": [#"v:"a""#: [:]],
                "f:old": ["i:0": [:]],
            ],
        ]
        #expect(try set(json).fieldsV1 == json)
    }

    @Test("Keys of another form are refused", arguments: ["x:a", "k:[", "k:1", "i:x", "v:", ""])
    func nonsense(_ key: String) {
        #expect(FieldSet(fieldsV1: .object([key: .object([:])])) == nil)
    }

    @Test("Keys are compared as values, not as texts")
    func canonicalKeys() {
        #expect(PathElement(fieldsV1: #"k:{"b":1,"a":2}"#) == PathElement(fieldsV1: #"k:{ "a": 2, "b": 1 }"#))
    }

    @Test("Difference leaves what is below a member, recursive difference does not")
    func differences() throws {
        let all = try set(["f:a": [".": [:], "f:b": [:]], "f:c": [:]])
        let a = try set(["f:a": [:]])
        #expect(all.difference(a).fieldsV1 == ["f:a": ["f:b": [:]], "f:c": [:]])
        #expect(all.recursiveDifference(a).fieldsV1 == ["f:c": [:]])
        #expect(all.intersection(a) == a)
        #expect(all.difference(all).isEmpty)
        #expect(a.union(all) == all)
    }

    @Test("Paths are shown as conflicts show them, members before what is below")
    func paths() throws {
        let spec = try set(["f:spec": ["f:parts": [#"k:{"name":"a"}"#: ["f:n": [:]]], "f:z": [:], "f:t": ["v:1": [:]]]])
        #expect(spec.paths.map(FieldSet.text) == [".spec.z", #".spec.parts[name="a"].n"#, ".spec.t[=1]"])
    }

    @Test(
        "Lists merge in the order of the new side, and elements of the old side keep their places",
        arguments: [
            (["a", "b"], ["b", "a"], ["b", "a"]), (["a", "b"], ["c"], ["a", "b", "c"]),
            (["a", "x", "b"], ["b", "c"], ["a", "x", "b", "c"]),
            (["a", "b", "c"], ["c", "a"], ["b", "c", "a"]), ([], ["a"], ["a"]), (["a"], [], ["a"]),
            (["x", "a", "y", "b"], ["a", "b", "z"], ["x", "a", "y", "b", "z"]),
        ])
    func listOrder(_ old: [String], _ new: [String], _ expected: [String]) {
        let schema = Schema {
            $0.type = .object
            $0.properties["l"] = Schema {
                $0.type = .array
                $0.listType = .set
                $0.items = Schema { $0.type = .string }
            }
        }
        let left: JSON = ["l": .array(old.map { .string($0) })]
        let merged = TypedValue(value: left, schema: schema).merging(["l": .array(new.map { .string($0) })])
        #expect(merged["l"] == .array(expected.map { .string($0) }))
    }
}
