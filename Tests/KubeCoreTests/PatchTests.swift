import KubeCore
import Testing

@Suite("Patches")
struct PatchTests {
    // The examples of RFC 7386, appendix A.
    @Test(
        "A merge patch gives what RFC 7386 says",
        arguments: [
            (["a": "b"], ["a": "c"], ["a": "c"]), (["a": "b"], ["b": "c"], ["a": "b", "b": "c"]),
            (["a": "b"], ["a": nil], [:]),
            (["a": "b", "b": "c"], ["a": nil], ["b": "c"]), (["a": ["b"]], ["a": "c"], ["a": "c"]),
            (["a": "c"], ["a": ["b"]], ["a": ["b"]]),
            (["a": ["b": "c"]], ["a": ["b": "d", "c": nil]], ["a": ["b": "d"]]),
            (["a": [["b": "c"]]], ["a": [1]], ["a": [1]]),
            (["a", "b"], ["c", "d"], ["c", "d"]), (["a": "b"], ["c"], ["c"]), (["a": "foo"], nil, nil),
            (["a": "foo"], "bar", "bar"),
            (["e": nil], ["a": 1], ["e": nil, "a": 1]), ([1, 2], ["a": "b", "c": nil], ["a": "b"]),
            ([:], ["a": ["bb": ["ccc": nil]]], ["a": ["bb": [:]]]),
        ] as [(JSON, JSON, JSON)])
    func merge(target: JSON, patch: JSON, expected: JSON) {
        #expect(MergePatch.apply(patch, to: target) == expected)
    }

    @Test(
        "The difference of two values, applied to the first, gives the second",
        arguments: [
            (["a": 1, "b": ["c": 2, "d": 3]], ["a": 1, "b": ["c": 4]], ["b": ["c": 4, "d": nil]]), ([:], [:], [:]),
            (["a": [1]], ["a": [1, 2]], ["a": [1, 2]]), (["a": 1], ["a": ["b": 1]], ["a": ["b": 1]]),
            (["a": ["b": 1]], ["a": 1], ["a": 1]),
            (["a": ["b": 1]], ["a": [:]], ["a": ["b": nil]]),
        ] as [(JSON, JSON, JSON)])
    func diff(from: JSON, to: JSON, expected: JSON) {
        let patch = MergePatch.diff(from: from, to: to)
        #expect(patch == expected)
        #expect(MergePatch.apply(patch, to: from) == to)
    }

    static let document: JSON = ["a": 1, "list": [1, 2, 3], "o": ["x/y": ["~": true]], "n": nil]

    @Test(
        "JSON patch operations do what RFC 6902 says",
        arguments: [
            ([["op": "add", "path": "/b", "value": 2]], ["b"], 2),
            ([["op": "add", "path": "/list/0", "value": 0]], ["list"], [0, 1, 2, 3]),
            ([["op": "add", "path": "/list/-", "value": 4]], ["list"], [1, 2, 3, 4]),
            ([["op": "add", "path": "/list/3", "value": 4]], ["list"], [1, 2, 3, 4]),
            ([["op": "remove", "path": "/list/1"]], ["list"], [1, 3]), ([["op": "remove", "path": "/a"]], ["a"], nil),
            ([["op": "replace", "path": "/o/x~1y/~0", "value": false]], ["o", "x/y", "~"], false),
            ([["op": "move", "from": "/a", "path": "/o/a"]], ["o", "a"], 1),
            ([["op": "copy", "from": "/list", "path": "/o/l"]], ["o", "l"], [1, 2, 3]),
            ([["op": "move", "from": "/list/0", "path": "/list/2"]], ["list"], [2, 3, 1]),
            ([["op": "test", "path": "/a", "value": 1]], ["a"], 1),
            ([["op": "add", "path": "", "value": ["new": 1]]], ["new"], 1),
            ([["op": "replace", "path": "", "value": ["new": 1]]], ["new"], 1),
            ([["op": "test", "path": "/n", "value": nil]], ["a"], 1),
            ([["op": "add", "path": "/", "value": 9]], [""], 9),
            // What the API server's library does beyond the RFC.
            ([["op": "replace", "path": "/absent", "value": 1]], ["absent"], 1),
            ([["op": "test", "path": "/absent", "value": nil]], ["a"], 1),
            ([["op": "remove", "path": "/list/-1"]], ["list"], [1, 2]),
            ([["op": "add", "path": "/list/-1", "value": 4]], ["list"], [1, 2, 3, 4]),
        ] as [(JSON, [String], JSON?)])
    func operations(patch: JSON, path: [String], expected: JSON?) throws {
        #expect(try JSONPatch.apply(patch, to: Self.document).at(path) == expected)
    }

    @Test(
        "A patch that does not apply or is malformed fails as a whole",
        arguments: [
            ([["op": "test", "path": "/a", "value": 2]], .testFailed),
            ([["op": "test", "path": "/a/b", "value": 2]], .testFailed),
            ([["op": "remove", "path": "/absent"]], .doesNotApply), ([["op": "remove", "path": ""]], .doesNotApply),
            ([["op": "add", "path": "/absent/x", "value": 1]], .doesNotApply),
            ([["op": "add", "path": "/list/4", "value": 1]], .doesNotApply),
            ([["op": "replace", "path": "/list/3", "value": 1]], .doesNotApply),
            ([["op": "add", "path": "/list/01", "value": 1]], .doesNotApply),
            ([["op": "add", "path": "/list/x", "value": 1]], .doesNotApply),
            ([["op": "add", "path": "/a/x", "value": 1]], .doesNotApply),
            ([["op": "remove", "path": "/list/-4"]], .doesNotApply),
            ([["op": "remove", "path": "/list/-9223372036854775808"]], .doesNotApply),
            ([["op": "add", "path": "/list/9223372036854775807", "value": 1]], .doesNotApply),
            ([["op": "remove", "path": "/list/-"]], .doesNotApply),
            ([["op": "move", "from": "/o", "path": "/o/x"]], .doesNotApply),
            ([["op": "copy", "from": "/absent", "path": "/b"]], .doesNotApply),
            ([["op": "replace", "path": "/a"]], .malformed), ([["op": "move", "path": "/a"]], .malformed),
            ([["op": "merge", "path": "/a"]], .malformed),
            ([["op": "add", "path": "a", "value": 1]], .malformed), ([["path": "/a"]], .malformed), (["x"], .malformed),
            (["a": 1], .malformed), (nil, .malformed),
        ] as [(JSON, PatchError.Code)])
    func failures(patch: JSON, code: PatchError.Code) {
        let error = #expect(throws: PatchError.self) { try JSONPatch.apply(patch, to: Self.document) }
        #expect(error?.code == code, "\(error?.message ?? "-")")
    }

    @Test("Copies cannot make a small patch into a huge document")
    func copyBomb() {
        var patch: [JSON] = [["op": "add", "path": "/x", "value": .array(Array(repeating: "0123456789", count: 100))]]
        for _ in 0..<40 { patch.append(["op": "copy", "from": "/x", "path": "/x/-"]) }
        let error = #expect(throws: PatchError.self) { try JSONPatch.apply(.array(patch), to: [:]) }
        #expect(error?.message.contains("copies") == true)
    }

    @Test("Copies and moves cannot make a document without a bottom")
    func depthBomb() {
        var patch: [JSON] = [["op": "add", "path": "/x", "value": [[]]]]
        var path = "/x"
        for _ in 0..<8 {
            patch.append(["op": "copy", "from": "/x", "path": .string(path + "/0/0")])
            path += "/0/0"
        }
        for _ in 0..<2_000 {
            patch.append(["op": "add", "path": "/y", "value": [:]])
            patch.append(["op": "move", "from": "/x", "path": "/y/x"])
            patch.append(["op": "move", "from": "/y", "path": "/x"])
        }
        let error = #expect(throws: PatchError.self) { try JSONPatch.apply(.array(patch), to: [:]) }
        #expect(error?.message.contains("deeper than") == true)
    }

    @Test("Too many operations are refused")
    func tooMany() {
        let patch = JSON.array(Array(repeating: ["op": "test", "path": "/a", "value": 1], count: 10_001))
        #expect(throws: PatchError.self) { try JSONPatch.apply(patch, to: Self.document) }
    }

    @Test("Pointers undo and redo their escapes")
    func pointers() throws {
        let pointer = try #require(JSONPointer("/a~1b/~01//0"))
        #expect(pointer.tokens == ["a/b", "~1", "", "0"])
        #expect(pointer.description == "/a~1b/~01//0")
        #expect(JSONPointer("a") == nil)
        #expect(JSONPointer("")?.tokens == [])
        #expect(Self.document.at(try #require(JSONPointer("/list/2"))) == 3)
        #expect(Self.document.at(try #require(JSONPointer("/list/03"))) == nil)
        #expect(Self.document.at(try #require(JSONPointer("/list/-1"))) == nil)
    }

    @Test(
        "A field path of an error is a place",
        arguments: [
            ("spec.tasks[2].name", "/spec/tasks/2/name"),
            ("metadata.labels[example.io/a]", "/metadata/labels/example.io~1a"),
            ("data[\"a.b\\\"]\"].c", "/data/a.b\"]/c"), ("", ""), ("a[", "/a/"), ("a[\"x", "/a/\"x"), ("..", ""),
        ])
    func fieldPaths(path: String, pointer: String) {
        #expect(JSONPointer(fieldPath: path).description == pointer)
    }
}
