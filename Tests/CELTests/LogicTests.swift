import CEL
import Testing

@Suite("Logic, errors and conditions")
struct LogicTests {
    static let cases: [Case] = [
        .gives("true && true", true), .gives("true && false", false), .gives("false || true", true),
        .gives("false || false", false), .gives("true || false && false", true),
        .gives("(true || false) && false", false),
        // One deciding operand absorbs the errors of all others, on either side.
        .gives("false && 1 / 0 == 1", false), .gives("1 / 0 == 1 && false", false),
        .gives("true || 1 / 0 == 1", true), .gives("1 / 0 == 1 || true", true),
        .gives("absent && false", false), .gives("absent || true", true), .gives("1 && false", false),
        .gives("'x' || true", true), .gives("1 / 0 == 1 || absent || true", true),
        .fails("true && 1 / 0 == 1", .divisionByZero), .fails("1 / 0 == 1 || false", .divisionByZero),
        .fails("absent || false", .undeclaredVariable), .fails("true && 1", .noSuchOverload),
        .fails("1 / 0 == 1 && absent", .divisionByZero),
        .gives("true ? 1 : 2", 1), .gives("false ? 1 : 2", 2), .gives("false ? 1 : true ? 2 : 3", 2),
        .gives("true ? 1 : 1 / 0", 1), .gives("false ? 1 / 0 : 2", 2), .gives("(true ? false : true) ? 'a' : 'b'", "b"),
        .fails("1 ? 2 : 3", .noSuchOverload), .fails("absent ? 1 : 2", .undeclaredVariable),
        .gives("1 < 2 == true", true), .gives("!true == false", true), .gives("!(1 == 1)", false),
        .gives("1 in [1] && 2 in [1] == false", true),
    ]

    @Test("One operand that decides absorbs errors of the others", arguments: cases)
    func checkTable(_ example: Case) throws { try example.check() }

    @Test("An error says where in the expression it arose")
    func positions() throws {
        let expression = try Expression("1 + 1 == 2 &&\n  items[3].name == 'x'")
        let error = #expect(throws: CELError.self) { try expression.evaluate(["items": []]) }
        #expect(error?.position?.line == 2)
        #expect(error?.position?.column == 8)
        #expect(error?.message == "the index 3 is outside of the list of 0")
    }
}
