/// A part of a parsed expression.
struct Node: Sendable {
    let form: Form
    /// Where its operator, name or literal stands.
    let position: SourcePosition
    /// Levels of nodes from here to the deepest leaf, this one included.
    let height: Int

    indirect enum Form: Sendable {
        case literal(Value)
        /// A name; with a leading dot it is absolute and means no variable of a macro.
        case identifier(String, isAbsolute: Bool)
        case select(Node, field: String, isOptional: Bool)
        /// `has(operand.field)`
        case has(Node, field: String)
        case index(Node, key: Node, isOptional: Bool)
        case not(Node)
        case negate(Node)
        case arithmetic(ArithmeticOperator, Node, Node)
        case relation(RelationOperator, Node, Node)
        case membership(Node, in: Node)
        /// `a && b && c` as one node, so that long chains stay flat.
        case and([Node])
        case or([Node])
        case conditional(Node, then: Node, otherwise: Node)
        case list([ListElement])
        case map([MapEntry])
        case call(Call)
        case comprehension(Comprehension)
        /// `cel.bind(variable, value, body)`
        case bind(variable: String, value: Node, body: Node)
    }

    init(_ form: Form, at position: SourcePosition) {
        self.form = form
        self.position = position
        var highest = 0
        form.forEachChild { highest = max(highest, $0.height) }
        height = highest + 1
    }
}

enum ArithmeticOperator: String, Sendable {
    case add = "+", subtract = "-", multiply = "*", divide = "/", remainder = "%"
}

enum RelationOperator: String, Sendable {
    case equal = "==", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
}

struct ListElement: Sendable {
    let value: Node
    /// `[?x]`: left out when the optional is empty.
    let isOptional: Bool
}

struct MapEntry: Sendable {
    let key: Node
    let value: Node
    /// `{?k: x}`: left out when the optional is empty.
    let isOptional: Bool
}

struct Call: Sendable {
    let name: String
    let implementation: Function.Implementation
    /// The receiver first, when there is one.
    let arguments: [Node]
}

/// A macro that looks at the members of a list or a map one by one, or into an optional.
struct Comprehension: Sendable {
    enum Macro: String, Sendable {
        case all, exists, existsOne, map, filter, transformList, transformMap, transformMapEntry, sortBy
        case optMap, optFlatMap
    }

    let macro: Macro
    let range: Node
    let variable: String
    /// The second variable of the forms with two: the value, the first being index or key.
    let secondVariable: String?
    /// Which members count; the predicate itself for `all`, `exists`, `existsOne` and `filter`.
    let condition: Node?
    /// What becomes of each; nil for macros without.
    let transform: Node?
}

extension Node.Form {
    /// Calls the body with each node directly under this one, from left to right.
    func forEachChild(_ body: (Node) -> Void) {
        switch self {
        case .literal, .identifier:
            break
        case .select(let operand, _, _), .has(let operand, _), .not(let operand), .negate(let operand):
            body(operand)
        case .index(let operand, let key, _):
            body(operand)
            body(key)
        case .arithmetic(_, let left, let right), .relation(_, let left, let right), .membership(let left, let right):
            body(left)
            body(right)
        case .and(let terms), .or(let terms):
            terms.forEach(body)
        case .conditional(let condition, let then, let otherwise):
            body(condition)
            body(then)
            body(otherwise)
        case .list(let elements):
            elements.forEach { body($0.value) }
        case .map(let entries):
            for entry in entries {
                body(entry.key)
                body(entry.value)
            }
        case .call(let call):
            call.arguments.forEach(body)
        case .comprehension(let comprehension):
            body(comprehension.range)
            comprehension.condition.map(body)
            comprehension.transform.map(body)
        case .bind(_, let value, let inner):
            body(value)
            body(inner)
        }
    }
}
