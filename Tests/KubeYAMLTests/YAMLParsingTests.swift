import KubeCore
import KubeYAML
import Testing

@Suite("Reading YAML")
struct YAMLParsingTests {
    /// The right column is what kubectl 1.36 makes of the left one.
    @Test(
        "Scalars mean what kubectl takes them for",
        arguments: [
            ("yes", true), ("no", false), ("y", true), ("n", false), ("on", true), ("off", false), ("YES", true),
            ("yES", "yES"),
            ("~", nil), ("null", nil), ("Null", nil), ("0644", 420), ("0o14", 12), ("0x1F", 31), ("0b101", 5),
            ("-0b11", -3),
            ("1_000", 1000), ("+12", 12), ("08", 8), ("1.0", 1), ("1e3", 1000), ("1.", 1), (".5", 0.5), ("-.5", -0.5),
            ("+.5e1", 5),
            ("12:30:45", "12:30:45"), ("2001-01-01", "2001-01-01"),
            ("9223372036854775808", .double(9223372036854775808)),
            ("-9223372036854775809", .double(-9223372036854775808)),
            ("18446744073709551616", .double(18446744073709551616)),
            ("1_0.5", 10.5), ("\"12\"", "12"), ("'yes'", "yes"), ("!!str 12", "12"), ("!!int \"12\"", 12),
            ("!!float 3", 3),
            ("!!binary aGVsbG8=", "hello"), ("! 12", "12"), ("!foo 12", "12"), ("0x", "0x"), ("0b", "0b"),
            ("0b12", "0b12"),
            ("1e21", .double(1e21)), ("1.5e300", .double(1.5e300)), ("-0", 0), ("-0.0", 0), ("0_7", 7), ("0x_1", 1),
            ("1__0", 10),
            ("._5", "._5"), ("=", "="), ("1e400", "1e400"), ("09.5", 9.5), ("0O17", 15), ("0X1F", 31),
            ("0xFFFFFFFFFFFFFFFF", .double(18446744073709551616)), ("!!null \"\"", nil), ("!!bool yes", true),
            ("!!timestamp 2001-01-01", "2001-01-01"), (".", "."), ("+", "+"), ("5E-2", 0.05), ("0x1.8p1", "0x1.8p1"),
            ("Infinity", "Infinity"), ("NaN", "NaN"), ("1e", "1e"), ("_1", "_1"),
            ("0123456789012345678901", .double(123456789012345683968)),
            ("+-5", "+-5"), ("--5", "--5"), ("0x+5", "0x+5"), ("!!float 1.5", 1.5),
        ] as [(String, JSON)])
    func scalars(text: String, expected: JSON) throws {
        #expect(try YAMLDocument.parse("a: \(text)").json == ["a": expected])
    }

    @Test("A manifest becomes the JSON it stands for")
    func manifest() throws {
        let text = """
            # a comment
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: a
              labels: {app: "web", "quoted key": 'it''s'}
            data:
              script: |
                line one
                  line two

              folded: >-
                one
                two
            list:
            - 1
            - x: 1
              v: [a, b]
            empty:
            """
        #expect(
            try YAMLDocument.parse(text).json == [
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": ["name": "a", "labels": ["app": "web", "quoted key": "it's"]],
                "data": ["script": "line one\n  line two\n", "folded": "one two"],
                "list": [1, ["x": 1, "v": ["a", "b"]]], "empty": nil,
            ])
    }

    @Test("All documents are read, and empty ones left out")
    func documents() throws {
        let documents = try YAMLDocument.parseAll("---\n# nothing\n---\na: 1\n---\nnull\n...\n---\n- b\n")
        #expect(documents.map(\.json) == [["a": 1], ["b"]])
        #expect(documents.map(\.position.line) == [4, 9])
        #expect(try YAMLDocument.parseAll("").isEmpty)
        #expect(try YAMLDocument.parseAll("# only\n").isEmpty)
        #expect(throws: YAMLError.self) { try YAMLDocument.parse("a: 1\n---\nb: 2") }
        #expect(throws: YAMLError.self) { try YAMLDocument.parse("") }
    }

    @Test("Keys that are no strings become strings, and null and containers cannot be keys")
    func keys() throws {
        #expect(
            try YAMLDocument.parse("{1: a, 1.5: b, y: c, '2': d}").json == [
                "1": "a", "1.5": "b", "true": "c", "2": "d",
            ])
        for text in ["{~: 1}", "{[a]: 1}", "{? {b: 1} : 1}"] {
            #expect(throws: YAMLError.self) { try YAMLDocument.parse(text) }
        }
    }

    @Test(
        "Errors name file, line and column",
        arguments: [
            ("a: 1\nb: [1, 2\nc: 3", "f.yaml:3:"),
            ("a: 1\na: 2", "f.yaml:2:1: the key \"a\" is repeated, first at line 1"),
            ("a:\n  1: x\n  '1': y", "f.yaml:3:3: the key \"1\" is repeated, first at line 2"),
            ("a: *x", "f.yaml:1:4: the alias *x has no anchor before it"),
            ("a: &x [*x]", "f.yaml:1:8: the alias *x has no anchor before it"),
            ("a:\n  b: .inf", "f.yaml:2:6: .inf has no form in JSON; quote it if a string is meant"),
            ("a: !!int x", "f.yaml:1:4: "),
            ("a: !!binary '*'", "f.yaml:1:4: "),
            ("<<: 5", "f.yaml:1:5: the merge key << takes a mapping or a sequence of mappings"),
            ("a: b: c", "f.yaml:1:5: "), ("a:\n\t- b", "f.yaml:2:1: "), ("\"abc", "f.yaml:1:"),
            ("a: \u{1}", "f.yaml:1:4: "),
            ("&a x\n---\n*a", "f.yaml:3:1: the alias *a"),
            ("{\"a\": 1, \"a\": 2}", "f.yaml:1:10: the key \"a\" is repeated"), ("@x", "f.yaml:1:1: "),
        ])
    func errors(text: String, prefix: String) {
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parseAll(text, file: "f.yaml") }
        #expect(error?.description.hasPrefix(prefix) == true, "\(error?.description ?? "-")")
    }

    @Test("Bytes that are not UTF-8 are refused with their place")
    func invalidUTF8() {
        let error = #expect(throws: YAMLError.self) {
            try YAMLDocument.parseAll(Array("a: 1\nb: ".utf8) + [0xFF, 0x0A])
        }
        #expect(error?.line == 2 && error?.column == 4)
    }

    @Test("Aliases and merge keys are expanded; written keys win over merged, earlier merges over later")
    func aliases() throws {
        let text = """
            base: &base {x: 1, v: [1]}
            copy: *base
            one: {<<: *base, x: 9}
            two: {x: 9, <<: *base}
            three: {<<: [*base, {x: 5, z: 3}]}
            quoted: {"<<": 1}
            again: [&base 7, *base]
            """
        let json = try YAMLDocument.parse(text).json
        #expect(json["copy"] == ["x": 1, "v": [1]])
        #expect(json["one"] == ["x": 9, "v": [1]])
        #expect(json["two"] == ["x": 9, "v": [1]])
        #expect(json["three"] == ["x": 1, "v": [1], "z": 3])
        #expect(json["quoted"] == ["<<": 1])
        #expect(json["again"] == [7, 7])
    }

    @Test("A few lines of aliases cannot become billions of values")
    func aliasBomb() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            text +=
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
                + "]\n"
        }
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(text) }
        #expect(error?.message.contains("aliases") == true)
    }

    @Test("Nesting is limited, also by way of aliases")
    func depth() throws {
        let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(try YAMLDocument.parse(nested(200)).json.depth == 200)
        #expect(throws: YAMLError.self) { try YAMLDocument.parse(nested(201)) }
        #expect(throws: YAMLError.self) { try YAMLDocument.parse(nested(100_000)) }
        #expect(throws: YAMLError.self) { try YAMLDocument.parse(String(repeating: "- ", count: 10_000)) }
        #expect(throws: YAMLError.self) { try YAMLDocument.parse(String(repeating: "? ", count: 10_000)) }
        var text = "a0: &a0 []\n"
        for level in 1...300 { text += "a\(level): &a\(level) [*a\(level - 1)]\n" }
        let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(text) }
        #expect(error?.message.contains("nested deeper") == true)
    }

    @Test("Values and keys are found again by their pointers")
    func positions() throws {
        let text = """
            kind: Job
            spec:
              tasks:
              - name: a
              - name: b
                needs: [a, c]
              "x/y": 1
            """
        let document = try YAMLDocument.parse(text, file: "job.yaml")
        func at(_ pointer: String) -> String {
            document.position(of: JSONPointer(pointer) ?? .init(tokens: []))?.description ?? "-"
        }
        #expect(at("") == "1:1")
        #expect(at("/kind") == "1:7")
        #expect(at("/spec/tasks/1/name") == "5:11")
        #expect(at("/spec/tasks/1/needs/1") == "6:16")
        #expect(at("/spec/x~1y") == "7:10")
        #expect(at("/spec/none") == "-")
        #expect(at("/spec/tasks/2") == "-")
        let key = try #require(JSONPointer("/spec/tasks"))
        #expect(document.keyPosition(of: key)?.description == "3:3")
        let missing = try #require(JSONPointer("/spec/tasks/0/image/tag"))
        #expect(document.error(at: missing, "required").description == "job.yaml:4:5: required")
        let topLevel = try #require(JSONPointer("/metadata"))
        #expect(document.nearestPosition(of: topLevel).description == "1:1")
    }

    @Test("JSON is read as YAML, also where YAML itself would refuse it")
    func json() throws {
        #expect(
            try YAMLDocument.parse(#"{"a": [1, 2.5, null, "x\/y"], "b": {}}"#).json == [
                "a": [1, 2.5, nil, "x/y"], "b": [:],
            ])
        #expect(try YAMLDocument.parse("{\"a\":\t\"\\ud83d\\ude00\"}").json == ["a": "😀"])
        let long = String(repeating: "k", count: 3_000)
        #expect(try YAMLDocument.parse("{\"\(long)\":1}").json == JSON.object([long: 1]))
    }
}
