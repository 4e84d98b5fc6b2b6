import CEL
import KubeCore
import Testing

@Suite("Optionals and quantities")
struct OptionalTests {
    static let optionals: [Case] = [
        .gives("{'a': {'b': 1}}.?a.?b.orValue(0)", 1), .gives("{}.?a.?b.orValue(0)", 0),
        .gives("{}.?a.b.c.orValue('none')", "none"),
        .gives("{'a': 1}.?a.hasValue()", true), .gives("{'a': 1}[?'b'].hasValue()", false),
        .gives("[1, 2][?5].orValue(9)", 9),
        .gives("[1, 2][?1].value()", 2), .gives("{}.?a[0].orValue(7)", 7), .gives("optional.of(1).value()", 1),
        .fails("optional.none().value()", .noSuchKey), .gives("optional.none().or(optional.of(2)).value()", 2),
        .gives("optional.of(1).or(optional.of(2)).value()", 1), .gives("optional.ofNonZeroValue('').hasValue()", false),
        .gives("optional.ofNonZeroValue(0.0).hasValue()", false),
        .gives("optional.ofNonZeroValue('x').hasValue()", true),
        .gives("optional.of(3).optMap(x, x * 2).value()", 6),
        .gives("optional.none().optMap(x, x * 2).hasValue()", false),
        .gives("optional.of({'k': 1}).optFlatMap(m, m.?k).value()", 1),
        .gives("[?optional.of(1), ?optional.none(), 3]", [1, 3]),
        .gives("{?'a': optional.of(1), ?'b': optional.none()}", ["a": 1]),
        .gives("[optional.of(1), optional.none()].unwrapOpt()", [1]),
        .gives("has({'a': {'b': 1}}.?a.b)", true), .gives("has({}.?a.b)", false),
        .holds("optional.of(1) == optional.of(1.0)"), .holds("optional.none() == optional.none()"),
        .holds("optional.of(1) != optional.none()"),
        .gives("{'a': 1}.?a", .optional(1)), .gives("{}.?a", .optional(.none)),
        .gives("{'a': null}.?a", .optional(.some(.null))),
        .fails("1.?a", .noSuchOverload), .fails("[?1]", .noSuchOverload),
        .fails("optional.of(1).optFlatMap(x, x)", .noSuchOverload),
        .fails("1.orValue(2)", .noSuchOverload),
    ]

    static let quantities: [Case] = [
        .holds("quantity('1Gi').isGreaterThan(quantity('1G'))"), .holds("quantity('500m').isLessThan(quantity('1'))"),
        .gives("quantity('1500m').compareTo(quantity('1.5'))", 0), .holds("quantity('1k') == quantity('1000')"),
        .gives("quantity('2k').asInteger()", 2000), .fails("quantity('500m').asInteger()", .overflow),
        .gives("quantity('500m').isInteger()", false), .gives("quantity('500m').asApproximateFloat()", 0.5),
        .gives("quantity('-1').sign()", -1), .gives("quantity('0').sign()", 0), .gives("isQuantity('1Xi')", false),
        .gives("isQuantity('20Mi')", true),
        .gives("string(quantity('1').add(quantity('500m')))", "1500m"), .gives("string(quantity('1').sub(1))", "0"),
        .fails("quantity('lots')", .invalidArgument), .fails("quantity(1)", .noSuchOverload),
    ]

    @Test("Optionals chain through what may be absent", arguments: optionals)
    func checkOptionals(_ example: Case) throws { try example.check() }

    @Test("Quantities compare by amount", arguments: quantities)
    func checkQuantities(_ example: Case) throws { try example.check() }

    @Test("A full optional is its content in JSON, an empty one nothing")
    func json() {
        #expect(Value.optional(1).json == 1)
        #expect(Value.optional(.none).json == nil)
        #expect(Value.list([.optional(.none)]).json == nil)
        #expect(Value.double(.nan).json == nil)
        #expect(Value.bytes([104, 105]).json == "aGk=")
        #expect(Value.uint(.max).json == .double(18_446_744_073_709_551_616))
    }
}
