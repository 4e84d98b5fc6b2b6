import Foundation

/// Runs a body over seeds: a fixed number of them in a normal test run, or as many as fit into
/// `FLOWENGINE_FUZZ_SECONDS` (for each test). Every seed stands for one input; `FLOWENGINE_FUZZ_SEED` repeats one.
enum Fuzzing {
    static func run(_ name: String, rounds: UInt64, _ body: (UInt64) throws -> Void) rethrows {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["FLOWENGINE_FUZZ_SEED"].flatMap({ UInt64($0) }) { return try body(seed) }
        guard let seconds = environment["FLOWENGINE_FUZZ_SECONDS"].flatMap(Double.init) else {
            for seed in 0..<rounds { try body(seed) }
            return
        }
        let clock = ContinuousClock()
        let end = clock.now + .seconds(seconds)
        // Each run sees other inputs; the first seed is printed to repeat them.
        let first = UInt64.random(in: 0..<(1 << 40)) << 20
        var seed = first
        while clock.now < end {
            for _ in 0..<64 {
                try body(seed)
                seed += 1
            }
        }
        print("fuzzed \(name): \(seed - first) inputs from seed \(first)")
    }
}

/// Changes bytes in ways that parsers meet: flips, cuts, repetitions, tokens in odd places.
struct Mutator {
    let tokens: [[UInt8]]

    init(tokens: [String]) { self.tokens = tokens.map { Array($0.utf8) } }

    func mutate(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0...random.below(4) {
            let place = random.below(bytes.count + 1)
            let span = place..<Swift.min(bytes.count, place + random.below(12))
            switch random.below(7) {
            case 0: if place < bytes.count { bytes[place] ^= 1 << UInt8(random.below(8)) }
            case 1: if place < bytes.count { bytes[place] = UInt8.random(in: .min ... .max, using: &random) }
            case 2: bytes.removeSubrange(span)
            case 3: bytes.insert(contentsOf: bytes[span], at: random.below(bytes.count + 1))
            case 4, 5: bytes.insert(contentsOf: tokens.randomElement(using: &random) ?? [], at: place)
            default: bytes.replaceSubrange(span, with: tokens.randomElement(using: &random) ?? [])
            }
        }
        return bytes
    }
}
