import KubeCore
import Testing

@testable import LocalCluster

@Suite struct JSONPathTests {
    private let object: JSON = [
        "spec": [
            "list": [["name": "a", "n": 1], ["name": "b", "n": 2.5]], "a.b": "dotted", "map": ["x": 1, "y": 2],
        ],
        "ok": true,
    ]

    @Test(
        "Paths find values",
        arguments: [
            (".ok", [true]), (".spec.list[0].name", ["a"]), (".spec.list[-1].name", ["b"]),
            (".spec.list[*].name", ["a", "b"]),
            (#".spec.a\.b"#, ["dotted"]), (".spec['a.b']", ["dotted"]), (".spec.map.*", [1, 2]),
            (#".spec.list[?(@.name=="b")].n"#, [2.5]), (".spec.list[?(@.n>1)].name", ["b"]),
            (".spec.list[?(@.n<=1)].name", ["a"]), (".spec.list[?( @.name != 'a' )].n", [2.5]),
            (".spec.list[?(@.gone)].n", []), ("..name", ["a", "b"]), (".spec.nope.x", []), (".spec.list[9]", []),
            (".ok.deeper", []), ("ok", [true]),
        ] as [(String, [JSON])])
    func values(_ path: String, _ expected: [JSON]) throws {
        #expect(try JSONPath(path).values(in: object) == expected)
    }

    @Test(
        "What is no path is refused",
        arguments: [".", ".a[", ".a[]", ".a[x]", ".a['b", ".a[?(b)]", ".a[?(@.b==)]", ".a b c", "..", ".a\\"])
    func malformed(_ path: String) {
        #expect(throws: JSONPath.Malformed.self) { try JSONPath(path) }
    }
}
