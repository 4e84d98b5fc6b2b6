import KubeCore

/// Numbers that bound what events cost the server.
public struct EventLimits: Sendable, Hashable {
    /// How many different events one object may have at once, and how often one more is allowed.
    public var burstPerObject: Int
    public var refillInterval: Duration
    /// An event that repeats is counted on the server no more often than this.
    public var seriesInterval: Duration
    /// An event that has not repeated for this long begins anew.
    public var seriesIdle: Duration
    /// How many different events and objects are remembered, and how many events wait to be written.
    public var capacity: Int

    public init(
        burstPerObject: Int = 25, refillInterval: Duration = .seconds(60), seriesInterval: Duration = .seconds(10),
        seriesIdle: Duration = .seconds(360), capacity: Int = 4_096
    ) {
        self.burstPerObject = max(burstPerObject, 1)
        self.refillInterval = max(refillInterval, .milliseconds(1))
        self.seriesInterval = seriesInterval
        self.seriesIdle = max(seriesIdle, seriesInterval)
        self.capacity = max(capacity, 1)
    }
}

/// Turns occurrences into few writes: an occurrence that repeats becomes a series with a count. A value without clock
/// or I/O.
struct EventAggregator: Sendable {
    enum Write: Sendable, Hashable {
        case create(name: String, EventOccurrence, at: Timestamp)
        /// The event has occurred `count` times by now; when it has expired on the server, it is created again.
        case count(name: String, EventOccurrence, count: Int64, at: Timestamp)
    }

    private struct Series: Sendable {
        let name: String
        var count: Int64 = 1
        var written: Int64 = 1
        var lastSeen: Duration
        var lastSeenAt: Timestamp
        var lastWrite: Duration
    }

    private struct Bucket: Sendable {
        var tokens: Int
        var refilled: Duration
    }

    private let limits: EventLimits
    private var series: [EventOccurrence: Series] = [:]
    private var buckets: [ObjectReference: Bucket] = [:]
    /// Occurrences that were not told because their object, or all objects together, had too many.
    private(set) var suppressed: UInt64 = 0

    init(limits: EventLimits) {
        self.limits = limits
    }

    /// Takes an occurrence. A new one is to be written at once; a repeated one waits for ``flush(now:)``.
    ///
    /// - Parameters:
    ///   - now: monotonic.
    ///   - timestamp: what people read.
    ///   - suffix: makes the name of a new event unique.
    mutating func observe(
        _ occurrence: EventOccurrence, now: Duration, timestamp: Timestamp, suffix: @autoclosure () -> String
    ) -> Write? {
        // Versions differ between otherwise equal occurrences.
        var key = occurrence
        key.regarding.resourceVersion = nil
        key.related?.resourceVersion = nil
        if var known = series[key], now - known.lastSeen < limits.seriesIdle {
            known.count += 1
            known.lastSeen = now
            known.lastSeenAt = timestamp
            series[key] = known
            return nil
        }
        guard allows(key.regarding, now: now) else {
            suppressed &+= 1
            return nil
        }
        // Names of objects have at most 253 characters, and events are objects.
        let name = "\(occurrence.regarding.name.prefix(220)).\(suffix())"
        series[key] = Series(name: name, lastSeen: now, lastSeenAt: timestamp, lastWrite: now)
        return .create(name: name, occurrence, at: timestamp)
    }

    /// The counts that are due, and an end to what has been quiet.
    mutating func flush(now: Duration) -> [Write] {
        var writes: [Write] = []
        for (key, var item) in series {
            if item.count > item.written {
                guard now - item.lastWrite >= limits.seriesInterval else { continue }
                item.written = item.count
                item.lastWrite = now
                series[key] = item
                writes.append(.count(name: item.name, key, count: item.count, at: item.lastSeenAt))
            } else if now - item.lastSeen >= limits.seriesIdle {
                series[key] = nil
            }
        }
        return writes
    }

    /// When the next count is due; nil when none is.
    var nextFlush: Duration? {
        series.values.filter { $0.count > $0.written }.map { $0.lastWrite + limits.seriesInterval }.min()
    }

    private mutating func allows(_ object: ObjectReference, now: Duration) -> Bool {
        if series.count >= limits.capacity {
            series = series.filter { now - $0.value.lastSeen < limits.seriesIdle }
            if series.count >= limits.capacity { return false }
        }
        if buckets[object] == nil, buckets.count >= limits.capacity {
            let full = limits.refillInterval * limits.burstPerObject
            buckets = buckets.filter { now - $0.value.refilled < full }
            if buckets.count >= limits.capacity { return false }
        }
        var bucket = buckets[object] ?? Bucket(tokens: limits.burstPerObject, refilled: now)
        let earned = Int(clamping: Int64((now - bucket.refilled) / limits.refillInterval))
        if earned > 0 {
            bucket.tokens = min(limits.burstPerObject, bucket.tokens + min(earned, limits.burstPerObject))
            bucket.refilled += limits.refillInterval * earned
        }
        defer { buckets[object] = bucket }
        guard bucket.tokens > 0 else { return false }
        bucket.tokens -= 1
        return true
    }
}
