import CEL
import Testing

@Suite("Syntax errors")
struct SyntaxErrorTests {
    static let cases: [(source: String, place: String, message: String)] = [
        ("", "1:1", "the expression is empty"), ("  // only a comment", "1:20", "the expression is empty"),
        ("1 +", "1:4", "found the end of the expression where a value was expected"),
        ("(1 + 2", "1:7", "found the end of the expression where ')' to close the '(' at 1:1 was expected"),
        ("[1, 2", "1:6", "']' to close the '[' at 1:1"), ("{'a': 1", "1:8", "'}' to close the '{' at 1:1"),
        ("size(1", "1:7", "')' to close the '(' at 1:5"), ("f(1)", "1:1", "no function f()"),
        ("a b", "1:3", "found 'b' where an operator or the end was expected"), ("a and b", "1:3", "write '&&' for it"),
        ("a OR b", "1:3", "write '||' for it"),
        ("a = 1", "1:3", "write '==' to compare"), ("a & b", "1:3", "write '&&'"), ("a | b", "1:3", "write '||'"),
        ("a ? b", "1:6", "the ':' of the '?' at 1:3"), ("'abc", "1:1", "has no closing '"),
        ("\"a\nb\"", "1:1", "does not end on its line"), ("'''abc", "1:1", "no closing"),
        ("'\\q'", "1:2", "there is no escape '\\q'"), ("'\\u12'", "1:2", "4 more hexadecimal digits"),
        ("'\\ud800'", "1:2", "no Unicode code point"),
        ("b'\\u0041'", "1:3", "bytes literal has no \\u"),
        ("9223372036854775808", "1:1", "does not fit into a 64-bit int"),
        ("18446744073709551616u", "1:1", "does not fit into 64 bits"), ("0x", "1:1", "no digits after '0x'"),
        ("12abc", "1:3", "cannot be followed by 'a'"), ("1e999", "1:1", "too large for a double"),
        ("a.", "1:3", "the name of a field or a function was expected"), ("a.1", "1:2", "where an operator or the end"),
        ("a.true", "1:3", "is a keyword"), ("a.in", "1:3", "is a keyword"),
        ("in", "1:1", "'in' stands between two values"), ("for", "1:1", "reserved word"),
        ("namespace == 'x'", "1:1", "reserved word"),
        ("nosuch(1)", "1:1", "there is no function nosuch()"), ("a.nosuch()", "1:3", "there is no function nosuch()"),
        ("a.startswith('b')", "1:3", "startsWith() exists"),
        ("startsWith('a', 'b')", "1:1", "is a method; write value.startsWith()"),
        ("a.int()", "1:3", "is no method; write int(value)"), ("size(1, 2)", "1:1", "does not take 2 arguments"),
        ("a.contains()", "1:3", "does not take 0 arguments"), ("has(a)", "1:1", "has() takes one selection"),
        ("has(a[0])", "1:1", "has() takes one selection"),
        ("[1].all(x.y, true)", "1:11", "takes a simple name"), ("[1].map(1, 2)", "1:9", "takes a simple name"),
        ("[1].all(x, x, true)", "1:12", "have the same name"),
        ("Point{x: 1}", "1:6", "message literals"), ("a\n  .b\n  + $", "3:5", "'$' cannot stand in an expression"),
        ("a; b", "1:2", "';' cannot stand"), ("# a", "1:1", "comments start with '//'"),
        ("“a”", "1:1", "encloses no text"), ("{'a' 1}", "1:6", "':' between key and value"),
        ("`a`", "1:1", "may only follow a dot"), ("a.`b", "1:3", "no closing backtick"),
        ("a.``", "1:3", "no name between"),
        ("'\u{1F600}' + ?", "1:7", "found '?' where a value was expected"),
    ]

    @Test("An error names its place and says what to write", arguments: cases)
    func table(source: String, place: String, message: String) {
        let error = #expect(throws: CELSyntaxError.self, "\(source)") { try Expression(source) }
        guard let error else { return }
        #expect("\(error.line):\(error.column)" == place, "\(source): \(error)")
        #expect(error.message.contains(message), "\(source): \(error)")
    }

    @Test("The offset counts code points from the start")
    func offset() {
        let error = #expect(throws: CELSyntaxError.self) { try Expression("'é' +\n\n @") }
        #expect(error?.offset == 8)
        #expect(error?.line == 3)
        #expect(
            error?.description
                == "3:2: the character '@' cannot stand in an expression outside of text in quotation marks")
    }
}
