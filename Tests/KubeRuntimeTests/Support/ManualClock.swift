@testable import KubeRuntime

/// A clock that moves when the test says so.
final class ManualClock: Clock, Sendable {
    struct Instant: InstantProtocol {
        var offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct State: Sendable {
        var now: Duration = .zero
        var sleepers: [Int: Duration] = [:]
        var nextID = 0
    }

    private let monitor = Monitor(State())

    var now: Instant { Instant(offset: monitor.read { $0.now }) }
    var minimumResolution: Duration { .nanoseconds(1) }
    var elapsed: Duration { now.offset }

    /// The same clock as the runtime takes it. Made before the clock moves, their times are equal.
    var runtime: RuntimeClock { RuntimeClock(self) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let id = monitor.change { state in
            state.nextID += 1
            state.sleepers[state.nextID] = deadline.offset
            return state.nextID
        }
        defer { monitor.change { $0.sleepers[id] = nil } }
        try await monitor.wait { state -> Void? in state.now >= deadline.offset ? () : nil }
    }

    func advance(by duration: Duration) {
        monitor.change { $0.now += duration }
    }

    /// Waits until somebody sleeps, and moves to the earliest time that somebody sleeps for. Returns how far that was.
    @discardableResult
    func advanceToNextSleeper() async throws -> Duration {
        try await monitor.wait { state -> Duration? in
            guard let deadline = state.sleepers.values.filter({ $0 > state.now }).min() else { return nil }
            let step = deadline - state.now
            state.now = deadline
            return step
        }
    }

    /// Waits until somebody sleeps for exactly this time from now.
    func waitForSleeper(in duration: Duration) async throws {
        try await waitForSleepers(1, in: duration)
    }

    /// Waits until so many sleep for exactly this time from now.
    func waitForSleepers(_ count: Int, in duration: Duration) async throws {
        try await monitor.wait { state -> Void? in
            state.sleepers.values.count { $0 == state.now + duration } >= count ? () : nil
        }
    }
}
