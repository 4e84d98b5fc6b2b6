/// The durations of specs: Gateway API's form (GEP-2257), one to four numbers of up to five digits with a unit each,
/// such as `1h30m`, `90s` or `500ms`.
package enum FlowDuration {
    /// Nil when the text is not of that form. Zero is parsed; schemas and validation refuse it.
    package static func parse(_ text: String) -> Duration? {
        var rest = Substring(text).utf8
        var total: Int64 = 0
        var parts = 0
        while !rest.isEmpty {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard (1...5).contains(digits.count), let number = Int64(String(Substring(digits))) else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
            rest = rest.dropFirst(unit.count)
            parts += 1
            // Five digits of hours are 3.6e14 milliseconds at most: no overflow.
            switch String(Substring(unit)) {
            case "h": total += number * 3_600_000
            case "m": total += number * 60_000
            case "s": total += number * 1_000
            case "ms": total += number
            default: return nil
            }
        }
        guard (1...4).contains(parts) else { return nil }
        return .milliseconds(total)
    }

    /// A duration for people, in at most two units: `0.4s`, `12s`, `1m30s`, `3h5m`, `2d4h`.
    package static func readable(_ duration: Duration) -> String {
        let (wholeSeconds, attoseconds) = duration.components
        guard wholeSeconds >= 0, attoseconds >= 0 else { return "0s" }
        if wholeSeconds < 10 {
            let tenths = wholeSeconds * 10 + attoseconds / 100_000_000_000_000_000
            return tenths % 10 == 0 ? "\(tenths / 10)s" : "\(tenths / 10).\(tenths % 10)s"
        }
        func joined(_ high: Int64, _ highUnit: String, _ low: Int64, _ lowUnit: String) -> String {
            low == 0 ? "\(high)\(highUnit)" : "\(high)\(highUnit)\(low)\(lowUnit)"
        }
        switch wholeSeconds {
        case ..<60: return "\(wholeSeconds)s"
        case ..<3_600: return joined(wholeSeconds / 60, "m", wholeSeconds % 60, "s")
        case ..<86_400: return joined(wholeSeconds / 3_600, "h", wholeSeconds % 3_600 / 60, "m")
        default: return joined(wholeSeconds / 86_400, "d", wholeSeconds % 86_400 / 3_600, "h")
        }
    }
}
