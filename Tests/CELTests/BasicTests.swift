import CEL
import KubeCore
import Testing

@Suite("Paths, comparison and logic")
struct BasicTests {
    static let cluster: Bindings = [
        "tasks": ["split": ["outputs": ["parts": ["a", "b"]], "status": "Succeeded"]],
        "event": ["data": ["hour": 7], "type": "stream.watermark"],
        "n": 3,
    ]

    static let cases: [Case] = [
        .gives("tasks.split.outputs.parts", ["a", "b"], with: cluster),
        .gives("tasks.split.outputs.parts[1]", "b", with: cluster),
        .gives("tasks['split'].outputs[\"parts\"][0]", "a", with: cluster),
        .holds("tasks.split.status == 'Succeeded'", with: cluster),
        .holds("event.data.hour % 2 == 1", with: cluster),
        .holds("event.type.startsWith('stream.') && !event.type.endsWith('.')", with: cluster),
        .holds("'b' in tasks.split.outputs.parts", with: cluster),
        .holds("!('c' in tasks.split.outputs.parts)", with: cluster),
        .holds("'split' in tasks", with: cluster),
        .holds("has(tasks.split) && !has(tasks.count)", with: cluster),
        .gives("n > 2 ? 'many' : 'few'", "many", with: cluster),
        .gives("'n=' + 'x' + \"y\"", "n=xy"),
        .gives("size('naïve') + size([1, 2]) + size({'a': 1})", 8),
        .gives("1 + 2 * 3 - 4 / 2", 5),
        .gives("(1 + 2) * 3", 9),
        .gives("10 - 3 - 2", 5),
        .fails("missing", .undeclaredVariable, with: cluster),
        .fails("tasks.absent", .noSuchKey, with: cluster),
        .fails("tasks.split.outputs.parts[2]", .noSuchKey, with: cluster),
        .fails("n.field", .noSuchOverload, with: cluster),
        .fails("n + 'x'", .noSuchOverload, with: cluster),
    ]

    @Test("Expressions give what the language says", arguments: cases)
    func checkTable(_ example: Case) throws {
        try example.check()
    }

    @Test("JSON and values turn into each other")
    func json() throws {
        let json: JSON = ["a": [1, 2.5, "x", nil, true], "b": ["c": [:]]]
        let value = Value(json)
        #expect(value == ["a": [1, 2.5, "x", .null, true], "b": ["c": [:]]])
        #expect(value.json == json)
    }

    @Test("The paths that an expression reads can be listed without running it")
    func references() throws {
        let expression = try Expression(
            "tasks.split.outputs['parts'].all(p, p.size < limit[n.max].x) && has(event.data.hour) && type(1) == int")
        #expect(
            expression.references == [
                ["tasks", "split", "outputs", "parts"], ["limit"], ["n", "max"], ["event", "data", "hour"],
            ])
        #expect(expression.referencedIdentifiers == ["tasks", "limit", "n", "event"])
        #expect(expression.selectPaths.last?.mayBeAbsent == true)
    }
}
