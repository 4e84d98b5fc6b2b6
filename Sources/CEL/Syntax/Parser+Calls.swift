extension Parser {
    /// A call: a macro, or a function from the table.
    func call(
        _ name: String, on receiver: Node?, _ arguments: [Node], at position: SourcePosition
    ) throws(CELSyntaxError) -> Node {
        if let receiver {
            if let macro = try receiverMacro(name, on: receiver, arguments, at: position) {
                return macro
            }
            if let qualified = receiver.qualifiedName.map({ "\($0).\(name)" }), functions.hasGlobal(qualified) {
                return try function(qualified, arguments, isMember: false, at: position)
            }
            return try function(name, [receiver] + arguments, isMember: true, at: position)
        }
        if name == "has" {
            return try hasMacro(arguments, at: position)
        }
        return try function(name, arguments, isMember: false, at: position)
    }

    private func function(
        _ name: String, _ arguments: [Node], isMember: Bool, at position: SourcePosition
    ) throws(CELSyntaxError) -> Node {
        switch functions.find(name, isMember: isMember, argumentCount: arguments.count) {
        case .success(let implementation):
            if name == "matches", case .literal(.string(let pattern))? = arguments.last?.form {
                return try matching(pattern, arguments, at: position)
            }
            let call = Call(name: name, implementation: implementation, arguments: arguments)
            return try node(.call(call), at: position)
        case .failure(let problem):
            throw CELSyntaxError(problem.message, at: position)
        }
    }

    /// `matches` with a literal pattern, which is compiled here and now.
    private func matching(
        _ pattern: String, _ arguments: [Node], at position: SourcePosition
    ) throws(CELSyntaxError) -> Node {
        let expression: RegularExpression
        do throws(RegularExpressionError) {
            expression = try RegularExpression(pattern)
        } catch {
            throw CELSyntaxError("'\(pattern)' is no regular expression: \(error)", at: position)
        }
        let call = Call(
            name: "matches", implementation: RegexLibrary.matching(expression), arguments: Array(arguments.dropLast()))
        return try node(.call(call), at: position)
    }

    private func hasMacro(_ arguments: [Node], at position: SourcePosition) throws(CELSyntaxError) -> Node {
        guard arguments.count == 1, let argument = arguments.first,
            case .select(let operand, let field, false) = argument.form
        else {
            throw CELSyntaxError("has() takes one selection of a field, as in has(a.b)", at: position)
        }
        return try node(.has(operand, field: field), at: position)
    }

    private func receiverMacro(
        _ name: String, on receiver: Node, _ arguments: [Node], at position: SourcePosition
    ) throws(CELSyntaxError) -> Node? {
        if name == "bind", arguments.count == 3, receiver.qualifiedName == "cel" {
            let variable = try variableName(arguments[0], of: "cel.bind()")
            return try node(.bind(variable: variable, value: arguments[1], body: arguments[2]), at: position)
        }
        let spelled = name == "exists_one" ? "existsOne" : name
        guard let macro = Comprehension.Macro(rawValue: spelled) else { return nil }
        guard let comprehension = try comprehension(macro, named: name, over: receiver, arguments) else {
            return nil
        }
        return try node(.comprehension(comprehension), at: position)
    }

    /// The macro with its arguments sorted out, or nil when their number makes it an ordinary call.
    private func comprehension(
        _ macro: Comprehension.Macro, named name: String, over range: Node, _ arguments: [Node]
    ) throws(CELSyntaxError) -> Comprehension? {
        let function = "\(name)()"
        func make(
            _ first: Int, _ second: Int? = nil, condition: Int? = nil, transform: Int? = nil
        ) throws(CELSyntaxError) -> Comprehension {
            let variable = try variableName(arguments[first], of: function)
            var secondVariable: String?
            if let second {
                let name = try variableName(arguments[second], of: function)
                guard name != variable else {
                    throw CELSyntaxError(
                        "the two variables of \(function) have the same name",
                        at: arguments[second].position)
                }
                secondVariable = name
            }
            return Comprehension(
                macro: macro, range: range, variable: variable, secondVariable: secondVariable,
                condition: condition.map { arguments[$0] }, transform: transform.map { arguments[$0] })
        }
        switch (macro, arguments.count) {
        case (.all, 2), (.exists, 2), (.existsOne, 2), (.filter, 2):
            return try make(0, condition: 1)
        case (.all, 3), (.exists, 3), (.existsOne, 3):
            return try make(0, 1, condition: 2)
        case (.map, 2), (.optMap, 2), (.optFlatMap, 2), (.sortBy, 2):
            return try make(0, transform: 1)
        case (.map, 3):
            return try make(0, condition: 1, transform: 2)
        case (.transformList, 3), (.transformMap, 3), (.transformMapEntry, 3):
            return try make(0, 1, transform: 2)
        case (.transformList, 4), (.transformMap, 4), (.transformMapEntry, 4):
            return try make(0, 1, condition: 2, transform: 3)
        default:
            return nil
        }
    }

    private func variableName(_ node: Node, of function: String) throws(CELSyntaxError) -> String {
        guard case .identifier(let name, isAbsolute: false) = node.form else {
            throw CELSyntaxError("\(function) takes a simple name for its variable here", at: node.position)
        }
        return name
    }
}
