import KubeCore
import Testing

@Suite("JSON values")
struct JSONValueTests {
    @Test("Objects are equal and hash alike in any order; integers and doubles differ")
    func equality() {
        let a: JSON = ["x": 1, "y": [nil, "z"]]
        let b: JSON = ["y": [nil, "z"], "x": 1]
        #expect(a == b)
        #expect(a.hashValue == b.hashValue)
        #expect(JSON.int(1) != .double(1))
        #expect(a != ["x": 1, "y": [nil, "w"]])
        #expect(a != ["x": 1])
    }

    @Test("Access never fails on other types, missing keys or indices")
    func access() {
        let json: JSON = ["spec": ["ports": [80, 443]], "name": "n"]
        #expect(json["spec"]?["ports"]?[1] == 443)
        #expect(json["spec"]?["ports"]?[2] == nil)
        #expect(json["spec"]?["ports"]?[-1] == nil)
        #expect(json["name"]?["x"] == nil)
        #expect(json.at("spec", "ports")?.arrayValue?.count == 2)
        #expect(json.at("spec", "none", "deeper") == nil)
        #expect(json.at([]) == json)
        #expect(JSON.double(2).intValue == nil)
        #expect(JSON.int(2).doubleValue == 2)
    }

    @Test("Assignments change nested values, make objects, and remove with nil")
    func assignment() {
        var json: JSON = ["a": ["b": 1]]
        json["a"]?["b"] = 2
        json["a"]?["c"] = "new"
        json["none"]?["x"] = 1
        #expect(json == ["a": ["b": 2, "c": "new"]])
        json["a"]?["b"] = nil
        #expect(json == ["a": ["c": "new"]])
        var scalar: JSON = 5
        scalar["x"] = nil
        #expect(scalar == 5)
        scalar["x"] = 1
        #expect(scalar == ["x": 1])
        json["a"] = nil
        #expect(json == [:])
    }

    @Test("Setting at a path makes what is missing; removing there makes nothing")
    func setAtPath() {
        var json: JSON = nil
        json.set(nil, at: ["a", "b"])
        #expect(json == nil)
        json.set(1, at: ["a", "b", "c"])
        #expect(json == ["a": ["b": ["c": 1]]])
        json.set(nil, at: ["a", "b", "c"])
        #expect(json == ["a": ["b": [:]]])
        json.set("x", at: ["a"])
        json.set(2, at: ["a", "d"])
        #expect(json == ["a": ["d": 2]])
        json.set(3, at: [])
        #expect(json == 3)
    }

    @Test("Objects keep their order through changes, small and large", arguments: [5, 16, 17, 18, 40])
    func order(count: Int) {
        var object = JSONObject((0..<count).map { ("k\($0)", JSON.int(Int64($0))) })
        object["k2"] = nil
        object["k0"] = "changed"
        object["new"] = true
        #expect(object.removeValue(forKey: "k1") == 1)
        #expect(object.removeValue(forKey: "k1") == nil)
        let expected = ["k0"] + (3..<count).map { "k\($0)" } + ["new"]
        #expect(Array(object.keys) == expected)
        #expect(object["k0"] == "changed")
        for key in expected { #expect(object[key] != nil) }
        #expect(object["k\(count - 1)"] == .int(Int64(count - 1)))
        #expect(object.count == count - 1)
    }

    @Test("Writing escapes what has to be, and nothing else")
    func escapes() {
        #expect(
            JSON.string("a\"\\/\n\r\t\u{8}\u{C}\u{1}\u{1F}\u{7F}é😀\u{2028}").encodedString()
                == "\"a\\\"\\\\/\\n\\r\\t\\b\\f\\u0001\\u001f\u{7F}é😀\u{2028}\"")
    }

    @Test(
        "Doubles are written as Kubernetes prints them",
        arguments: [
            (1.0, "1"), (0.1, "0.1"), (-2.5, "-2.5"), (100.0, "100"), (1e20, "100000000000000000000"), (1e21, "1e+21"),
            (1.5e300, "1.5e+300"), (0.000001, "0.000001"), (1e-7, "1e-7"), (1.25e-9, "1.25e-9"),
            (.leastNonzeroMagnitude, "5e-324"),
            (123456.789, "123456.789"), (0, "0"), (-0.0, "-0"), (.infinity, "null"), (.nan, "null"),
            (1.7976931348623157e308, "1.7976931348623157e+308"), (9_007_199_254_740_992, "9007199254740992"),
        ])
    func doubles(value: Double, expected: String) {
        #expect(JSON.double(value).encodedString() == expected)
    }

    @Test("The styles differ in white space and order only")
    func styles() throws {
        let json: JSON = ["b": [1, [:], []], "a": ["z": nil]]
        #expect(json.encodedString() == #"{"b":[1,{},[]],"a":{"z":null}}"#)
        #expect(json.encodedString(.compactSorted) == #"{"a":{"z":null},"b":[1,{},[]]}"#)
        let pretty = "{\n  \"b\": [\n    1,\n    {},\n    []\n  ],\n  \"a\": {\n    \"z\": null\n  }\n}"
        #expect(json.encodedString(.pretty) == pretty)
        #expect(try JSON.parse(json.encodedString(.prettySorted)) == json)
        #expect(JSON.int(.min).encodedString() == "-9223372036854775808")
    }
}
