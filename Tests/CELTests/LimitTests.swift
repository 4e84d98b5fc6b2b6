import CEL
import Testing

@Suite("Limits")
struct LimitTests {
    @Test(
        "An evaluation that would run long or fill the memory is stopped",
        arguments: [
            "lists.range(100000).all(a, lists.range(100000).all(b, a + b >= 0))", "lists.range(1000000000).size()",
            "lists.range(9223372036854775807)",
            "lists.range(1000).map(a, lists.range(1000)).map(l, l.sum()).sum()",
            "cel.bind(a, 'xxxxxxxxxxxxxxxx', cel.bind(b, lists.range(100).map(i, a).join(a), cel.bind(c, lists.range(1000).map(i, b).join(b), lists.range(1000).map(i, c).join(c))))",
            "lists.range(3000).map(i, [i]).distinct().size()",
            "cel.bind(t, lists.range(1000).map(i, 'a').join(), lists.range(1000).exists(i, t.matches('^(a+)+b$')))",
        ])
    func cost(_ source: String) throws {
        let expression = try Expression(source)
        let error = #expect(throws: CELError.self) { try expression.evaluate(limits: CostLimit(steps: 100_000)) }
        #expect(error?.code == .costLimitExceeded)
    }

    @Test("The limit is not absorbed by || and &&")
    func absorption() throws {
        let expression = try Expression("lists.range(1000).all(i, i >= 0) || true")
        let error = #expect(throws: CELError.self) { try expression.evaluate(limits: CostLimit(steps: 100)) }
        #expect(error?.code == .costLimitExceeded)
    }

    @Test("Steps are counted")
    func steps() throws {
        let measured = try Expression("1 + 2").measured([:])
        #expect(measured.value == 3)
        #expect(measured.steps >= 3 && measured.steps < 10)
    }

    @Test(
        "An expression that nests too deeply is refused, not followed until the stack ends",
        arguments: [
            String(repeating: "(", count: 20_000) + "1", String(repeating: "[", count: 20_000),
            String(repeating: "{'a':", count: 20_000), String(repeating: "f(", count: 20_000),
            "1" + String(repeating: " + 1", count: 20_000), "a" + String(repeating: ".b", count: 20_000),
            String(repeating: "true ? 1 : ", count: 20_000) + "2",
            "a" + String(repeating: "[0]", count: 20_000),
        ])
    func depth(_ source: String) {
        let error = #expect(throws: CELSyntaxError.self) { try Expression(source) }
        #expect(error?.message.contains("split it") == true)
    }

    @Test("Long chains of && and ||, lists and signs are not deep")
    func width() throws {
        #expect(try Expression("true" + String(repeating: " && true", count: 5_000)).evaluate() == true)
        #expect(try Expression("false" + String(repeating: " || false", count: 5_000)).evaluate() == false)
        #expect(try Expression("[1" + String(repeating: ", 1", count: 5_000) + "].size()").evaluate() == 5_001)
        #expect(try Expression(String(repeating: "!", count: 10_001) + "true").evaluate() == false)
        #expect(try Expression(String(repeating: "-", count: 10_000) + "5").evaluate() == 5)
    }

    @Test("What the language asks implementations to take, parses: 24 operators in a row, 12 levels of nesting")
    func minimum() throws {
        #expect(try Expression("1" + String(repeating: " + 1", count: 90)).evaluate() == 91)
        #expect(try Expression(String(repeating: "true ? ", count: 1) + "1 : 2").evaluate() == 1)
        #expect(try Expression(String(repeating: "false ? 0 : ", count: 30) + "7").evaluate() == 7)
        #expect(
            try Expression(
                String(repeating: "[", count: 40) + "1" + String(repeating: "]", count: 40)
                    + String(repeating: "[0]", count: 40)
            ).evaluate() == 1)
    }
}
