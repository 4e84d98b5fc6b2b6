/// The monotonic time that the runtime lives by: durations since the clock was made.
///
/// Everything in this module that waits, backs off or expires takes one of these, so that a test can advance time by
/// hand and so that a step of the wall clock never shortens a lease. Wall-clock time appears only in fields that
/// humans read.
public struct RuntimeClock: Sendable {
    private let read: @Sendable () -> Duration
    private let sleepUntil: @Sendable (Duration) async throws -> Void

    /// Wraps any clock that counts in `Duration`.
    public init<C: Clock>(_ clock: C) where C.Duration == Duration {
        let origin = clock.now
        read = { origin.duration(to: clock.now) }
        sleepUntil = { try await clock.sleep(until: origin.advanced(by: $0), tolerance: nil) }
    }

    /// The machine's monotonic clock, which also counts while the machine is suspended.
    public static let continuous = RuntimeClock(ContinuousClock())

    /// Time since the clock was made.
    public var now: Duration { read() }

    /// Returns when `deadline`, measured like ``now``, has passed.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first.
    public func sleep(until deadline: Duration) async throws {
        try await sleepUntil(deadline)
    }

    /// Returns after `duration`; at once when it is zero or negative.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first.
    public func sleep(for duration: Duration) async throws {
        try await sleepUntil(now + duration)
    }
}
