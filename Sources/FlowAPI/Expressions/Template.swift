import CEL
import KubeCore

/// A text with CEL expressions in it: `counted ${{ params.date }}`.
///
/// `$${{` stands for a literal `${{`. An expression ends at the first `}}` that is outside of its strings and braces.
/// A template is parsed from one leaf string of an object and evaluated once; values are never parsed again, so a
/// value that looks like an expression stays text.
package struct Template: Sendable {
    package enum Piece: Sendable {
        case text(String)
        case expression(Embedded)
    }

    /// An expression and where its source begins in the template.
    package struct Embedded: Sendable {
        package var expression: Expression
        /// From 1.
        package var line: Int
        /// From 1, in Unicode code points.
        package var column: Int
    }

    package let source: String
    package let pieces: [Piece]

    /// A template that is the text itself, whatever is in it.
    package static func literal(_ text: String) -> Template {
        Template(source: text, pieces: [.text(text)])
    }

    /// The expression, if the template is nothing else but blanks around it; its value then keeps its type.
    package var wholeExpression: Embedded? {
        var found: Embedded?
        for piece in pieces {
            switch piece {
            case .text(let text):
                guard text.utf8.allSatisfy(Self.isBlank) else { return nil }
            case .expression(let embedded):
                guard found == nil else { return nil }
                found = embedded
            }
        }
        return found
    }

    package var expressions: [Embedded] {
        pieces.compactMap { piece in
            if case .expression(let embedded) = piece { embedded } else { nil }
        }
    }

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n")
            || byte == UInt8(ascii: "\r")
    }

    // MARK: Evaluation

    /// The value under a context: of any type for one whole expression, else a text in which strings stand as they
    /// are, and all other values as compact JSON.
    package func evaluate(_ context: ExpressionContext) throws(TemplateError) -> JSON {
        if let whole = wholeExpression {
            return try value(of: whole, context)
        }
        return .string(try text(context))
    }

    /// The value as a text, for places that take nothing else, such as an environment variable.
    package func evaluateText(_ context: ExpressionContext) throws(TemplateError) -> String {
        if let whole = wholeExpression {
            return Self.text(of: try value(of: whole, context))
        }
        return try text(context)
    }

    /// How a value stands in a text.
    package static func text(of value: JSON) -> String {
        value.stringValue ?? value.encodedString()
    }

    private func text(_ context: ExpressionContext) throws(TemplateError) -> String {
        var result = ""
        for piece in pieces {
            switch piece {
            case .text(let text): result += text
            case .expression(let embedded): result += Self.text(of: try value(of: embedded, context))
            }
        }
        return result
    }

    private func value(of embedded: Embedded, _ context: ExpressionContext) throws(TemplateError) -> JSON {
        let value: Value
        do {
            value = try embedded.expression.evaluate(context.bindings)
        } catch {
            let place = error.position.map { embedded.place(line: $0.line, column: $0.column) }
            throw TemplateError(
                code: .evaluation, message: "\(error.message), in ${{ \(embedded.expression.source.trimmed) }}",
                line: place?.line ?? embedded.line, column: place?.column ?? embedded.column)
        }
        guard let json = value.json else {
            throw TemplateError(
                code: .unrepresentable,
                message: "${{ \(embedded.expression.source.trimmed) }} is a \(value.type.name) that has no JSON form; "
                    + "convert it, for example with string()",
                line: embedded.line, column: embedded.column)
        }
        return json
    }
}

extension Template.Embedded {
    /// A place in the expression as a place in the template.
    func place(line: Int, column: Int) -> (line: Int, column: Int) {
        line == 1 ? (self.line, self.column + column - 1) : (self.line + line - 1, column)
    }
}

extension String {
    /// Without blanks at both ends.
    var trimmed: String {
        var view = Substring(self)
        while let first = view.utf8.first, Template.isBlank(first) {
            view = view.dropFirst()
        }
        while let last = view.utf8.last, Template.isBlank(last) {
            view = view.dropLast()
        }
        return String(view)
    }
}
