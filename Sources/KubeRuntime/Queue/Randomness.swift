import Synchronization

/// Where jitter comes from. Tests and replays inject a seeded or a constant source.
public struct Randomness: Sendable {
    private let draw: @Sendable () -> Double

    /// - Parameter draw: returns a number in `0..<1`.
    public init(_ draw: @escaping @Sendable () -> Double) {
        self.draw = draw
    }

    /// The system's generator.
    public static let system = Randomness { Double.random(in: 0..<1) }

    /// Always the same number; 0 takes all jitter away.
    public static func constant(_ value: Double) -> Randomness {
        Randomness { value }
    }

    /// A sequence that is the same for the same seed (SplitMix64).
    public static func seeded(_ seed: UInt64) -> Randomness {
        let state = SeededState(seed)
        return Randomness { state.next() }
    }

    /// The next number in `0..<1`.
    public func next() -> Double {
        min(max(draw(), 0), 0x1.fffffffffffffp-1)
    }
}

private final class SeededState: Sendable {
    private let state: Mutex<UInt64>

    init(_ seed: UInt64) {
        state = Mutex(seed)
    }

    func next() -> Double {
        let bits = state.withLock { state -> UInt64 in
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
        return Double(bits >> 11) * 0x1p-53
    }
}
