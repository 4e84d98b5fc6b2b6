import CEL
import Testing

@Suite("Lists and maps")
struct CollectionTests {
    static let access: [Case] = [
        .gives("[1, 2, 3][0]", 1), .gives("[1, 2, 3][2u]", 3), .gives("[1, 2, 3][1.0]", 2),
        .gives("[[1], [2]][1][0]", 2),
        .fails("[1][1]", .noSuchKey), .fails("[1][-1]", .noSuchKey), .fails("[1][0.5]", .invalidArgument),
        .fails("[1]['0']", .noSuchOverload), .gives("[1, 2,]", [1, 2]), .gives("[] + [1] + [2, 3]", [1, 2, 3]),
        .gives("{'a': 1}.a", 1), .gives("{'a': 1}['a']", 1), .gives("{1: 'x'}[1]", "x"), .gives("{1: 'x'}[1u]", "x"),
        .gives("{1: 'x'}[1.0]", "x"), .gives("{1u: 'x'}[1]", "x"), .gives("{true: 'x'}[true]", "x"),
        .gives("{'a': {'b': 1}}.a.b", 1), .gives("{'a b': 1}.`a b`", 1), .gives("{'a-b': {'c': 2}}.`a-b`.c", 2),
        .gives("{'a': 1,}", ["a": 1]), .gives("{'if': 1}.if", 1), .gives("{'namespace': 'x'}.namespace", "x"),
        .fails("{'a': 1}.b", .noSuchKey), .fails("{'a': 1}['b']", .noSuchKey), .fails("{1: 'x'}[1.5]", .noSuchKey),
        .fails("{'a': 1, 'a': 2}", .invalidArgument), .fails("{1: 1, 1u: 2}", .invalidArgument),
        .fails("{1.0: 1}", .noSuchOverload), .fails("{null: 1}", .noSuchOverload), .fails("{[1]: 1}", .noSuchOverload),
        .fails("'abc'[0]", .noSuchOverload), .fails("1.field", .noSuchOverload), .fails("null.a", .noSuchOverload),
        .holds("1 in [3, 2, 1]"), .holds("1.0 in [1]"), .gives("4 in [3, 2, 1]", false), .gives("1 in []", false),
        .holds("'a' in {'a': null}"), .holds("1u in {1: 'x'}"), .gives("'b' in {'a': 1}", false),
        .gives("1.5 in {1: 2}", false),
        .holds("[1] in [[1], [2]]"), .fails("'a' in 'abc'", .noSuchOverload),
        .holds("[1, 'a', [2.0]] == [1u, 'a', [2]]"), .holds("{'a': 1, 'b': 2} == {'b': 2.0, 'a': 1u}"),
        .holds("[1, 2] != [2, 1]"), .holds("{'a': 1} != {'a': 1, 'b': 2}"), .holds("[] == []"), .holds("{} == {}"),
        .holds("has({'a': null}.a)"), .gives("has({'a': 1}.b)", false), .gives("has({}.a) || has({'b': 1}.b)", true),
        .fails("has({}.a.b)", .noSuchKey), .fails("has([1].a)", .noSuchOverload),
        .gives("size([])", 0), .gives("[1, 2].size()", 2), .gives("{'a': 1}.size()", 1), .gives("size('')", 0),
        .gives("size(b'abc')", 3), .fails("size(1)", .noSuchOverload), .fails("size(null)", .noSuchOverload),
    ]

    static let macros: [Case] = [
        .gives("[1, 2, 3].all(x, x > 0)", true), .gives("[1, 2, 3].all(x, x > 1)", false),
        .gives("[].all(x, false)", true),
        .gives("[1, 2, 3].exists(x, x == 2)", true), .gives("[].exists(x, true)", false),
        .gives("[1, 2, 2].exists_one(x, x == 2)", false), .gives("[1, 2, 3].exists_one(x, x == 2)", true),
        .gives("[1, 2, 3].existsOne(x, x == 4)", false),
        .gives("[1, 2, 3].map(x, x * x)", [1, 4, 9]), .gives("[1, 2, 3].map(x, x > 1, x * 10)", [20, 30]),
        .gives("[1, 2, 3].filter(x, x != 2)", [1, 3]), .gives("[].map(x, 1 / 0)", []),
        .gives("{'a': 1, 'b': 2}.all(k, k in ['a', 'b'])", true),
        .gives("{'a': 1, 'b': 2}.map(k, k + '!')", ["a!", "b!"]),
        .gives("{'a': 1, 'b': 2}.filter(k, k == 'b')", ["b"]),
        .gives("[[1, 2], [3]].map(x, x.map(y, y + 1))", [[2, 3], [4]]), .gives("[1].map(x, [2].map(x, x))", [[2]]),
        .gives("[1, 2].exists(x, x / 0 == 1 || x == 2)", true), .gives("[0, 1].all(x, 1 / x == 1 && x == 9)", false),
        .fails("[0, 1].all(x, 1 / x == 1)", .divisionByZero), .fails("[0].exists(x, 1 / x == 1)", .divisionByZero),
        .fails("[1, 2].exists_one(x, x / 0 == 1)", .divisionByZero), .fails("[1].filter(x, x)", .noSuchOverload),
        .fails("[1].all(x, 'a')", .noSuchOverload), .fails("'abc'.all(x, true)", .noSuchOverload),
        .fails("1.map(x, x)", .noSuchOverload), .fails("[1].map(x, y)", .undeclaredVariable),
        .gives("[3, 4].all(i, v, i < v)", true), .gives("{'a': 1}.exists(k, v, k == 'a' && v == 1)", true),
        .gives("[1, 2].exists_one(i, v, v == 2)", true),
        .gives("[3, 4].transformList(i, v, i * v)", [0, 4]), .gives("[3, 4].transformList(i, v, v > 3, v)", [4]),
        .gives("{'a': 1}.transformMap(k, v, v + 1)", ["a": 2]),
        .gives("{'a': 1, 'b': 2}.transformMap(k, v, v > 1, k)", ["b": "b"]),
        .gives("{'a': 'x'}.transformMapEntry(k, v, {v: k})", ["x": "a"]),
        .fails("[1, 1].transformMapEntry(i, v, {'k': v})", .invalidArgument),
        .gives("cel.bind(x, 3, x * x)", 9), .gives("cel.bind(x, 1, cel.bind(y, x + 1, x + y))", 3),
        .gives("[1].map(x, .x)", ["outer"], with: ["x": "outer"]), .gives("[1].map(x, x)", [1], with: ["x": "outer"]),
    ]

    static let functions: [Case] = [
        .holds("[1, 2, 2].isSorted()"), .gives("[2, 1].isSorted()", false), .holds("['a', 'b'].isSorted()"),
        .holds("[].isSorted()"),
        .gives("[1, 2, 3].sum()", 6), .gives("[1.5, 2.5].sum()", 4.0), .gives("[].sum()", 0),
        .gives("[1u].sum()", .uint(1)),
        .holds("[duration('1s'), duration('2s')].sum() == duration('3s')"), .fails("['a'].sum()", .noSuchOverload),
        .fails("[9223372036854775807, 1].sum()", .overflow),
        .gives("[3, 1, 2].min()", 1), .gives("[3, 1, 2].max()", 3), .gives("['b', 'a'].min()", "a"),
        .fails("[].max()", .invalidArgument),
        .fails("[1, 'a'].max()", .noSuchOverload),
        .gives("[1, 2, 2].indexOf(2)", 1), .gives("[1, 2, 2].lastIndexOf(2)", 2), .gives("[1].indexOf(5)", -1),
        .gives("[1, 2, 3, 4].slice(1, 3)", [2, 3]), .gives("[1].slice(1, 1)", []),
        .fails("[1].slice(0, 2)", .invalidArgument),
        .fails("[1, 2].slice(1, 0)", .invalidArgument),
        .gives("[1, [2, [3]]].flatten()", [1, 2, [3]]), .gives("[1, [2, [3, [4]]]].flatten(2)", [1, 2, 3, [4]]),
        .fails("[1].flatten(-1)", .invalidArgument), .gives("[[], [[]]].flatten(9223372036854775807)", []),
        .gives("[3, 1, 2].sort()", [1, 2, 3]), .gives("['b', 'a'].sort()", ["a", "b"]), .gives("[].sort()", []),
        .fails("[1, 'a'].sort()", .noSuchOverload), .fails("[[1]].sort()", .noSuchOverload),
        .gives("[{'n': 2}, {'n': 1}].sortBy(e, e.n).map(e, e.n)", [1, 2]),
        .gives("['bb', 'a'].sortBy(s, size(s))", ["a", "bb"]),
        .gives("[1, 2, 1.0, 'a', 'a', [1], [1]].distinct()", [1, 2, "a", [1]]),
        .gives("[1, 2, 3].reverse()", [3, 2, 1]), .gives("[1, 2].first().value()", 1),
        .gives("[].last().hasValue()", false),
        .gives("lists.range(3)", [0, 1, 2]), .gives("lists.range(-1)", []),
        .holds("sets.contains([1, 2, 3], [2, 3.0])"), .gives("sets.contains([1], [1, 2])", false),
        .holds("sets.contains([], [])"),
        .holds("sets.equivalent([1, 2, 2], [2, 1])"), .gives("sets.equivalent([1], [1, 2])", false),
        .holds("sets.intersects([1, 2], [2, 3])"), .gives("sets.intersects([], [1])", false),
        .holds("sets.intersects([[1]], [[1]])"),
    ]

    @Test("Literals, access, membership, equality", arguments: access)
    func checkAccess(_ example: Case) throws { try example.check() }

    @Test("Macros go through lists and maps", arguments: macros)
    func checkMacros(_ example: Case) throws { try example.check() }

    @Test("Functions on lists", arguments: functions)
    func checkFunctions(_ example: Case) throws { try example.check() }
}
