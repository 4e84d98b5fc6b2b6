/// Exponential backoff with a cap and jitter.
///
/// The delay of the n-th consecutive failure is `initial · factor^(n-1)`, at most `cap`, plus up to `jitter` of itself,
/// so that many clients that failed together do not come back together.
public struct Backoff: Sendable, Hashable {
    /// The delay after the first failure.
    public var initial: Duration
    /// What each further failure multiplies the delay by; at least 1.
    public var factor: Double
    /// The longest delay before jitter is added.
    public var cap: Duration
    /// The largest share of the delay that is added at random; 0 makes delays exact.
    public var jitter: Double

    public init(
        initial: Duration = .milliseconds(50), factor: Double = 2, cap: Duration = .seconds(300), jitter: Double = 0.2
    ) {
        self.initial = initial
        self.factor = max(factor, 1)
        self.cap = cap
        self.jitter = max(jitter, 0)
    }

    /// For a key whose reconciliation failed: 50 ms up to 5 minutes.
    public static let workQueue = Backoff()

    /// For a list or a watch that failed: 800 ms up to 30 s, as an API server that is down must not be stampeded.
    public static let reflector = Backoff(initial: .milliseconds(800), factor: 2, cap: .seconds(30), jitter: 1)

    /// The delay after `failures` consecutive failures; zero when there was none.
    public func delay(afterFailures failures: Int, random: Randomness) -> Duration {
        guard failures > 0 else { return .zero }
        var delay = initial
        var step = 1
        while step < failures, delay < cap {
            delay = delay * factor
            step += 1
        }
        delay = min(delay, cap)
        return delay + delay * (jitter * random.next())
    }
}
