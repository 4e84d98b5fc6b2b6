import CEL
import Testing

@Suite("Timestamps and durations")
struct TimeTests {
    static let cases: [Case] = [
        .gives("timestamp('2009-02-13T23:31:30Z').getFullYear()", 2009),
        .gives("timestamp('2009-02-13T23:31:30Z').getMonth()", 1),
        .gives("timestamp('2009-02-13T23:31:30Z').getDate()", 13),
        .gives("timestamp('2009-02-13T23:31:30Z').getDayOfMonth()", 12),
        .gives("timestamp('2009-02-13T23:31:30Z').getDayOfWeek()", 5),
        .gives("timestamp('2009-02-13T23:31:30Z').getDayOfYear()", 43),
        .gives("timestamp('2009-02-13T23:31:30.123456Z').getMilliseconds()", 123),
        .gives("timestamp('2009-02-13T23:31:30Z').getHours()", 23),
        .gives("timestamp('2009-02-13T23:31:30Z').getHours('+01:00')", 0),
        .gives("timestamp('2009-02-13T23:31:30Z').getDate('+01:00')", 14),
        .gives("timestamp('2009-02-13T00:31:30Z').getHours('-02:30')", 22),
        .gives("timestamp('2009-02-13T23:31:30Z').getMinutes('UTC')", 31),
        .gives("timestamp('2000-02-29T00:00:00Z').getDayOfYear()", 59),
        .gives("timestamp('1900-03-01T00:00:00Z').getDayOfYear()", 59),
        .gives("timestamp('0001-01-01T00:00:00Z').getDayOfWeek()", 1),
        .gives("timestamp('9999-12-31T23:59:59Z').getDayOfYear()", 364),
        .gives("timestamp('1969-12-31T23:59:59.5Z').getSeconds()", 59),
        .gives("int(timestamp('1969-12-31T23:59:59.5Z'))", -1),
        .fails("timestamp('2009-02-13T23:31:30Z').getHours('Europe/Paris')", .invalidArgument),
        .fails("timestamp('2009-02-30T00:00:00Z')", .invalidArgument),
        .fails("timestamp('2009-02-13')", .invalidArgument),
        .fails("timestamp('2009-02-13T24:00:00Z')", .invalidArgument),
        .fails("timestamp('2009-02-13T23:31:30')", .invalidArgument),
        .fails("timestamp('0000-01-01T00:00:00Z')", .overflow), .fails("timestamp('10000-01-01T00:00:00Z')", .overflow),
        .fails("timestamp(253402300800)", .overflow), .holds("timestamp(0) == timestamp('1970-01-01T00:00:00Z')"),
        .holds("timestamp('2026-01-01T01:00:00+01:00') == timestamp('2026-01-01T00:00:00Z')"),
        .holds("timestamp('2026-01-01T00:00:00Z') < timestamp('2026-01-01T00:00:00.1Z')"),
        .holds("timestamp('2026-01-01T00:00:00Z') + duration('1h') == timestamp('2026-01-01T01:00:00Z')"),
        .holds("timestamp('2026-01-01T00:00:00Z') - duration('1ms') == timestamp('2025-12-31T23:59:59.999Z')"),
        .holds("timestamp('2026-01-01T01:00:00Z') - timestamp('2026-01-01T00:00:00Z') == duration('60m')"),
        .fails("timestamp('9999-12-31T23:59:59Z') + duration('1s')", .overflow),
        .fails("timestamp('0001-01-01T00:00:00Z') - duration('1ns')", .overflow),
        .fails("timestamp('9999-12-31T00:00:00Z') - timestamp('0001-01-01T00:00:00Z')", .overflow),
        .fails("timestamp(0) + timestamp(0)", .noSuchOverload), .fails("timestamp(0) + 1", .noSuchOverload),
        .holds("duration('1h30m') == duration('90m')"), .holds("duration('1.5s') == duration('1500ms')"),
        .holds("duration('-1us') < duration('0')"),
        .holds("duration('1µs') == duration('1000ns')"), .gives("duration('3730s').getHours()", 1),
        .gives("duration('3730s').getMinutes()", 62),
        .gives("duration('3730s').getSeconds()", 3730), .gives("duration('1.234s').getMilliseconds()", 234),
        .holds("duration('1s') + duration('2s') == duration('3s')"),
        .holds("duration('1s') - duration('2s') == duration('-1s')"),
        .fails("duration('1')", .invalidArgument), .fails("duration('1x')", .invalidArgument),
        .fails("duration('')", .invalidArgument),
        .fails("duration('s')", .invalidArgument), .fails("duration('-')", .invalidArgument),
        .fails("duration('300000h') + duration('2562047h')", .overflow),
        .fails("duration('320000000000s')", .overflow), .fails("duration('9999999999999999999999h')", .overflow),
        .fails("duration('1s').getFullYear()", .noSuchOverload),
        .fails("duration('1s').getHours('UTC')", .noSuchOverload),
        .holds("duration('-9223372036854775808ns') < duration('0s')"),
        .fails("timestamp(0) - duration('-9223372036854775808ns')", .overflow),
    ]

    @Test("Times are exact and stay within years 1 to 9999", arguments: cases)
    func checkTable(_ example: Case) throws { try example.check() }

    @Test("Named time zones are the caller's to know")
    func zones() throws {
        let zones = TimeZones { name, seconds in name == "Test/Zone" && seconds > 0 ? 5_400 : nil }
        let expression = try Expression("t.getHours('Test/Zone') * 100 + t.getMinutes('Test/Zone')")
        let time = try Expression("timestamp('2026-01-01T10:00:00Z')").evaluate()
        #expect(try expression.evaluate(["t": time], zones: zones) == 1130)
    }
}
