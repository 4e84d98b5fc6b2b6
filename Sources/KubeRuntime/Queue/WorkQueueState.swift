/// The work queue as a value: no clock, no lock, no waiting.
struct WorkQueueState<Key: Hashable & Sendable>: Sendable {
    enum TimerStep: Sendable {
        case sleep(until: Duration)
        case stop
    }

    var failures: [Key: Int] = [:]
    private(set) var delayed = DelayedKeys<Key>()
    private(set) var isShutDown = false
    private var ready = ReadyQueue<Key>()
    /// Keys in hand, with the time at which they were handed out.
    private var inHand: [Key: Duration] = [:]
    /// Keys in hand that were added again.
    private var again: [Key: QueuePriority] = [:]
    private var adds: UInt64 = 0
    private var retries: UInt64 = 0

    var isDrained: Bool { isShutDown && ready.count == 0 && inHand.isEmpty }

    mutating func add(_ key: Key, lane: String, priority: QueuePriority) {
        guard !isShutDown else { return }
        delayed.remove(key)
        if inHand[key] != nil {
            if again[key] == nil { adds &+= 1 }
            again[key] = max(again[key] ?? priority, priority)
        } else if ready.append(key, lane: lane, priority: priority) {
            adds &+= 1
        }
    }

    mutating func schedule(_ key: Key, at deadline: Duration, priority: QueuePriority) {
        guard !isShutDown, !ready.contains(key), again[key] == nil else { return }
        delayed.schedule(key, at: deadline, priority: priority)
    }

    mutating func countFailure(_ key: Key) -> Int {
        retries &+= 1
        let count = (failures[key] ?? 0) + 1
        failures[key] = count
        return count
    }

    /// A key to hand out, `.some(nil)` when there will be none any more, nil when there is none yet.
    mutating func next(now: Duration) -> Key?? {
        if let key = ready.popFirst() {
            inHand[key] = now
            return .some(key)
        }
        return isShutDown && again.isEmpty ? .some(nil) : nil
    }

    mutating func done(_ key: Key, lane: String) {
        guard inHand.removeValue(forKey: key) != nil, let priority = again.removeValue(forKey: key) else { return }
        _ = ready.append(key, lane: lane, priority: priority)
    }

    mutating func promote(now: Duration, lane: (Key) -> String) {
        while let due = delayed.popDue(at: now) {
            add(due.key, lane: lane(due.key), priority: due.priority)
        }
    }

    mutating func shutDown(discardingQueued: Bool) {
        isShutDown = true
        delayed.removeAll()
        if discardingQueued {
            ready.removeAll()
            again = [:]
        }
    }

    func statistics(now: Duration) -> WorkQueueStatistics {
        WorkQueueStatistics(
            depth: ready.count, delayed: delayed.count, inFlight: inHand.count, adds: adds, retries: retries,
            longestRunning: inHand.values.min().map { now - $0 } ?? .zero)
    }
}
