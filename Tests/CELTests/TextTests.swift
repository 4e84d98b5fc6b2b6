import CEL
import Testing

@Suite("Text")
struct TextTests {
    static let literals: [Case] = [
        .gives("'a' + \"b\"", "ab"), .gives("'it\\'s'", "it's"), .gives("\"\\\"\"", "\""),
        .gives("'\\n\\t\\\\'", "\n\t\\"),
        .gives("'\\x41\\u0042\\U00000043\\104'", "ABCD"), .gives("r'\\n'", "\\n"), .gives("R\"a\\\"", "a\\"),
        .gives("'''a\n'b'\n'''", "a\n'b'\n"), .gives("\"\"\"x\"y\"\"\"", "x\"y"),
        .gives("b'\\x41é'", .bytes([0x41, 0xC3, 0xA9])),
        .gives("br'\\x'", .bytes([0x5C, 0x78])), .gives("'\u{1F600}'", "\u{1F600}"), .gives("'\\?\\`'", "?`"),
        .gives("'a' // comment\n + 'b'", "ab"),
    ]

    static let functions: [Case] = [
        .gives("'tacocat'.contains('coc')", true), .gives("''.contains('')", true),
        .gives("'abc'.contains('d')", false),
        .gives("'abc'.startsWith('ab')", true), .gives("'abc'.endsWith('bc')", true),
        .gives("'abc'.startsWith('abcd')", false),
        // A combined character is not its base letter: text is code points, not what they look like.
        .gives("'e\\u0301' == '\\u00e9'", false), .gives("size('e\\u0301')", 2),
        .gives("'e\\u0301'.startsWith('e')", true),
        .gives("{'e\\u0301': 1, '\\u00e9': 2}.size()", 2),
        .gives("'hello'.charAt(1)", "e"), .gives("'hello'.charAt(5)", ""),
        .fails("'hello'.charAt(6)", .invalidArgument),
        .fails("'hello'.charAt(-1)", .invalidArgument), .gives("'h\u{1F600}o'.charAt(1)", "\u{1F600}"),
        .gives("'hello'.indexOf('l')", 2), .gives("'hello'.indexOf('')", 0), .gives("'hello'.indexOf('z')", -1),
        .gives("'hello'.indexOf('l', 3)", 3), .fails("'hello'.indexOf('l', 9)", .invalidArgument),
        .gives("'hello'.lastIndexOf('l')", 3), .gives("'hello'.lastIndexOf('l', 2)", 2),
        .gives("'hello'.lastIndexOf('')", 5),
        .gives("'aaa'.lastIndexOf('aa')", 1), .gives("'tacocat'.lastIndexOf('tac', 3)", 0),
        .gives("'HeLLo É'.lowerAscii()", "hello É"), .gives("'hello é'.upperAscii()", "HELLO é"),
        .gives("'  \\tx y\\n '.trim()", "x y"), .gives("'   '.trim()", ""),
        .gives("'hello'.replace('l', 'L')", "heLLo"), .gives("'hello'.replace('l', 'L', 1)", "heLlo"),
        .gives("'hello'.replace('l', '', -1)", "heo"), .gives("'ab'.replace('', '-')", "-a-b-"),
        .gives("'a'.replace('a', 'b', 0)", "a"),
        .gives("'a,b,c'.split(',')", ["a", "b", "c"]), .gives("'a,b,c'.split(',', 2)", ["a", "b,c"]),
        .gives("'a,b'.split(',', 0)", []),
        .gives("'a,b'.split(',', -1)", ["a", "b"]), .gives("'abc'.split('')", ["a", "b", "c"]),
        .gives("''.split(',')", [""]),
        .gives("['a', 'b'].join('-')", "a-b"), .gives("['a', 'b'].join()", "ab"), .gives("[].join(',')", ""),
        .fails("[1].join()", .noSuchOverload),
        .gives("'hello'.substring(2)", "llo"), .gives("'hello'.substring(1, 3)", "el"),
        .gives("'hello'.substring(5)", ""),
        .fails("'hello'.substring(3, 2)", .invalidArgument), .fails("'hello'.substring(0, 6)", .invalidArgument),
        .gives("'añb'.reverse()", "bña"), .gives("strings.quote('a\"\\n')", "\"a\\\"\\n\""),
        .fails("'a'.split(1)", .noSuchOverload), .fails("1.lowerAscii()", .noSuchOverload),
    ]

    static let formats: [Case] = [
        .gives("'%s has %d of %.1f'.format(['a', 3, 2.25])", "a has 3 of 2.2"), .gives("'%%'.format([])", "%"),
        .gives("'%x %X %o %b'.format([255, 255, 8, 5])", "ff FF 10 101"), .gives("'%x'.format(['az'])", "617a"),
        .gives("'%x'.format([-255])", "-ff"), .gives("'%b'.format([true])", "1"),
        .gives("'%e'.format([1234.5])", "1.234500e+03"),
        .gives("'%.0f %.0f %.0f'.format([0.5, 1.5, 2.5])", "0 2 2"), .gives("'%.3f'.format([1.2345])", "1.234"),
        .gives("'%.20f'.format([0.1])", "0.10000000000000000555"), .gives("'%f'.format([-0.0])", "-0.000000"),
        .gives("'%.2f'.format([1e20])", "100000000000000000000.00"), .gives("'%.2e'.format([0.0])", "0.00e+00"),
        .gives("'%.1f'.format([9.96])", "10.0"), .gives("'%.0e'.format([9.6])", "1e+01"),
        .gives("'%.3f'.format([0.0004])", "0.000"),
        .gives("'%.3f'.format([0.0006])", "0.001"), .gives("'%f'.format([3])", "3.000000"),
        .gives("'%e'.format([1.0 / 0.0])", "Infinity"),
        .gives("'%s'.format([[1, 'a', null, {'k': 2.5}]])", "[1, a, null, {k: 2.5}]"),
        .gives("'%s'.format([{'b': 1, 'a': 2}])", "{a: 2, b: 1}"),
        .gives("'%s %s'.format([1e10, duration('90s')])", "10000000000 90s"), .gives("'%s'.format([type(1)])", "int"),
        .fails("'%d'.format([])", .invalidArgument), .fails("'%d'.format(['x'])", .invalidArgument),
        .fails("'%z'.format([1])", .invalidArgument),
        .fails("'%'.format([1])", .invalidArgument), .fails("'%.99999f'.format([1.0])", .invalidArgument),
    ]

    @Test("Literals and their escapes", arguments: literals)
    func checkLiterals(_ example: Case) throws { try example.check() }

    @Test("Functions on text count code points", arguments: functions)
    func checkFunctions(_ example: Case) throws { try example.check() }

    @Test("format() prints exact decimals, rounded half to even", arguments: formats)
    func checkFormats(_ example: Case) throws { try example.check() }
}
