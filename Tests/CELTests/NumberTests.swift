import CEL
import Testing

@Suite("Numbers")
struct NumberTests {
    static let literals: [Case] = [
        .gives("0", 0), .gives("-0", 0), .gives("42", 42), .gives("-42", -42), .gives("0x2A", 42), .gives("-0x2a", -42),
        .gives("9223372036854775807", .int(.max)), .gives("-9223372036854775808", .int(.min)),
        .gives("42u", .uint(42)), .gives("0xFFu", .uint(255)), .gives("18446744073709551615U", .uint(.max)),
        .gives("1.5", 1.5), .gives(".5", 0.5), .gives("1e3", 1000.0), .gives("1.5E-2", 0.015), .gives("-2.5e+1", -25.0),
        .gives("--5", 5), .gives("---5", -5), .gives("-(-5)", 5), .gives("!!true", true), .gives("!!!true", false),
    ]

    static let arithmetic: [Case] = [
        .gives("7 / 2", 3), .gives("-7 / 2", -3), .gives("7 % 3", 1), .gives("-7 % 3", -1), .gives("7 % -3", 1),
        .gives("7u / 2u", .uint(3)), .gives("7u % 4u", .uint(3)), .gives("7.0 / 2.0", 3.5),
        .gives("1.0 / 0.0", .double(.infinity)), .gives("-1.0 / 0.0", .double(-.infinity)),
        .gives("1 + 2 * 3", 7), .gives("2 - 3 - 4", -5), .gives("100 / 10 / 5", 2), .gives("2 * 3 % 4", 2),
        .gives("1.5 + 2.25", 3.75), .gives("3u + 4u", .uint(7)),
        .fails("1 / 0", .divisionByZero), .fails("1 % 0", .divisionByZero), .fails("1u / 0u", .divisionByZero),
        .fails("1u % 0u", .divisionByZero),
        .fails("9223372036854775807 + 1", .overflow), .fails("-9223372036854775808 - 1", .overflow),
        .fails("9223372036854775807 * 2", .overflow), .fails("-9223372036854775808 / -1", .overflow),
        .fails("-9223372036854775808 % -1", .overflow), .fails("-(-9223372036854775807 - 1)", .overflow),
        .fails("0u - 1u", .overflow), .fails("18446744073709551615u + 1u", .overflow),
        .fails("18446744073709551615u * 2u", .overflow),
        .fails("1 + 1u", .noSuchOverload), .fails("1 + 1.0", .noSuchOverload), .fails("1u * 1.0", .noSuchOverload),
        .fails("5.0 % 2.0", .noSuchOverload), .fails("-1u", .noSuchOverload), .fails("-'a'", .noSuchOverload),
        .fails("!1", .noSuchOverload), .fails("true + true", .noSuchOverload),
    ]

    static let comparison: [Case] = [
        .holds("1 == 1.0"), .holds("1u == 1"), .holds("1.0 == 1u"), .holds("1 != 1.5"), .holds("-1 != 1u"),
        .holds("18446744073709551615u != -1"), .holds("1 < 1.5"), .holds("2u > 1.5"), .holds("-1 < 0u"),
        .holds("9223372036854775807 < 18446744073709551615u"), .holds("1 <= 1u"), .holds("1 >= 1.0"),
        .holds("0.0 == -0.0"), .holds("9223372036854775807 < 1e19"), .holds("-9223372036854775808 > -1e19"),
        .holds("0u > -0.5"), .holds("18446744073709551615u < 1e20"),
        .gives("0.0 / 0.0 == 0.0 / 0.0", false), .gives("0.0 / 0.0 != 0.0 / 0.0", true),
        .gives("0.0 / 0.0 < 1.0", false), .gives("0.0 / 0.0 >= 1", false), .gives("1 < 0.0 / 0.0", false),
        .holds("false < true"), .holds("'a' < 'b'"), .holds("'Z' < 'a'"), .holds("'' < 'a'"), .holds("'a' < 'aa'"),
        .holds("b'a' < b'b'"), .holds("b'' <= b''"), .holds("'é' < '\u{1F600}'"),
        .gives("1 == '1'", false), .gives("null == 0", false), .holds("null == null"), .gives("[] == {}", false),
        .gives("true == 1", false), .holds("'1' != 1"),
        .fails("1 < '2'", .noSuchOverload), .fails("null < null", .noSuchOverload),
        .fails("[1] < [2]", .noSuchOverload),
        .fails("true < 1", .noSuchOverload), .fails("{} < {}", .noSuchOverload),
    ]

    static let mathematics: [Case] = [
        .gives("math.greatest(1, 2.5, 2u)", 2.5), .gives("math.least([3, 1, 2])", 1), .gives("math.greatest(7)", 7),
        .gives("math.abs(-3)", 3), .gives("math.abs(-2.5)", 2.5), .fails("math.abs(-9223372036854775808)", .overflow),
        .gives("math.sign(-3)", -1), .gives("math.sign(0u)", .uint(0)), .gives("math.sign(2.5)", 1.0),
        .gives("math.ceil(1.2)", 2.0), .gives("math.floor(-1.2)", -2.0), .gives("math.round(1.5)", 2.0),
        .gives("math.round(-1.5)", -2.0), .gives("math.trunc(-1.9)", -1.0), .gives("math.sqrt(81)", 9.0),
        .holds("math.isNaN(0.0 / 0.0)"), .holds("math.isInf(1.0 / 0.0)"), .holds("math.isFinite(1.0)"),
        .gives("math.bitAnd(6, 3)", 2), .gives("math.bitOr(6u, 3u)", .uint(7)), .gives("math.bitXor(6, 3)", 5),
        .gives("math.bitNot(0)", -1), .gives("math.bitShiftLeft(1, 4)", 16), .gives("math.bitShiftLeft(1, 64)", 0),
        .gives("math.bitShiftRight(-1, 60)", 15), .fails("math.bitShiftLeft(1, -1)", .invalidArgument),
        .fails("math.greatest([])", .invalidArgument), .fails("math.greatest('a')", .noSuchOverload),
        .fails("math.ceil(1)", .noSuchOverload),
    ]

    @Test("Literals are read to their exact value and type", arguments: literals)
    func checkLiteral(_ example: Case) throws { try example.check() }

    @Test("Arithmetic stays within one type and never wraps", arguments: arithmetic)
    func checkArithmetic(_ example: Case) throws { try example.check() }

    @Test("Comparison crosses the types of numbers", arguments: comparison)
    func checkComparison(_ example: Case) throws { try example.check() }

    @Test("Mathematical functions", arguments: mathematics)
    func checkMathematics(_ example: Case) throws { try example.check() }
}
