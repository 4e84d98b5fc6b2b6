import KubeCore
import Testing

@Suite("Timestamps, quantities and durations")
struct ValueTests {
    @Test(
        "Times are read with any offset and fraction",
        arguments: [
            ("1970-01-01T00:00:00Z", 0, 0), ("2026-01-02T03:04:05Z", 1_767_323_045, 0),
            ("2026-01-02T03:04:05.123456Z", 1_767_323_045, 123_456_000),
            ("2026-01-02T05:04:05.5+02:00", 1_767_323_045, 500_000_000),
            ("2026-01-01T22:34:05-04:30", 1_767_323_045, 0),
            ("1969-12-31T23:59:59Z", -1, 0), ("2024-02-29T00:00:00Z", 1_709_164_800, 0),
            ("0000-01-01T00:00:00Z", -62_167_219_200, 0),
            ("9999-12-31T23:59:59.9999999999Z", 253_402_300_799, 999_999_999),
            ("2026-01-02t03:04:05z", 1_767_323_045, 0),
        ] as [(String, Int64, Int32)])
    func readsTimes(text: String, seconds: Int64, nanoseconds: Int32) {
        #expect(Timestamp(rfc3339: text) == Timestamp(seconds: seconds, nanoseconds: nanoseconds))
    }

    @Test(
        "What is no time is refused",
        arguments: [
            "", "2026-01-02", "2026-01-02T03:04:05", "2026-13-02T03:04:05Z", "2026-02-29T03:04:05Z",
            "2026-01-00T00:00:00Z",
            "2026-01-02T24:00:00Z", "2026-01-02T03:60:05Z", "2026-01-02T03:04:60Z", "2026-01-02T03:04:05.Z",
            "2026-01-02T03:04:05+2:00", "2026-01-02T03:04:05Zx", "26-01-02T03:04:05Z", "２026-01-02T03:04:05Z",
            "-026-01-02T03:04:05Z",
        ])
    func refusesTimes(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test("Times are written in UTC with seconds or microseconds")
    func writesTimes() {
        let time = Timestamp(seconds: 1_767_323_045, nanoseconds: 12_345_678)
        #expect(time.rfc3339 == "2026-01-02T03:04:05Z")
        #expect(time.rfc3339Micro == "2026-01-02T03:04:05.012345Z")
        #expect(Timestamp(seconds: -1).rfc3339 == "1969-12-31T23:59:59Z")
        #expect(Timestamp(seconds: 0).description == "1970-01-01T00:00:00Z")
        #expect(!Timestamp(seconds: .max).rfc3339.isEmpty)
        #expect(!Timestamp(seconds: .min, nanoseconds: .min).rfc3339Micro.isEmpty)
    }

    @Test("Every day of a leap cycle reads back as it was written")
    func calendar() {
        for day in stride(from: Int64(-800_000), to: 2_900_000, by: 97)
        where Timestamp(seconds: day * 86_400).rfc3339.count == 20 {
            let time = Timestamp(seconds: day * 86_400 + 86_399)
            #expect(Timestamp(rfc3339: time.rfc3339) == time)
        }
    }

    @Test("Durations are added to times and taken between them, and saturate")
    func timeArithmetic() {
        let time = Timestamp(seconds: 10, nanoseconds: 800_000_000)
        #expect(time + .milliseconds(300) == Timestamp(seconds: 11, nanoseconds: 100_000_000))
        #expect(time + .milliseconds(-900) == Timestamp(seconds: 9, nanoseconds: 900_000_000))
        #expect(Timestamp(seconds: 11, nanoseconds: 100_000_000) - time == .milliseconds(300))
        #expect((Timestamp(seconds: .max) + .seconds(5)).seconds == .max)
        #expect(Timestamp(seconds: .min) - Timestamp(seconds: .max) < .zero)
    }

    @Test(
        "Quantities are printed in Kubernetes' canonical form",
        arguments: [
            ("0", "0"), ("0.0", "0"), ("-0", "0"), ("1", "1"), ("1000", "1k"), ("1024", "1024"), ("1024Ki", "1Mi"),
            ("1536Mi", "1536Mi"), ("1.5Gi", "1536Mi"), ("0.5", "500m"), ("500m", "500m"), ("1000m", "1"),
            ("1500m", "1500m"),
            ("100u", "100u"), ("1n", "1n"), ("0.1n", "1n"), ("1.5n", "2n"), ("-1.5n", "-2n"), ("2e3", "2e3"),
            ("2E3", "2e3"),
            ("20e2", "2e3"), ("100e-3", "100e-3"), ("1e21", "1e21"), ("1E", "1E"), ("12.5k", "12500"),
            ("0.001Ki", "1024m"),
            ("0.5Ki", "512"), ("1Ki", "1Ki"), ("1023Ki", "1023Ki"), ("0.5Mi", "512Ki"), ("100M", "100M"),
            ("1.1Ki", "1126400m"),
            ("10Ei", "9223372036854775807"), ("999999999999999999999", "9223372036854775807"), ("999E", "999E"),
            ("932317203685477580E7", "9223372036854775807"), ("+5", "5"), ("1.", "1"),
            (".5", "500m"),
            ("0.0000000001", "1n"), ("1e-10", "1e-9"), ("1e-2147483648", "1e-9"),
            ("1e2147483647", "9223372036854775807"),
            ("00001", "1"), ("100Gi", "100Gi"), ("-1Gi", "-1Gi"), ("1025", "1025"), ("1T", "1T"),
            ("0.0001Ki", "102400u"),
            ("1.0000000000000000000000001", "1000000001n"),
        ])
    func quantities(text: String, canonical: String) throws {
        let quantity = try Quantity(parsing: text)
        #expect(quantity.description == canonical)
        #expect(try Quantity(parsing: canonical) == quantity)
        #expect(try Quantity(parsing: canonical).description == canonical)
    }

    @Test(
        "What is no quantity is refused",
        arguments: [
            "", "-", "+", ".", "k", "1kk", "1 ", " 1", "1ki", "1e", "1e+", "1e1.5", "1Kib", "--1", "1.2.3", "0x10", "１",
            "1e99999999999",
            "1m2", "NaN", "1,5", "1\u{212A}i",
        ])
    func badQuantities(text: String) {
        let error = #expect(throws: QuantityError.self) { try Quantity(parsing: text) }
        #expect(error?.text == text)
    }

    @Test("Quantities add, subtract, compare and round, without overflow")
    func quantityArithmetic() throws {
        let half = try Quantity(parsing: "500m")
        #expect((half + half).description == "1")
        #expect((half - Quantity(2)).description == "-1500m")
        #expect(half.value == 1)
        #expect(half.milliValue == 500)
        #expect((Quantity(0) - half).value == -1)
        #expect(try Quantity(parsing: "1Gi") == Quantity(1 << 30))
        #expect(try Quantity(parsing: "1G") < Quantity(parsing: "1Gi"))
        #expect((Quantity(.max) * .max).value == .max)
        #expect((Quantity(.max) + Quantity(.max)).value == .max)
        #expect((Quantity(.min) * .max).milliValue == .min)
        #expect(try (Quantity.zero + Quantity(parsing: "1Gi")).description == "1Gi")
    }

    @Test("Quantities decode from strings and numbers")
    func quantityCoding() throws {
        #expect(try JSON.string("1.5").decode(Quantity.self).description == "1500m")
        #expect(try JSON.int(2).decode(Quantity.self) == Quantity(2))
        #expect(try JSON.double(0.25).decode(Quantity.self).description == "250m")
        #expect(try JSON(encoding: Quantity(1000)) == "1k")
        let error = #expect(throws: JSONDecodingError.self) {
            try JSON.object(["cpu": "x"]).decode([String: Quantity].self)
        }
        #expect(error?.path == "cpu")
    }

    @Test(
        "Durations read as Go's do, with days, and print in the Gateway API's form",
        arguments: [
            ("1h30m", 5_400_000, "1h30m"), ("500ms", 500, "500ms"), ("0", 0, "0s"), ("0s", 0, "0s"),
            ("7d", 604_800_000, "168h"),
            ("1.5h", 5_400_000, "1h30m"), ("-1m", -60_000, "-1m"), ("90s", 90_000, "1m30s"),
            ("1s500ms", 1_500, "1s500ms"),
            ("+2m", 120_000, "2m"), (".5s", 500, "500ms"), ("1m1h", 3_660_000, "1h1m"), ("1.s", 1_000, "1s"),
        ])
    func durations(text: String, milliseconds: Int64, canonical: String) throws {
        let duration = try DurationText.parse(text)
        #expect(duration == .milliseconds(milliseconds))
        #expect(DurationText.format(duration) == canonical)
        #expect(try DurationText.parse(canonical) == duration)
    }

    @Test("Fine durations keep their nanoseconds")
    func fineDurations() throws {
        #expect(try DurationText(parsing: "1us5ns").duration == .nanoseconds(1_005))
        #expect(try DurationText(parsing: "1µs").description == "1us")
        #expect(DurationText(.nanoseconds(1_000_001)).description == "1ms1ns")
    }

    @Test(
        "What is no duration is refused",
        arguments: [
            "", "1", "h", "1x", "1h ", " 1h", "1 h", "-", "1h-1m", ".s", "9999999999h", "1.2.3s", "1hh", "１h",
        ])
    func badDurations(text: String) {
        #expect(throws: DurationTextError.self) { try DurationText.parse(text) }
    }
}
