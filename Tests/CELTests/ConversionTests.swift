import CEL
import Testing

@Suite("Conversions")
struct ConversionTests {
    static let numbers: [Case] = [
        .gives("int(42u)", 42), .gives("int(3.99)", 3), .gives("int(-3.99)", -3), .gives("int('-17')", -17),
        .gives("int(timestamp('1970-01-01T00:01:00Z'))", 60), .gives("int(7)", 7),
        .fails("int(9223372036854775808u)", .overflow), .fails("int(1e19)", .overflow),
        .fails("int(9223372036854775807.0)", .overflow), .fails("int(0.0 / 0.0)", .overflow),
        .fails("int('1.5')", .invalidArgument), .fails("int(' 1')", .invalidArgument),
        .fails("int('')", .invalidArgument),
        .fails("int('99999999999999999999')", .invalidArgument), .fails("int(true)", .noSuchOverload),
        .gives("uint(42)", .uint(42)), .gives("uint(3.9)", .uint(3)), .gives("uint('7')", .uint(7)),
        .fails("uint(-1)", .overflow), .fails("uint(-1.0)", .overflow), .fails("uint(2e19)", .overflow),
        .fails("uint('-1')", .invalidArgument),
        .gives("double(3)", 3.0), .gives("double(3u)", 3.0), .gives("double('1.5e3')", 1500.0),
        .holds("math.isNaN(double('NaN'))"), .fails("double('one')", .invalidArgument),
    ]

    static let texts: [Case] = [
        .gives("string(42)", "42"), .gives("string(-7)", "-7"), .gives("string(7u)", "7"),
        .gives("string(true)", "true"),
        .gives("string(1.0)", "1"), .gives("string(1.5)", "1.5"), .gives("string(-0.0)", "-0"),
        .gives("string(0.0001)", "0.0001"), .gives("string(0.00001)", "1e-05"), .gives("string(123456.0)", "123456"),
        .gives("string(1000000.0)", "1e+06"), .gives("string(6.02214e23)", "6.02214e+23"),
        .gives("string(0.1 + 0.2)", "0.30000000000000004"), .gives("string(1.0 / 0.0)", "+Inf"),
        .gives("string(b'abc')", "abc"), .gives("string('x')", "x"), .fails("string(b'\\xff')", .invalidArgument),
        .gives("string(timestamp('2026-01-31T12:00:00.25+01:00'))", "2026-01-31T11:00:00.25Z"),
        .gives("string(duration('1h30m'))", "5400s"), .gives("string(duration('-1.5s'))", "-1.5s"),
        .fails("string([1])", .noSuchOverload), .fails("string(null)", .noSuchOverload),
        .gives("bytes('ÿ')", .bytes([0xC3, 0xBF])), .gives("b'\\xff\\000'", .bytes([0xFF, 0])),
        .gives("bool('true')", true), .gives("bool('False')", false), .gives("bool('t')", true),
        .fails("bool('yes')", .invalidArgument), .fails("bool(1)", .noSuchOverload),
        .gives("dyn(1) == dyn('a')", false),
        .gives("base64.encode(b'hello')", "aGVsbG8="), .gives("base64.decode('aGVsbG8=')", .bytes(Array("hello".utf8))),
        .gives("base64.decode('aGVsbG8')", .bytes(Array("hello".utf8))),
        .fails("base64.decode('a!')", .invalidArgument),
        .gives("base64.encode(b'')", ""), .gives("base64.encode(b'ab')", "YWI="),
    ]

    static let types: [Case] = [
        .holds("type(1) == int"), .holds("type(1u) == uint"), .holds("type(1.0) == double"),
        .holds("type('') == string"),
        .holds("type(b'') == bytes"), .holds("type(true) == bool"), .holds("type(null) == null_type"),
        .holds("type([]) == list"), .holds("type({}) == map"), .holds("type(int) == type"),
        .holds("type(type(1)) == type(string)"), .holds("type(duration('1s')) == google.protobuf.Duration"),
        .holds("type(timestamp(0)) == google.protobuf.Timestamp"), .holds("type(optional.none()) == optional_type"),
        .holds("type(quantity('1')) == kubernetes.Quantity"), .holds("type(1) != type(1u)"),
    ]

    @Test("To numbers, with an error for what does not fit", arguments: numbers)
    func checkNumbers(_ example: Case) throws { try example.check() }

    @Test("To text, bytes and bools", arguments: texts)
    func checkTexts(_ example: Case) throws { try example.check() }

    @Test("Types are values", arguments: types)
    func checkTypes(_ example: Case) throws { try example.check() }

    @Test("A variable hides a type of the same name")
    func shadowing() throws {
        #expect(try Expression("int + 1").evaluate(["int": 2]) == 3)
    }
}
