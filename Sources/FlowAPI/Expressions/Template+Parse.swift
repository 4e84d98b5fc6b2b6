import CEL

extension Template {
    /// Parses a text.
    /// - Throws: the first error, with its place: an expression that does not end, is empty, or is no CEL.
    package static func parse(_ source: String) throws(TemplateError) -> Template {
        var scanner = Scanner(source)
        return Template(source: source, pieces: try scanner.pieces())
    }
}

private struct Scanner {
    let scalars: [Unicode.Scalar]
    var index = 0
    var line = 1
    var column = 1

    init(_ source: String) {
        scalars = Array(source.unicodeScalars)
    }

    mutating func pieces() throws(TemplateError) -> [Template.Piece] {
        var pieces: [Template.Piece] = []
        var text = String.UnicodeScalarView()
        while index < scalars.count {
            if looksAt("$${{") {
                text.append(contentsOf: "${{".unicodeScalars)
                advance(by: 4)
            } else if looksAt("${{") {
                if !text.isEmpty {
                    pieces.append(.text(String(text)))
                    text = String.UnicodeScalarView()
                }
                pieces.append(.expression(try expression()))
            } else {
                text.append(scalars[index])
                advance(by: 1)
            }
        }
        if !text.isEmpty || pieces.isEmpty {
            pieces.append(.text(String(text)))
        }
        return pieces
    }

    private mutating func expression() throws(TemplateError) -> Template.Embedded {
        let opening = (line: line, column: column)
        advance(by: 3)
        let start = (index: index, line: line, column: column)
        guard skipToEnd() else {
            throw TemplateError(
                code: .syntax, message: "'${{' has no matching '}}'; close the expression, or write $${{ for the text",
                line: opening.line, column: opening.column)
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[start.index..<index])
        let source = String(view)
        advance(by: 2)
        guard !source.trimmed.isEmpty else {
            throw TemplateError(
                code: .syntax, message: "'${{ }}' is empty; put an expression such as params.NAME into it",
                line: opening.line, column: opening.column)
        }
        do {
            return Template.Embedded(
                expression: try Expression(source), line: start.line, column: start.column)
        } catch {
            let onFirstLine = error.line == 1
            throw TemplateError(
                code: .syntax, message: error.message, line: start.line + error.line - 1,
                column: onFirstLine ? start.column + error.column - 1 : error.column)
        }
    }

    /// Moves to the `}}` that ends the expression; false when there is none.
    private mutating func skipToEnd() -> Bool {
        var depth = 0
        while index < scalars.count {
            switch scalars[index] {
            case "{":
                depth += 1
                advance(by: 1)
            case "}" where depth > 0:
                depth -= 1
                advance(by: 1)
            case "}" where looksAt("}}"):
                return true
            case "\"", "'":
                skipString()
            case "/" where looksAt("//"):
                while index < scalars.count, scalars[index] != "\n" {
                    advance(by: 1)
                }
            default:
                advance(by: 1)
            }
        }
        return false
    }

    /// Moves past a CEL string literal; to the end when it is not closed, which the CEL parser cannot see.
    private mutating func skipString() {
        let quote = String(scalars[index])
        let isRaw = index > 0 && (scalars[index - 1] == "r" || scalars[index - 1] == "R")
        let delimiter = looksAt(quote + quote + quote) ? quote + quote + quote : quote
        advance(by: delimiter.unicodeScalars.count)
        while index < scalars.count {
            if looksAt(delimiter) {
                advance(by: delimiter.unicodeScalars.count)
                return
            }
            advance(by: !isRaw && scalars[index] == "\\" ? 2 : 1)
        }
    }

    private func looksAt(_ text: String) -> Bool {
        let wanted = text.unicodeScalars
        guard index + wanted.count <= scalars.count else { return false }
        return scalars[index..<index + wanted.count].elementsEqual(wanted)
    }

    private mutating func advance(by count: Int) {
        for _ in 0..<count where index < scalars.count {
            if scalars[index] == "\n" {
                line += 1
                column = 1
            } else {
                column += 1
            }
            index += 1
        }
    }
}
