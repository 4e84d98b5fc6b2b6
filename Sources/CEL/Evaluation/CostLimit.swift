/// How much work an evaluation may do before it is stopped with `costLimitExceeded`.
package struct CostLimit: Sendable, Hashable {
    /// One for each part of the expression each time it is evaluated, and one more for every 16 bytes of text, every
    /// member of a list or map and so on that a function reads or makes. It bounds memory as well as time.
    package var steps: Int

    package init(steps: Int) {
        self.steps = steps
    }

    /// A million steps: in the order of a tenth of a second.
    package static let `default` = CostLimit(steps: 1_000_000)
}

/// Finds the offset of a named time zone, so that `getHours("Europe/Paris")` works. This module knows only UTC and
/// fixed offsets such as `+02:00`: the rules of named zones are in files, and it reads none.
package struct TimeZones: Sendable {
    /// Seconds east of UTC in the zone of that name at an instant given in seconds since 1970; nil when unknown.
    let offset: @Sendable (_ name: String, _ seconds: Int64) -> Int?

    package init(offset: @escaping @Sendable (_ name: String, _ seconds: Int64) -> Int?) {
        self.offset = offset
    }

    /// No named zones.
    package static let fixedOffsetsOnly = TimeZones { _, _ in nil }
}

/// What functions see of an evaluation: the steps that are left and the time zones.
struct Meter {
    private(set) var remaining: Int
    let limit: CostLimit
    let zones: TimeZones

    init(_ limit: CostLimit, zones: TimeZones) {
        self.limit = limit
        self.zones = zones
        remaining = max(limit.steps, 0)
    }

    /// Takes steps away, before the work is done.
    mutating func charge(_ steps: Int = 1) throws(CELError) {
        guard steps <= remaining else {
            remaining = 0
            throw CELError(
                .costLimitExceeded,
                "the evaluation was stopped after \(limit.steps) steps; make the expression or its data smaller")
        }
        remaining -= steps
    }

    /// Charges for reading or making so many bytes of text.
    mutating func charge(bytes: Int) throws(CELError) {
        try charge(bytes / 16)
    }
}
