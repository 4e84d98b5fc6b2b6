extension Expression {
    /// A path of fields that an expression reads, starting at a variable.
    package struct Reference: Sendable, Hashable {
        /// The variable and the fields after it: `["tasks", "split", "outputs", "parts"]`. Indexes by literal text
        /// count as fields; the path ends before any other index, and before the call of a method.
        package let path: [String]
        /// Where its variable stands.
        package let position: SourcePosition
        /// Whether the last field is only asked for, by `has()` or `.?`, so that it may be absent.
        package let mayBeAbsent: Bool
    }

    /// The variables that it needs, without those that its macros declare and without the names of types.
    package var referencedIdentifiers: Set<String> {
        Set(selectPaths.compactMap(\.path.first))
    }

    /// The longest paths of fields that it reads, in the order of the text, each once.
    package var references: [[String]] {
        var seen: Set<[String]> = []
        return selectPaths.map(\.path).filter { seen.insert($0).inserted }
    }

    /// The longest paths of fields that it reads, with their places, in the order of the text.
    package var selectPaths: [Reference] {
        var collector = ReferenceCollector()
        collector.visit(root)
        return collector.references.sorted { $0.position.offset < $1.position.offset }
    }
}

private struct ReferenceCollector {
    var references: [Expression.Reference] = []
    /// Names that the macros around the current node declare.
    private var locals: [String] = []

    mutating func visit(_ node: Node) {
        if let chain = Chain(node) {
            for key in chain.otherNodes {
                visit(key)
            }
            if let root = chain.root {
                add(chain, root)
            }
            return
        }
        switch node.form {
        case .comprehension(let comprehension):
            visit(comprehension.range)
            let count = locals.count
            locals.append(comprehension.variable)
            comprehension.secondVariable.map { locals.append($0) }
            comprehension.condition.map { visit($0) }
            comprehension.transform.map { visit($0) }
            locals.removeLast(locals.count - count)
        case .bind(let variable, let value, let body):
            visit(value)
            locals.append(variable)
            visit(body)
            locals.removeLast()
        default:
            var children: [Node] = []
            node.form.forEachChild { children.append($0) }
            for child in children {
                visit(child)
            }
        }
    }

    private mutating func add(_ chain: Chain, _ root: (name: String, isAbsolute: Bool, position: SourcePosition)) {
        if !root.isAbsolute, locals.contains(root.name) {
            return
        }
        if chain.fields.isEmpty, ValueType.named[root.name] != nil {
            return
        }
        references.append(
            Expression.Reference(
                path: [root.name] + chain.fields, position: root.position, mayBeAbsent: chain.mayBeAbsent))
    }
}

/// A chain of selections and indexes, taken apart.
private struct Chain {
    var root: (name: String, isAbsolute: Bool, position: SourcePosition)?
    /// The fields up to the first step that is not known from the text.
    var fields: [String] = []
    var mayBeAbsent = false
    /// Nodes in the chain that hold references of their own: computed keys, and a start that is no variable.
    var otherNodes: [Node] = []

    /// - Returns: nil when the node is neither a variable nor a step from one value to a part of it.
    init?(_ node: Node) {
        var steps: [(field: String?, mayBeAbsent: Bool)] = []
        var current = node
        walk: while true {
            switch current.form {
            case .select(let operand, let field, let isOptional):
                steps.append((field, isOptional))
                current = operand
            case .has(let operand, let field):
                steps.append((field, true))
                current = operand
            case .index(let operand, let key, let isOptional):
                if case .literal(.string(let field)) = key.form {
                    steps.append((field, isOptional))
                } else {
                    steps.append((nil, isOptional))
                    otherNodes.append(key)
                }
                current = operand
            case .identifier(let name, let isAbsolute):
                root = (name, isAbsolute, current.position)
                break walk
            default:
                guard !steps.isEmpty else { return nil }
                otherNodes.append(current)
                break walk
            }
        }
        for step in steps.reversed() {
            guard let field = step.field else { break }
            fields.append(field)
            // All that comes after an optional step is optional too.
            mayBeAbsent = mayBeAbsent || step.mayBeAbsent
        }
    }
}
