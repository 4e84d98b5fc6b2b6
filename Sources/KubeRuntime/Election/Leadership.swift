import Synchronization

/// Numbers of a leader election. Each must be well below the one before it.
public struct LeaderElectionOptions: Sendable, Hashable {
    /// How long others wait for a sign of life of the leader; whole seconds.
    public var leaseDuration: Duration
    /// How long the leader goes on without having renewed. The difference to the lease duration is the margin for slow
    /// clocks and for work that is slow to stop.
    public var renewDeadline: Duration
    /// Between two attempts to acquire or renew.
    public var retryPeriod: Duration
    /// The epoch of a new term is above this. What was led must remember the highest epoch it has seen and say it here,
    /// as a Lease that was deleted counts from the beginning.
    public var epochFloor: Int64

    public init(
        leaseDuration: Duration = .seconds(15), renewDeadline: Duration = .seconds(10),
        retryPeriod: Duration = .seconds(2), epochFloor: Int64 = 0
    ) {
        self.leaseDuration = max(leaseDuration, .seconds(1))
        self.renewDeadline = min(renewDeadline, self.leaseDuration)
        self.retryPeriod = retryPeriod
        self.epochFloor = epochFloor
    }
}

/// A term of leading, as the work that it covers sees it.
public struct Leadership: Sendable {
    /// Rises with each term, over all candidates. Whatever the leader writes to should refuse an epoch that is lower
    /// than one it has seen.
    public let epoch: Int64
    /// Who leads: this process.
    public let identity: String
    let validity: LeaseValidity
    let clock: RuntimeClock

    /// Whether the lease was renewed recently enough that nobody else can hold it. A check before a write narrows the
    /// window for two leaders; only the epoch closes it.
    public var isCurrent: Bool { clock.now < validity.until }
}

/// Until when a lease is surely ours.
final class LeaseValidity: Sendable {
    private let deadline: Mutex<Duration>

    init(until deadline: Duration) {
        self.deadline = Mutex(deadline)
    }

    var until: Duration { deadline.withLock { $0 } }

    func extend(to new: Duration) {
        deadline.withLock { $0 = max($0, new) }
    }

    func end() {
        deadline.withLock { $0 = .zero }
    }
}

/// The lease went to somebody else, or could not be renewed in time. What was led has been cancelled.
public struct LeadershipLost: Error, Sendable, CustomStringConvertible {
    public let message: String

    public var description: String { message }
}
