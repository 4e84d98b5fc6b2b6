/// A parsed expression of the Common Expression Language, ready to be evaluated many times.
///
/// The language is that of <https://github.com/google/cel-spec> without protocol buffer messages. It always ends:
/// there are no loops but over lists and maps, and an evaluation has a limit of steps.
/// There is no static type checker; what a checker would refuse fails when it is evaluated, except that unknown
/// functions and wrong numbers of arguments are found while parsing.
package struct Expression: Sendable {
    /// The text it was made from.
    package let source: String
    let root: Node

    /// Parses an expression.
    /// - Throws: `CELSyntaxError` with the place and a sentence about what is wrong.
    package init(_ source: String) throws(CELSyntaxError) {
        var parser = try Parser(source, functions: .standard)
        root = try parser.parse()
        self.source = source
    }

    /// Evaluates the expression.
    /// - Parameters:
    ///   - bindings: the variables.
    ///   - limits: how much work it may be.
    ///   - zones: named time zones for the accessors of timestamps.
    /// - Throws: `CELError` with the place in the expression.
    package func evaluate(
        _ bindings: Bindings = [:], limits: CostLimit = .default, zones: TimeZones = .fixedOffsetsOnly
    ) throws(CELError) -> Value {
        var evaluator = Evaluator(bindings, limits: limits, zones: zones)
        return try evaluator.evaluate(root)
    }

    /// Evaluates the expression, and says how many steps it took.
    package func measured(
        _ bindings: Bindings, limits: CostLimit = .default, zones: TimeZones = .fixedOffsetsOnly
    ) throws(CELError) -> (value: Value, steps: Int) {
        var evaluator = Evaluator(bindings, limits: limits, zones: zones)
        let value = try evaluator.evaluate(root)
        return (value, limits.steps - evaluator.meter.remaining)
    }
}
