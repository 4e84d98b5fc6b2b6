/// A regular expression as instructions for `PikeMachine`.
struct Program: Sendable {
    enum Instruction: Sendable {
        /// Takes one character of the class and goes on with the next instruction.
        case character(CharacterClass)
        case assertion(Assertion)
        /// Goes on in both places; a match by way of the first counts more.
        case split(Int, Int)
        case jump(Int)
        /// Notes the place in the text.
        case save(Int)
        case match
    }

    var instructions: [Instruction] = []
    let groupCount: Int
}

struct ProgramCompiler {
    /// Bounds memory and time a character, as nested repetitions such as `((a{100}){100}){100}` multiply.
    private static let maxInstructions = 20_000

    private var program: Program

    init(groupCount: Int) {
        program = Program(groupCount: groupCount)
    }

    mutating func compile(_ tree: PatternNode) throws(RegularExpressionError) -> Program {
        try emit(.save(0))
        try append(tree)
        try emit(.save(1))
        try emit(.match)
        return program
    }

    private var count: Int { program.instructions.count }

    private mutating func emit(_ instruction: Program.Instruction) throws(RegularExpressionError) {
        guard count < Self.maxInstructions else {
            throw RegularExpressionError(message: "the expression is too large", offset: 0)
        }
        program.instructions.append(instruction)
    }

    private mutating func append(_ node: PatternNode) throws(RegularExpressionError) {
        switch node {
        case .empty:
            break
        case .character(let characters):
            try emit(.character(characters))
        case .assertion(let assertion):
            try emit(.assertion(assertion))
        case .concatenation(let parts):
            for part in parts {
                try append(part)
            }
        case .alternation(let branches):
            try alternate(branches)
        case .repetition(let body, let minimum, let maximum, let isGreedy):
            try repeated(body, minimum, maximum, isGreedy: isGreedy)
        case .group(let body, let index):
            try emit(.save(index * 2))
            try append(body)
            try emit(.save(index * 2 + 1))
        }
    }

    private mutating func alternate(_ branches: [PatternNode]) throws(RegularExpressionError) {
        var jumps: [Int] = []
        for branch in branches.dropLast() {
            let split = count
            try emit(.split(split + 1, 0))
            try append(branch)
            jumps.append(count)
            try emit(.jump(0))
            program.instructions[split] = .split(split + 1, count)
        }
        if let last = branches.last {
            try append(last)
        }
        for jump in jumps {
            program.instructions[jump] = .jump(count)
        }
    }

    private mutating func repeated(
        _ body: PatternNode, _ minimum: Int, _ maximum: Int?, isGreedy: Bool
    ) throws(RegularExpressionError) {
        for _ in 0..<minimum {
            try append(body)
        }
        guard let maximum else {
            let split = count
            try emit(.split(0, 0))
            try append(body)
            try emit(.jump(split))
            program.instructions[split] = Self.split(split + 1, count, isGreedy: isGreedy)
            return
        }
        var splits: [Int] = []
        for _ in minimum..<max(minimum, maximum) {
            splits.append(count)
            try emit(.split(0, 0))
            try append(body)
        }
        for split in splits {
            program.instructions[split] = Self.split(split + 1, count, isGreedy: isGreedy)
        }
    }

    private static func split(_ body: Int, _ end: Int, isGreedy: Bool) -> Program.Instruction {
        isGreedy ? .split(body, end) : .split(end, body)
    }
}
