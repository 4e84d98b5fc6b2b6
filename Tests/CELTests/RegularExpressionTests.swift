import CEL
import Testing

@Suite("Regular expressions")
struct RegularExpressionTests {
    static let matches: [Case] = [
        .holds("'hello'.matches('ell')"), .holds("'hello'.matches('^hello$')"),
        .gives("'hello'.matches('^ell')", false),
        .holds("matches('abc', '[a-c]+')"), .holds("''.matches('')"), .holds("'abc123'.matches(r'^[a-z]+\\d{3}$')"),
        .gives("'abc12'.matches(r'^[a-z]+\\d{3}$')", false), .holds("'aXb'.matches('(?i)axb')"),
        .holds("'a\\nb'.matches('a(?s:.)b')"),
        .gives("'a\\nb'.matches('a.b')", false), .holds("'a\\nb'.matches('(?m)^b$')"),
        .gives("'a\\nb'.matches('^b$')", false),
        .holds("'foo bar'.matches(r'\\bbar\\b')"), .gives("'foobar'.matches(r'\\bbar')", false),
        .holds("'foobar'.matches(r'\\Bbar')"),
        .holds("'aaa'.matches('^a{3}$')"), .holds("'aaa'.matches('^a{2,}$')"),
        .gives("'aaaa'.matches('^a{2,3}$')", false),
        .holds("'a{b'.matches('a{b')"), .holds("'x.y'.matches(r'^x\\.y$')"), .gives("'xay'.matches(r'^x\\.y$')", false),
        .holds("'a.b'.matches(r'^\\Qa.b\\E$')"), .holds("'é'.matches(r'^\\p{L}$')"), .holds("'É'.matches('(?i)^é$')"),
        .gives("'1'.matches(r'^\\p{L}$')", false), .holds("'1'.matches(r'^\\P{L}$')"), .holds("']'.matches('^[]a]$')"),
        .holds("'-'.matches('^[a-]$')"), .holds("'^'.matches('^[\\\\^]$')"), .gives("'b'.matches('^[^a-c]$')", false),
        .holds("'f'.matches('^[[:alpha:]]$')"), .gives("'1'.matches('^[[:^digit:]]$')", false),
        .holds("'\\t'.matches(r'^\\x09$')"),
        .holds("'ab'.matches('^(?:a|ab)$')"), .holds("'abab'.matches('^(ab)*$')"), .holds("'aab'.matches('^(a*)*b$')"),
        .holds("'cat'.matches('^(?P<animal>cat|dog)$')"), .holds("'\u{1F600}'.matches('^.$')"),
        .holds("'a\\\\b'.matches(r'^a\\\\b$')"),
        .fails("'a'.matches(p)", .invalidArgument, with: ["p": "("]), .holds("'a'.matches(p)", with: ["p": "a"]),
        .fails("1.matches('a')", .noSuchOverload),
    ]

    static let searches: [Case] = [
        .gives("'abc 123 def 456'.find('[0-9]+')", "123"), .gives("'abc'.find('[0-9]+')", ""),
        .gives("'abc 123 def 456'.findAll('[0-9]+')", ["123", "456"]),
        .gives("'abc 123 def 456'.findAll('[0-9]+', 1)", ["123"]), .gives("'abc'.findAll('x')", []),
        .gives("'aaa'.findAll('a*?')", ["", "", "", ""]),
        .gives("'abab'.findAll('a|ab')", ["a", "a"]), .gives("'xaab'.find('a+')", "aa"),
        .gives("'xaab'.find('a+?')", "a"),
        .gives("'foobar'.find('foo|foobar')", "foo"), .gives("'axay'.findAll('a[xy]', 0)", []),
        .gives("'ba'.findAll('a*')", ["", "a"]),
    ]

    @Test("matches() searches, and anchors bind", arguments: matches)
    func checkMatches(_ example: Case) throws { try example.check() }

    @Test("find() takes the leftmost match, by the order of alternatives", arguments: searches)
    func checkSearches(_ example: Case) throws { try example.check() }

    @Test(
        "What RE2 does not have is refused with a reason",
        arguments: [
            ("(", "missing closing ')'"), (")", "unexpected ')'"), ("[a", "missing closing ']'"),
            ("*a", "nothing before '*'"), ("a**", "needs parentheses"),
            ("(?=a)", "look-around"), (#"(a)\1"#, "back references"), ("a{1001}", "at most 1000"),
            ("a{3,2}", "smaller to a larger"), ("[z-a]", "runs backwards"),
            (#"\q"#, "no escape"), (#"\p{Nope}"#, "no character category"), ("[[:nope:]]", "no class"),
            ("(?x)a", "none of the flags"), (#"a\"#, "nothing after the backslash"),
            ("((a{100}){100}){100}", "too large"),
        ])
    func refused(_ pattern: String, _ reason: String) {
        let error = #expect(throws: RegularExpressionError.self) { try RegularExpression(pattern) }
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test("A pattern that drives backtracking engines mad is matched at once")
    func linear() throws {
        let text = String(repeating: "a", count: 2_000)
        #expect(try !RegularExpression("^(a+)+$").matches(text + "!"))
        #expect(try RegularExpression("^(a?){200}a{200}$").matches(String(repeating: "a", count: 200)))
    }

    @Test("A wrong pattern that is written in the expression is found while parsing")
    func early() {
        let error = #expect(throws: CELSyntaxError.self) { try Expression("name.matches('[a')") }
        #expect(error?.message == "'[a' is no regular expression: missing closing ']' at character 1 of the pattern")
    }
}
