/// Accessors of timestamps and durations.
enum TimeLibrary {
    static let functions: [Function] =
        ["getHours", "getMinutes", "getSeconds", "getMilliseconds"].map { name in
            Function(name, .member, .unary { value, meter throws(CELError) in try part(name, value, nil, &meter) })
        }
        + ["getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"].map { name in
            Function(name, .member, .unary { value, meter throws(CELError) in try part(name, value, nil, &meter) })
        }
        + [
            "getHours", "getMinutes", "getSeconds", "getMilliseconds", "getFullYear", "getMonth", "getDate",
            "getDayOfMonth", "getDayOfWeek", "getDayOfYear",
        ].map { name in
            Function(
                name, .member,
                .binary { value, zone, meter throws(CELError) in try part(name, value, zone, &meter) })
        }

    private static func part(
        _ name: String, _ value: Value, _ zone: Value?, _ meter: inout Meter
    ) throws(CELError) -> Value? {
        switch value {
        case .timestamp(let instant):
            var offset: Int64 = 0
            if let zone {
                guard case .string(let zone) = zone else { return nil }
                offset = try self.offset(of: zone, at: instant, meter.zones)
            }
            return part(name, of: CivilTime(instant, offset: offset)).map { .int($0) }
        case .duration(let span) where zone == nil:
            return part(name, of: span.nanoseconds).map { .int($0) }
        default:
            return nil
        }
    }

    private static func part(_ name: String, of time: CivilTime) -> Int64? {
        switch name {
        case "getFullYear": time.date.year
        case "getMonth": time.date.month - 1
        case "getDate": time.date.day
        case "getDayOfMonth": time.date.day - 1
        case "getDayOfWeek": time.dayOfWeek
        case "getDayOfYear": time.date.dayOfYear
        case "getHours": time.hour
        case "getMinutes": time.minute
        case "getSeconds": time.second
        case "getMilliseconds": time.nanosecond / 1_000_000
        default: nil
        }
    }

    /// Whole hours, minutes and seconds of the entire span; only the milliseconds are those after the second.
    private static func part(_ name: String, of nanoseconds: Int64) -> Int64? {
        switch name {
        case "getHours": nanoseconds / 3_600_000_000_000
        case "getMinutes": nanoseconds / 60_000_000_000
        case "getSeconds": nanoseconds / 1_000_000_000
        case "getMilliseconds": nanoseconds / 1_000_000 % 1_000
        default: nil
        }
    }

    /// Seconds east of UTC in a zone: `UTC`, `+01:00`, `02:00`, or a name that the caller knows.
    private static func offset(
        of zone: String, at instant: Instant, _ zones: TimeZones
    ) throws(CELError) -> Int64 {
        if zone.isEmpty || zone == "UTC" {
            return 0
        }
        var scanner = ByteScanner(zone)
        if let offset = scanner.zoneOffset(), scanner.isAtEnd {
            return offset
        }
        scanner = ByteScanner(zone)
        if let offset = scanner.clockOffset(), scanner.isAtEnd {
            return offset
        }
        guard let offset = zones.offset(zone, instant.seconds), (-86_400...86_400).contains(offset) else {
            throw CELError(.invalidArgument, "the time zone '\(zone)' is not known; 'UTC' and '+01:00' always are")
        }
        return Int64(offset)
    }
}
