import CEL
import KubeCore

/// A rule of `x-kubernetes-validations`, compiled.
struct CRDRule: Sendable {
    let rule: Schema.Rule
    /// The expression, or why it is none. Accepted definitions have no such rules.
    let expression: Result<Expression, CELSyntaxError>
    /// nil without one, and when it is no expression.
    let messageExpression: Expression?
    /// Whether it compares with the old value, and so only concerns updates.
    let usesOldSelf: Bool
    /// The path below the value at which an error is reported, as field errors write it: `maxSize`, `a[b].c`.
    let fieldPath: String?

    init(_ rule: Schema.Rule, of schema: Schema) {
        self.rule = rule
        expression = Self.parse(rule.rule)
        messageExpression = rule.messageExpression.flatMap { try? Self.parse($0).get() }
        usesOldSelf = (try? expression.get())?.referencedIdentifiers.contains("oldSelf") ?? false
        fieldPath = rule.fieldPath.flatMap { CRDFieldPath.normalized($0, in: schema) }
    }

    static func parse(_ source: String) -> Result<Expression, CELSyntaxError> {
        do throws(CELSyntaxError) {
            return .success(try Expression(source))
        } catch {
            return .failure(error)
        }
    }

    /// What names the rule in messages: its message, else itself.
    var name: String {
        let message = rule.message ?? ""
        return Self.trimmed(message.isEmpty ? rule.rule : message)
    }

    /// The message for a broken rule when no `messageExpression` gives one.
    var message: String {
        (rule.message ?? "").isEmpty ? "failed rule: \(name)" : name
    }

    static func trimmed(_ text: String) -> String {
        var rest = text.unicodeScalars[...]
        while rest.first?.properties.isWhitespace == true {
            rest.removeFirst()
        }
        while rest.last?.properties.isWhitespace == true {
            rest.removeLast()
        }
        return String(rest)
    }
}

/// The `fieldPath` of a rule: a path of fields and map keys below the value, such as `.spec.x` or `.labels['a b']`.
enum CRDFieldPath {
    /// The path as field errors write it; nil when it does not lead to a field of the schema.
    static func normalized(_ path: String, in schema: Schema) -> String? {
        guard let steps = steps(of: path) else { return nil }
        var current = schema
        var result = ""
        for step in steps {
            if !current.properties.isEmpty {
                guard let next = current.property(step) else { return nil }
                current = next
                result += result.isEmpty ? step : ".\(step)"
            } else if let next = current.additionalProperties {
                current = next
                result += "[\(step)]"
            } else {
                return nil
            }
        }
        return result
    }

    private static func steps(of path: String) -> [String]? {
        var rest = Array(path.unicodeScalars)[...]
        var steps: [String] = []
        while let sign = rest.popFirst() {
            var step = String.UnicodeScalarView()
            switch sign {
            case ".":
                while let scalar = rest.first, scalar != ".", scalar != "[", scalar != "]" {
                    step.append(scalar)
                    rest.removeFirst()
                }
                guard !step.isEmpty else { return nil }
            case "[":
                guard rest.popFirst() == "'", let key = quoted(&rest), rest.popFirst() == "]" else { return nil }
                step = key
            default:
                return nil
            }
            steps.append(String(step))
        }
        return steps
    }

    /// The text up to the closing quotation mark, with escapes resolved.
    private static func quoted(_ rest: inout ArraySlice<Unicode.Scalar>) -> String.UnicodeScalarView? {
        let escapes: [Unicode.Scalar: Unicode.Scalar] = [
            "a": "\u{07}", "b": "\u{08}", "f": "\u{0C}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{0B}", "'": "'",
            "\\": "\\",
        ]
        var text = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            if scalar == "'" {
                return text
            }
            if scalar == "\\" {
                guard let escape = rest.popFirst(), let meant = escapes[escape] else { return nil }
                text.append(meant)
            } else {
                text.append(scalar)
            }
        }
        return nil
    }
}
