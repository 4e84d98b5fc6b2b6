import KubeCore
import Testing

@Suite("Parsing JSON")
struct JSONParsingTests {
    @Test("Scalars, arrays and objects are read")
    func values() throws {
        let json = try JSON.parse(#" {"a": [1, -2, 3.5, true, false, null, "x"], "b": {}, "c": []} "#)
        #expect(json == ["a": [1, -2, 3.5, true, false, nil, "x"], "b": [:], "c": []])
        #expect(try JSON.parse("7") == 7)
        #expect(try JSON.parse(#""text""#) == "text")
    }

    @Test(
        "Integers of 64 bits are exact, larger ones become doubles",
        arguments: [
            ("9223372036854775807", JSON.int(.max)), ("-9223372036854775808", .int(.min)), ("0", 0), ("-0", 0),
            ("9223372036854775808", .double(9.223372036854775808e18)),
            ("-9223372036854775809", .double(-9.223372036854775808e18)),
            ("18446744073709551616", .double(18446744073709551616)),
            ("999999999999999999", .int(999_999_999_999_999_999)),
            ("123456789012345678901234567890", .double(1.2345678901234568e29)),
            ("1.0", .double(1)), ("1e3", .double(1000)), ("1E-2", .double(0.01)), ("-0.0", .double(-0.0)),
            ("5e-324", .double(.leastNonzeroMagnitude)), ("1e-400", .double(0)), ("0.1", .double(0.1)),
            ("1.7976931348623157e308", .double(.greatestFiniteMagnitude)),
        ])
    func numbers(text: String, expected: JSON) throws {
        #expect(try JSON.parse(text) == expected)
    }

    @Test("Escapes and surrogate pairs make the characters they stand for")
    func escapes() throws {
        let text = #""\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\uDE00\u0000""#
        #expect(try JSON.parse(text) == .string("\"\\/\u{8}\u{C}\n\r\tA\u{E9}€😀\0"))
        #expect(try JSON.parse(#""é€😀 and a long tail after it""#) == "é€😀 and a long tail after it")
    }

    @Test(
        "What is not JSON is refused, with its place",
        arguments: [
            ("", 1, 1), ("  ", 1, 3), ("{", 1, 2), ("[1,]", 1, 4), ("{\"a\":1,}", 1, 8), ("[1 2]", 1, 4), ("01", 1, 1),
            ("-", 1, 2), ("1.", 1, 3), ("1.e1", 1, 3), ("1e", 1, 3), (".5", 1, 1), ("+1", 1, 1), ("tru", 1, 1),
            ("nul", 1, 1), ("True", 1, 1), ("NaN", 1, 1), ("'a'", 1, 1), ("\"a", 1, 1), ("\"a\nb\"", 1, 3),
            ("\"\\x\"", 1, 2), ("\"\\u12g4\"", 1, 4), ("\"\\ud800\"", 1, 2), ("\"\\udc00\"", 1, 2),
            ("\"\\ud800\\u0041\"", 1, 2), ("{\"a\" 1}", 1, 6), ("{a:1}", 1, 2), ("{\"a\":}", 1, 6), ("[,1]", 1, 2),
            ("1 2", 1, 3), ("{\n  \"a\": [1,\n    x]}", 3, 5), ("[\"é\", x]", 1, 7), ("1e400", 1, 1), ("]", 1, 1),
            ("[1}", 1, 3), ("\u{FEFF}1", 1, 1), ("{\"a\":1]", 1, 7), ("/**/1", 1, 1), ("\"\\", 1, 2), ("\"\\u", 1, 4),
        ])
    func errors(text: String, line: Int, column: Int) {
        let error = #expect(throws: JSONParseError.self) { try JSON.parse(text) }
        #expect(error?.line == line && error?.column == column, "\(text): \(error?.description ?? "-")")
    }

    @Test(
        "Bytes that are not UTF-8 are refused in values, keys and skipped parts",
        arguments: [
            [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0x80],
        ] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        let quoted = [0x22] + bytes + [0x22]
        #expect(throws: JSONParseError.self) { try JSON.parse(quoted) }
        #expect(throws: JSONParseError.self) { try JSON.parse(Array("{".utf8) + quoted + Array(":1}".utf8)) }
        #expect(throws: JSONParseError.self) {
            try JSONReader.read(Array("[".utf8) + quoted + Array("]".utf8)) { reader in try reader.skipValue() }
        }
    }

    @Test("Nesting is refused beyond its limit, whatever limit is asked for")
    func depth() throws {
        let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(try JSON.parse(nested(512)).depth == 512)
        #expect(throws: JSONParseError.self) { try JSON.parse(nested(513)) }
        #expect(throws: JSONParseError.self) { try JSON.parse(nested(100_000), options: .init(maxDepth: .max)) }
        #expect(throws: JSONParseError.self) { try JSON.parse(String(repeating: "{\"a\":", count: 100_000)) }
        #expect(try JSON.parse(nested(1), options: .init(maxDepth: 1)) == [])
        #expect(throws: JSONParseError.self) { try JSON.parse("[]", options: .init(maxDepth: -5)) }
    }

    @Test("The last of repeated keys counts, at the place of the first")
    func duplicatesLastWins() throws {
        let json = try JSON.parse(#"{"a":1,"b":2,"a":3}"#)
        #expect(json.encodedString() == #"{"a":3,"b":2}"#)
        let many = "{" + (0..<60).map { #""k\#($0 % 30)":\#($0)"# }.joined(separator: ",") + "}"
        let object = try #require(try JSON.parse(many).objectValue)
        #expect(object.count == 30)
        #expect(object["k3"] == 33)
    }

    @Test("Repeated keys are an error or a report when asked")
    func duplicatesStrict() throws {
        let text = "{\"a\":1,\n \"b\":{\"x\":1,\"x\":2},\n \"a\":3}"
        let error = #expect(throws: JSONParseError.self) {
            try JSON.parse(text, options: .init(duplicateKeys: .error))
        }
        #expect(error?.line == 2 && error?.column == 13)
        let report = try JSON.parseReporting(Array(text.utf8))
        #expect(report.duplicates.map(\.line) == [2, 3])
        #expect(report.value == ["a": 3, "b": ["x": 2]])
    }

    @Test("Managed fields of an object and of a list's items are dropped on request, other keys of the name are not")
    func managedFields() throws {
        let text =
            #"{"items":[{"metadata":{"managedFields":[{"a":{}}],"name":"x"}}],"managedFields":1,"metadata":{"n":1}}"#
        let json = try JSON.parse(text, options: .init(dropManagedFields: true))
        #expect(json == ["items": [["metadata": ["name": "x"]]], "managedFields": 1, "metadata": ["n": 1]])
        #expect(throws: JSONParseError.self) {
            try JSON.parse(#"{"metadata":{"managedFields":[}}"#, options: .init(dropManagedFields: true))
        }
    }

    @Test("Keys that are canonically equivalent but not the same bytes stay apart")
    func normalization() throws {
        let json = try JSON.parse("{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(json.objectValue?.count == 2)
        #expect(json["\u{E9}"] == 1)
        #expect(json["e\u{301}"] == 2)
        #expect(JSON.string("\u{E9}") != .string("e\u{301}"))
    }

    @Test("An object with very many keys is read in linear time")
    func manyKeys() throws {
        let text = "{" + (0..<50_000).map { #""key-\#($0)":\#($0)"# }.joined(separator: ",") + "}"
        let object = try #require(try JSON.parse(text).objectValue)
        #expect(object.count == 50_000)
        #expect(object["key-49999"] == 49_999)
    }

    @Test("A collection that is not contiguous and a slice are read like an array")
    func collections() throws {
        let bytes = Array("xx[1,2]yy".utf8)
        #expect(try JSON.parse(bytes[2..<7]) == [1, 2])
        #expect(try JSON.parse("[1,2]".utf8.lazy.map { $0 }) == [1, 2])
        #expect(try bytes[2..<7].withUnsafeBufferPointer { try JSON.parse($0) } == [1, 2])
    }

    @Test("A typed reader takes what it knows and skips the rest")
    func pull() throws {
        let text = #"{"skip":{"a":[1,{"b":null}]},"name":"n","ports":[1,2],"on":true,"none":null,"half":0.5}"#
        var seen: [String] = []
        try JSONReader.read(Array(text.utf8)) { reader in
            try reader.beginObject()
            while let key = try reader.nextKey() {
                switch key {
                case "name": seen.append(try reader.readString())
                case "ports":
                    try reader.beginArray()
                    while try reader.nextElement() { seen.append("\(try reader.readInt())") }
                case "on": seen.append("\(try reader.readBool())")
                case "none": seen.append("\(try reader.readNullIfPresent())")
                case "half": seen.append("\(try reader.readDouble())")
                default: try reader.skipValue()
                }
            }
        }
        #expect(seen == ["n", "1", "2", "true", "true", "0.5"])
    }

    @Test("A typed reader meets another type with an error")
    func pullMismatch() {
        #expect(throws: JSONParseError.self) { try JSONReader.read(Array("1.5".utf8)) { try $0.readInt() } }
        #expect(throws: JSONParseError.self) { try JSONReader.read(Array("1".utf8)) { try $0.readString() } }
        #expect(throws: JSONParseError.self) { try JSONReader.read(Array("[]".utf8)) { try $0.beginObject() } }
        #expect(throws: JSONParseError.self) { try JSONReader.read(Array("[1]".utf8)) { try $0.beginArray() } }
    }
}
