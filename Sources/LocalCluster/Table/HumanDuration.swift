import KubeCore

/// Ages as tables show them: `45s`, `3m20s`, `5h12m`, `3d4h`, `2y30d`. Short ages have two units, longer ones their
/// largest.
package enum HumanDuration {
    package static func text(seconds: Int64) -> String {
        if seconds < -1 { return "<invalid>" }
        if seconds < 0 { return "0s" }
        let (minutes, hours) = (seconds / 60, seconds / 3600)
        let (days, years) = (hours / 24, hours / 24 / 365)
        if seconds < 120 { return "\(seconds)s" }
        if minutes < 10 { return pair(minutes, "m", seconds % 60, "s") }
        if minutes < 180 { return "\(minutes)m" }
        if hours < 8 { return pair(hours, "h", minutes % 60, "m") }
        if hours < 48 { return "\(hours)h" }
        if hours < 192 { return pair(days, "d", hours % 24, "h") }
        if hours < 24 * 365 * 2 { return "\(days)d" }
        if hours < 24 * 365 * 8 { return pair(years, "y", days % 365, "d") }
        return "\(years)y"
    }

    /// The time from `time` (RFC 3339) to `now`; `<unknown>` when there is none.
    package static func since(_ time: JSON?, now: Timestamp) -> String {
        guard let text = time?.stringValue else { return "<unknown>" }
        guard let then = Timestamp(rfc3339: text) else { return "<invalid>" }
        let (seconds, overflow) = now.seconds.subtractingReportingOverflow(then.seconds)
        return overflow ? "<invalid>" : self.text(seconds: seconds)
    }

    private static func pair(_ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String) -> String {
        small == 0 ? "\(large)\(largeUnit)" : "\(large)\(largeUnit)\(small)\(smallUnit)"
    }
}
