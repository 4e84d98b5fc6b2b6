/// A function that expressions can call.
struct Function: Sendable {
    enum Style: Sendable {
        /// `name(a, b)`
        case global
        /// `a.name(b)`
        case member
        case both
    }

    /// What runs: the receiver, if any, is the first argument. Nil means that it takes no values of these types.
    enum Implementation: Sendable {
        case nullary(@Sendable (inout Meter) throws(CELError) -> Value?)
        case unary(@Sendable (Value, inout Meter) throws(CELError) -> Value?)
        case binary(@Sendable (Value, Value, inout Meter) throws(CELError) -> Value?)
        case ternary(@Sendable (Value, Value, Value, inout Meter) throws(CELError) -> Value?)
        case variadic(ClosedRange<Int>, @Sendable ([Value], inout Meter) throws(CELError) -> Value?)

        func accepts(argumentCount: Int) -> Bool {
            switch self {
            case .nullary: argumentCount == 0
            case .unary: argumentCount == 1
            case .binary: argumentCount == 2
            case .ternary: argumentCount == 3
            case .variadic(let range, _): range.contains(argumentCount)
            }
        }
    }

    let name: String
    let style: Style
    let implementation: Implementation

    init(_ name: String, _ style: Style, _ implementation: Implementation) {
        self.name = name
        self.style = style
        self.implementation = implementation
    }
}

/// The functions that an expression may call, by name.
struct FunctionTable: Sendable {
    struct Problem: Error {
        let message: String
    }

    private var globals: [String: [Function.Implementation]] = [:]
    private var members: [String: [Function.Implementation]] = [:]

    init(_ functions: [Function]) {
        for function in functions {
            if function.style != .member {
                globals[function.name, default: []].append(function.implementation)
            }
            if function.style != .global {
                members[function.name, default: []].append(function.implementation)
            }
        }
    }

    func hasGlobal(_ name: String) -> Bool {
        globals[name] != nil
    }

    /// The implementation for a call with so many arguments, the receiver counted.
    func find(_ name: String, isMember: Bool, argumentCount: Int) -> Result<Function.Implementation, Problem> {
        let table = isMember ? members : globals
        guard let candidates = table[name] else {
            return .failure(Problem(message: absence(of: name, isMember: isMember)))
        }
        if let implementation = candidates.first(where: { $0.accepts(argumentCount: argumentCount) }) {
            return .success(implementation)
        }
        let given = isMember ? argumentCount - 1 : argumentCount
        let noun = given == 1 ? "argument" : "arguments"
        return .failure(Problem(message: "\(name)() does not take \(given) \(noun)"))
    }

    private func absence(of name: String, isMember: Bool) -> String {
        if isMember, globals[name] != nil {
            return "\(name)() is no method; write \(name)(value)"
        }
        if !isMember, members[name] != nil {
            return "\(name)() is a method; write value.\(name)()"
        }
        let known = Set(globals.keys).union(members.keys)
        let wanted = name.lowercased()
        if let similar = known.filter({ $0.lowercased() == wanted }).min() {
            return "there is no function \(name)(); \(similar)() exists"
        }
        return "there is no function \(name)()"
    }
}
