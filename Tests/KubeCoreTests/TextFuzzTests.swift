import KubeCore
import Testing

@Suite("Fuzzing the smaller texts")
struct TextFuzzTests {
    private static let mutator = Mutator(tokens: [
        "0", "9", "-", "+", ".", "e", "E", "Ki", "Mi", "Ei", "m", "n", "u", "k", "h", "ms", "µs", "d", "T", "Z", ":",
        "a", "in", "notin", "(", ")", ",", "=", "==", "!=", "!", ">",
        "<", "/", "~0", "~1", "\\", " ", "99999999999999999999", "é", "\0", "-9223372036854775808", "1e2147483647",
        "e-2147483648",
    ])

    private static let corpus = [
        "1.5Gi", "500m", "-12e6", "9223372036854775807", "0.000000001", "1h30m", "1.5s500ms",
        "2026-01-02T03:04:05.123Z", "2024-02-29T23:59:59+14:00",
        "a=b,c!=d,e in (x,y),f notin (z),g,!h,i>3", "metadata.name=a\\,b,status.phase!=Running", "/a/b~1c/~0/-/0",
        "apps/v1",
    ].map { Array($0.utf8) }

    @Test("Any text is read or refused, and what is read survives printing")
    func texts() throws {
        try Fuzzing.run("texts", rounds: 10_000) { seed in
            var random = SeededRandom(seed: seed)
            let bytes = Self.mutator.mutate(Self.corpus[random.below(Self.corpus.count)], &random)
            let text = String(decoding: bytes, as: UTF8.self)
            if let quantity = try? Quantity(parsing: text) {
                #expect(try Quantity(parsing: quantity.description) == quantity, "seed \(seed): \(text)")
                let canonical = try Quantity(parsing: quantity.description).description
                #expect(canonical == quantity.description, "seed \(seed): \(text)")
                _ = (quantity + quantity - quantity * 3, quantity.value, quantity.milliValue, quantity.doubleValue)
            }
            if let duration = try? DurationText.parse(text) {
                #expect(try DurationText.parse(DurationText.format(duration)) == duration, "seed \(seed): \(text)")
            }
            if let time = Timestamp(rfc3339: text) {
                // An offset can push a time out of the years that have four digits.
                let second = Timestamp(seconds: time.seconds)
                if time.rfc3339.utf8.count == 20 {
                    #expect(Timestamp(rfc3339: time.rfc3339) == second, "seed \(seed): \(text)")
                }
            }
            if let selector = try? LabelSelector(parsing: text) {
                #expect(try LabelSelector(parsing: selector.description) == selector, "seed \(seed): \(text)")
                _ = selector.matches(["a": "b", "i": "5"])
            }
            if let selector = try? FieldSelector(parsing: text) {
                #expect(try FieldSelector(parsing: selector.description) == selector, "seed \(seed): \(text)")
            }
            if let pointer = JSONPointer(text) {
                #expect(JSONPointer(pointer.description) == pointer, "seed \(seed): \(text)")
            }
            if let groupVersion = GroupVersion(apiVersion: text) { #expect(groupVersion.apiVersion == text) }
        }
    }

    @Test("Random patches apply or fail, and a difference applied to the one value gives the other")
    func patches() throws {
        Fuzzing.run("patches", rounds: 5_000) { seed in
            var random = SeededRandom(seed: seed)
            let document = Self.value(&random, depth: 0)
            let paths = [
                "", "/", "/a", "/b", "/a/b", "/a/0", "/a/-", "/a/-1", "/b/1", "/a/b/a", "/-9223372036854775808", "x",
            ]
            let patch = JSON.array(
                (0..<random.below(8)).map { _ in
                    [
                        "op": .string(["add", "remove", "replace", "move", "copy", "test"][random.below(6)]),
                        "path": .string(paths[random.below(paths.count)]),
                        "from": .string(paths[random.below(paths.count)]),
                        "value": Self.value(&random, depth: 2),
                    ]
                })
            _ = try? JSONPatch.apply(patch, to: document)
            let other = Self.value(&random, depth: 0)
            #expect(MergePatch.apply(MergePatch.diff(from: document, to: other), to: document) == other, "seed \(seed)")
        }
    }

    /// Without nulls, which a merge patch cannot set.
    private static func value(_ random: inout SeededRandom, depth: Int) -> JSON {
        switch random.below(depth < 3 ? 6 : 2) {
        case 0: .int(Int64(random.below(3)))
        case 1: "text"
        case 2, 3: .array((0..<random.below(4)).map { _ in value(&random, depth: depth + 1) })
        default:
            .object(
                JSONObject(
                    (0..<random.below(4)).map { _ in
                        (["a", "b", "c"][random.below(3)], value(&random, depth: depth + 1))
                    }))
        }
    }

    @Test("Lines come out the same however the bytes are cut")
    func lines() throws {
        try Fuzzing.run("lines", rounds: 2_000) { seed in
            var random = SeededRandom(seed: seed)
            let bytes = (0..<random.below(200)).map { _ in
                random.below(6) == 0 ? 0x0A : UInt8.random(in: .min ... .max, using: &random)
            }
            var whole = LineFramer()
            var cut = LineFramer()
            let expected = try whole.lines(in: bytes).map(Array.init)
            var found: [[UInt8]] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let chunk = rest.prefix(1 + random.below(20))
                rest = rest.dropFirst(chunk.count)
                try cut.append(chunk) { found.append(Array($0)) }
            }
            #expect(found == expected, "seed \(seed)")
            let ends = (whole.finish(), cut.finish())
            #expect(ends.0 == ends.1, "seed \(seed)")
        }
    }
}
