import Foundation
import KubeCore
import Testing

@Suite("Fuzzing JSON")
struct JSONFuzzTests {
    private static let mutator = Mutator(tokens: [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d\\ude00", "\\ud800", "\\u0000", "null", "true",
        "false", "0", "-", "-0", "1.5", "1e5",
        "1e400", "1E-400", "9223372036854775807", "-9223372036854775809", "0.1", "00", ".", "e", " ", "\n", "\t", "\r",
        "é", "😀", "\u{7F}", "\"\"", "[]", "{}",
        "{\"a\":1,\"a\":2}", "\"metadata\":{\"managedFields\":[]}", "[[[[[[[[", "]]]]]]]]", "/*", "//", "NaN", "'",
        "\u{FEFF}", "\0", "\\/", "\\b", "\\x",
    ])

    private static let corpus: [[UInt8]] =
        [PodListText.pod(7).encoded(), PodListText.pod(8).at("status")?.encoded(.pretty) ?? []]
        + [
            #"{"a":[1,-2,3.25e-3,true,false,null,"text \"with\" é😀\u20ac\ud83d\ude00 escapes"],"b":{"c":{}},"d":[]}"#,
            "[]", "{}", "0", "\"\"",
            #"[0,-0,1e308,1.7976931348623157e308,5e-324,123456789012345678901234567890]"#, " [ 1 , { \"k\" : [ ] } ] ",
            "[" + String(repeating: "[", count: 510) + String(repeating: "]", count: 510) + "]",
        ].map { Array($0.utf8) }

    @Test("Any bytes are read or refused, as Foundation does, and what is read survives writing")
    func mutations() throws {
        try Fuzzing.run("JSON", rounds: 2_500) { seed in
            var random = SeededRandom(seed: seed)
            let start = Self.corpus[random.below(Self.corpus.count)]
            try check(Self.mutator.mutate(start, &random), seed)
        }
    }

    @Test("Random values read back as they were written, in every style")
    func randomValues() throws {
        try Fuzzing.run("JSON values", rounds: 600) { seed in
            var random = SeededRandom(seed: seed)
            let json = Self.value(&random, depth: 0)
            for style in [JSONStyle.compact, .compactSorted, .pretty, .prettySorted] {
                #expect(try JSON.parse(json.encoded(style)) == Self.asPrinted(json), "seed \(seed)")
            }
            let foundation = try JSONSerialization.jsonObject(with: Data(json.encoded()), options: .fragmentsAllowed)
            #expect(Self.agrees(Self.asPrinted(json), foundation), "seed \(seed)")
        }
    }

    private func check(_ bytes: [UInt8], _ seed: UInt64) throws {
        let outcome = Result<JSON, JSONParseError> { () throws(JSONParseError) in try JSON.parse(bytes) }
        let dropped = try? JSON.parse(bytes, options: .init(dropManagedFields: true, duplicateKeys: .report))
        let skipped: ()? = try? JSONReader.read(bytes) { try $0.skipValue() }
        switch outcome {
        case .success(let json):
            #expect(dropped != nil && skipped != nil, "seed \(seed)")
            let again = try JSON.parse(json.encoded())
            #expect(again == Self.asPrinted(json), "seed \(seed)")
            #expect(again.hashValue == Self.asPrinted(json).hashValue, "seed \(seed)")
            #expect(try JSON.parse(json.encoded(.prettySorted)) == again, "seed \(seed)")
        case .failure(let error):
            #expect(dropped == nil && skipped == nil, "seed \(seed)")
            #expect((0...bytes.count).contains(error.offset) && error.line >= 1 && error.column >= 1, "seed \(seed)")
        }
        guard Self.isComparable(bytes) else { return }
        let foundation = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        switch outcome {
        case .success: #expect(foundation != nil, "seed \(seed)")
        case .failure(let error):
            // Foundation lets commas at the end pass, and exponents beyond its own numbers.
            let isKnown = error.message.contains("may not end with a comma") || error.message.contains("out of range")
            #expect(foundation == nil || isKnown, "seed \(seed): \(error)")
        }
    }

    /// Foundation guesses UTF-16 and UTF-32 from byte order marks and zero bytes, which JSON in Kubernetes never has.
    private static func isComparable(_ bytes: [UInt8]) -> Bool {
        !bytes.prefix(4).contains { $0 == 0 || $0 >= 0xEF }
    }

    /// The value that is read from the text that is written: an integral double is written like an integer.
    private static func asPrinted(_ json: JSON) -> JSON {
        switch json {
        case .double: (try? JSON.parse(json.encoded())) ?? .null
        case .array(let values): .array(values.map(asPrinted))
        case .object(let object): .object(object.mapValues(asPrinted))
        default: json
        }
    }

    private static func agrees(_ json: JSON, _ foundation: Any) -> Bool {
        switch (json, foundation) {
        case (.null, is NSNull): true
        case (.string(let text), let other as String): Array(text.utf8) == Array(other.utf8)
        case (.array(let values), let others as [Any]):
            values.count == others.count && zip(values, others).allSatisfy(agrees)
        // Foundation takes keys for one when they are canonically equivalent.
        case (.object(let object), is [String: Any]) where Set(object.keys).count < object.count: true
        case (.object(let object), let others as [String: Any]):
            object.count == others.count
                && object.allSatisfy { pair in others[pair.key].map { agrees(pair.value, $0) } ?? false }
        case (.bool(let value), let other as NSNumber): other.boolValue == value
        case (.int(let value), let other as NSNumber): other.int64Value == value
        // Foundation reads long numbers by way of decimals, which costs it the last digits.
        case (.double(let value), let other as NSNumber):
            other.doubleValue == value || abs(other.doubleValue - value) <= abs(value) * 1e-14
        default: false
        }
    }

    private static func value(_ random: inout SeededRandom, depth: Int) -> JSON {
        switch random.below(depth < 6 ? 11 : 7) {
        case 0: nil
        case 1: .bool(.random(using: &random))
        case 2: .int(Int64(truncatingIfNeeded: random.next() >> UInt64(random.below(64))))
        case 3: .int(.random(in: .min ... .max, using: &random))
        case 4: double(&random)
        case 5, 6: .string(text(&random))
        case 7, 8: .array((0..<random.below(6)).map { _ in value(&random, depth: depth + 1) })
        default:
            .object(JSONObject((0..<random.below(24)).map { _ in (text(&random), value(&random, depth: depth + 3)) }))
        }
    }

    private static func double(_ random: inout SeededRandom) -> JSON {
        let value = random.below(2) == 0 ? Double(bitPattern: random.next()) : Double(random.below(1 << 40)) / 1024
        return .double(value.isFinite ? value : 0.5)
    }

    private static func text(_ random: inout SeededRandom) -> String {
        var text = ""
        for _ in 0..<random.below(24) {
            let bound: UInt32 = [0x80, 0x100, 0x3000, 0x11_0000][random.below(4)]
            // Not the byte order mark, which Foundation loses in keys.
            if let scalar = Unicode.Scalar(UInt32(random.below(Int(bound)))), scalar != "\u{FEFF}" {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
