import KubeCore
import KubeYAML
import Testing

@Suite("Writing YAML")
struct YAMLWriterTests {
    @Test("An object is written in kubectl's style")
    func style() {
        let json: JSON = [
            "apiVersion": "v1", "metadata": ["labels": ["app": "web"], "name": "a"], "empty": [:], "none": [],
            "nothing": nil,
            "list": [1, [2, [3]], ["x": 1, "y": [["z": "w"]]], [], [:], "text"], "script": "one\n  two\n\nthree\n",
            "strip": "a\nb", "keep": "a\n\n\n", "on": "on", "number": "12", "time": "2026-01-02T03:04:05Z",
            "image": "reg.io/a:1.2", "half": 0.5,
        ]
        let expected = """
            apiVersion: v1
            metadata:
              labels:
                app: web
              name: a
            empty: {}
            none: []
            nothing: null
            list:
            - 1
            - - 2
              - - 3
            - x: 1
              "y":
              - z: w
            - []
            - {}
            - text
            script: |
              one
                two

              three
            strip: |-
              a
              b
            keep: |+
              a


            "on": "on"
            number: "12"
            time: "2026-01-02T03:04:05Z"
            image: reg.io/a:1.2
            half: 0.5

            """
        #expect(YAMLWriter.write(json) == expected)
    }

    @Test("Several documents are set apart")
    func documents() throws {
        let text = YAMLWriter.write([["a": 1], ["b"], "c"])
        #expect(text == "a: 1\n---\n- b\n---\nc\n")
        #expect(try YAMLDocument.parseAll(text).map(\.json) == [["a": 1], ["b"], "c"])
    }

    static let samples = [
        "", " ", "a", "a ", " a", "a b", "a  b", "a: b", "a:", "a:b", ":", "-", "- a", "-a", "--", "---", "--- a",
        "...", "? a", "?", "#", "a #b", "a#b",
        "true", "True", "yes", "y", "N", "null", "~", "Null", "0", "1.5", "0x1F", "0o7", "0644", "1_000", "1e3", ".5",
        "-", "+", "1:30", "2001-01-01",
        "2001-01-01 10:00:00", ".inf", ".nan", "-.inf", "<<", "=", "!", "!a", "&a", "*a", "@a", "`a", "%a", "|", ">",
        "'", "\"", "'a'", "\"a\"", "it's",
        "[a]", "{a}", "a, b", "[", "]", "{", "}", ",", "a\\b", "\\", "\t", "a\tb", "\ta", "a\t", "\n", "\n\n", "a\n",
        "a\n\n", "a\nb", "\na", " a\nb", "a\n b",
        "a\n ", "a\n\tb\n", "a \nb ", "\ta\nb", "a\r\nb", "a\rb", "a\n\u{85}b", "a\u{2028}b", "é", "é: x", "日本語",
        "日本 語 ", "😀", "a😀b", "\u{FEFF}a", "\u{1}", "\u{7F}",
        "\0", "a\0b", "\u{FFFE}", "\u{E000}", "e\u{301}", "$x", "$(x)", "${{ x }}", "a,b", "key=value", "a@b.c",
        "--flag=x", "/a/b", "x.y/z", "1.2.3", "1.2", "v1",
        "0b11", "12e03", "1.", "+1", "-1", "1-2", "1/2", "a\n---\nb", "---\na", "...\nb", "#a\nb", "a:\n  b",
        "0.0.0.0:80", "::1", "%", "a%b", "<a>", "a|b", "a>b",
        "\u{A0}", "a\u{A0}", "null\n", "- a\n- b\n", "a\n#b\n", "a\n\n\nb\n\n", "1\n2", " \n ", "a\n  \nb", "_", "__",
        "0_", "1__0", "!!str a", "a\u{2029}b\n",
    ]

    @Test("Every string reads back as it was, as a value, a key, an element and a document", arguments: samples)
    func strings(text: String) throws {
        let value = JSON.string(text)
        for json in [
            ["k": value], [value], [["k": value, "l": [value]]], .object([text: 1]), [.object([text: value])],
            .object(["k": .object([text: [value]])]),
        ] as [JSON] {
            let yaml = YAMLWriter.write(json)
            #expect(try YAMLDocument.parseAll(yaml).map(\.json) == [json], "\(yaml)")
        }
        #expect(try YAMLDocument.parseAll(YAMLWriter.write(value)).map(\.json) == [value])
    }

    @Test("Long keys and long texts read back")
    func long() throws {
        for count in [127, 128, 129, 1_000, 5_000] {
            let key = String(repeating: "k", count: count)
            let json: JSON = .object([key: .object([key: [1, .string(String(repeating: "word ", count: count))]])])
            #expect(try YAMLDocument.parse(YAMLWriter.write(json)).json == json)
        }
    }

    @Test("Random values read back as they were")
    func random() throws {
        try Fuzzing.run("YAML values", rounds: 300) { seed in
            var random = SeededRandom(seed: seed)
            let json = Self.value(&random, depth: 0)
            let yaml = YAMLWriter.write(["root": json])
            let again = try YAMLDocument.parse(yaml).json
            #expect(again == ["root": json], "seed \(seed): \(yaml)")
        }
    }

    private static func value(_ random: inout SeededRandom, depth: Int) -> JSON {
        switch Int.random(in: 0..<(depth < 5 ? 10 : 6), using: &random) {
        case 0: return nil
        case 1: return .bool(.random(using: &random))
        case 2: return .int(.random(in: .min ... .max, using: &random))
        case 3: return .double(Double.random(in: -1...1, using: &random) * 1e-3)
        case 4, 5: return .string(text(&random))
        case 6, 7:
            return .array((0..<Int.random(in: 0..<4, using: &random)).map { _ in value(&random, depth: depth + 1) })
        default:
            return .object(
                JSONObject(
                    (0..<Int.random(in: 0..<4, using: &random)).map { _ in
                        (text(&random), value(&random, depth: depth + 1))
                    }))
        }
    }

    private static func text(_ random: inout SeededRandom) -> String {
        let pieces = [
            "a", "B", "0", "1", " ", "  ", "\n", ":", "-", "#", "é", "😀", "\t", "'", "\"", "{", "}", "[", "]", ",", "&",
            "*", "!", "|", ">", "%", "@", ".", "_", "yes", "\u{85}", "\r", "?", "=", "\\", "---", "\u{1}",
        ]
        return (0..<Int.random(in: 0..<8, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
            .joined()
    }
}
