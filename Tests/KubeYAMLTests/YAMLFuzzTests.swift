import KubeCore
import KubeYAML
import Testing

@Suite("Fuzzing YAML")
struct YAMLFuzzTests {
    private static let mutator = Mutator(tokens: [
        "\n", "  ", "- ", ": ", "? ", "#", "&a ", "*a", "<<: ", "!!str ", "!!int ", "!!binary ", "! ", "|", "|-\n",
        ">+\n", "|2\n", "'", "\"", "\\u00e9", "\\x", "[", "]", "{", "}", ",",
        "---\n", "...\n", "%YAML 1.1\n", "%TAG ! !x\n", "\t", "é", "😀", "\0", "\u{FEFF}", "\u{85}", "yes", "0x1F",
        "0o7", ".inf", "1_0", "~", "-", "=", "\r\n", "*b", "&b",
    ])

    private static let corpus = [
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  script: |\n    one\n      two\n  fold: >-\n    a\n    b\n",
        "base: &a {x: 1, y: [a, *a]}\ncopy: *a\nmerge:\n  <<: *a\n  z: 'it''s'\n",
        "- 1\n- [a, {b: c}]\n- - deep\n  - \"q\\n\\u00e9\"\n---\nsecond: !!str 5\n",
        #"{"a": [1, 2.5, null, true, "x"], "b": {"c": {}}}"#, "? complex\n: value\n\"quoted key\": 0644\n",
        "&a a: &b b\n*a : *b\n", "",
    ].map { Array($0.utf8) }

    @Test("Any bytes are read or refused with a place, and what is read survives writing")
    func mutations() {
        Fuzzing.run("YAML", rounds: 3_000) { seed in
            var random = SeededRandom(seed: seed)
            let bytes = Self.mutator.mutate(Self.corpus[random.below(Self.corpus.count)], &random)
            do throws(YAMLError) {
                for document in try YAMLDocument.parseAll(bytes, file: "f") {
                    Self.checkPlaces(document, document.json, JSONPointer(tokens: []), seed)
                    let text = YAMLWriter.write(document.json)
                    let again = Result<[YAMLDocument], YAMLError> { () throws(YAMLError) in
                        try YAMLDocument.parseAll(text)
                    }
                    #expect(try again.get().map(\.json) == [document.json], "seed \(seed)")
                }
            } catch {
                #expect(error.line >= 1 && error.column >= 1 && !error.message.isEmpty, "seed \(seed)")
            }
        }
    }

    /// Every value has a place.
    private static func checkPlaces(_ document: YAMLDocument, _ json: JSON, _ pointer: JSONPointer, _ seed: UInt64) {
        #expect(
            document.position(of: pointer) != nil || document.position == YAMLPosition(line: 1, column: 1),
            "seed \(seed) \(pointer)")
        switch json {
        case .array(let values):
            for (index, value) in values.enumerated() {
                checkPlaces(document, value, pointer.appending("\(index)"), seed)
            }
        case .object(let object):
            for (key, value) in object { checkPlaces(document, value, pointer.appending(key), seed) }
        default: break
        }
    }
}
