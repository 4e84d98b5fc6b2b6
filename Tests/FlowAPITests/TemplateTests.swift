import FlowAPI
import KubeCore
import Testing

@Suite("Templates")
struct TemplateTests {
    static let context = ExpressionContext(
        params: ["date": "2026-01-01", "n": 8, "files": ["a", "b"], "half": 0.5, "odd": "${{ params.n }}"],
        tasks: [
            "split": .init(phase: .succeeded, outputs: ["parts": ["p0", "p1"]]),
            "word-count": .init(phase: .failed),
        ],
        runName: "r", runID: "uid", namespace: "ns", job: "j", engine: "e"
    ).withItem("p1", named: "part", index: 1)

    private func evaluate(_ text: String) throws -> JSON {
        try Template.parse(text).evaluate(Self.context)
    }

    @Test(
        "One whole expression keeps its type",
        arguments: [
            ("${{ params.n }}", 8), ("${{params.files}}", ["a", "b"]), ("${{ params.n > 3 }}", true),
            ("${{ params.half }}", 0.5), ("  ${{ params.date }}\n", "2026-01-01"), ("${{ null }}", nil),
            ("${{ {'a': {'b': 1}} }}", ["a": ["b": 1]]), ("${{ '}}' }}", "}}"), ("${{ \"it's }}\" }}", "it's }}"),
            ("${{ r'\\' }}", "\\"), ("${{ '''a'}}''' }}", "a'}}"), ("${{ params.n // eight }}\n }}", 8),
            ("${{ size(tasks.split.outputs.parts) }}", 2), ("${{ tasks['word-count'].status == 'Failed' }}", true),
            ("${{ part }}", "p1"), ("${{ index }}", 1), ("${{ run.name + run.id + run.namespace }}", "ruidns"),
            ("${{ engine.name + '/' + job.name }}", "e/j"),
        ] as [(String, JSON)])
    func wholeExpressions(text: String, value: JSON) throws {
        #expect(try evaluate(text) == value)
    }

    @Test(
        "Mixed with text, values become text: strings as they are, others as compact JSON",
        arguments: [
            ("counted ${{ params.date }}!", "counted 2026-01-01!"), ("${{ params.n }}${{ params.n }}", "88"),
            ("[${{ params.files }}]", #"[["a","b"]]"#), ("x=${{ params.n > 3 }}", "x=true"), ("", ""),
            ("plain", "plain"),
            ("-${{ null }}", "-null"), ("é${{ part }}é", "ép1é"), ("$ {{ }} }}", "$ {{ }} }}"), ("${HOME}", "${HOME}"),
        ])
    func interpolation(text: String, value: String) throws {
        #expect(try evaluate(text) == .string(value))
        #expect(try Template.parse(text).evaluateText(Self.context) == value)
    }

    @Test(
        "A doubled dollar makes the opening a text",
        arguments: [("$${{ x }}", "${{ x }}"), ("a $${{${{ part }}", "a ${{p1"), ("$$${{ x }}", "$${{ x }}")])
    func escaped(text: String, value: String) throws {
        #expect(try evaluate(text) == .string(value))
    }

    @Test("A value that looks like an expression is not evaluated again")
    func evaluatedOnce() throws {
        #expect(try evaluate("${{ params.odd }}") == "${{ params.n }}")
        #expect(try evaluate("<${{ params.odd }}>") == "<${{ params.n }}>")
    }

    @Test("A literal is never parsed")
    func literal() throws {
        #expect(try Template.literal("${{ part }} $${{").evaluate(Self.context) == "${{ part }} $${{")
    }

    @Test(
        "Errors of syntax have their column in the whole text",
        arguments: [
            ("ab ${{ params.date", 1, 4), ("${{ }}", 1, 1), ("x ${{   }}", 1, 3), ("${{ params. }}", 1, 13),
            ("é ${{ 1 + }} ${{ 2 }}", 1, 11), ("a\n  ${{ 1 +* 2 }}", 2, 10), ("${{ 1 +\n * 2 }}", 2, 2),
            ("${{ 'open }}", 1, 1),
        ])
    func syntaxErrors(text: String, line: Int, column: Int) throws {
        let error = #expect(throws: TemplateError.self) { try Template.parse(text) }
        let found = try #require(error)
        #expect(found.code == .syntax)
        #expect(found.line == line, "\(found)")
        #expect(found.column == column, "\(found)")
    }

    @Test("Errors of evaluation name the expression and its place")
    func evaluationErrors() throws {
        let error = #expect(throws: TemplateError.self) { try evaluate("a ${{ params.missing }}") }
        #expect(error?.code == .evaluation)
        #expect(error?.column ?? 0 >= 7, "\(String(describing: error))")
        #expect(error?.message.contains("${{ params.missing }}") == true)
        #expect(error?.message.contains("missing") == true)
    }

    @Test("A value without a JSON form is refused")
    func unrepresentable() throws {
        let error = #expect(throws: TemplateError.self) { try evaluate("${{ type(1) }}") }
        #expect(error?.code == .unrepresentable)
    }

    @Test("An expression without end in a long text is found in time linear in its length")
    func hostileTexts() throws {
        for text in ["${{ " + String(repeating: "{", count: 100_000), "${{ " + String(repeating: "'", count: 100_001)] {
            #expect(throws: TemplateError.self) { try Template.parse(text) }
        }
    }
}
