import CEL
import KubeCore

/// Runs the CEL rules of a schema over an object and its old state.
struct CRDRuleEvaluator {
    /// Steps for one expression, and for all of one object: in Kubernetes a million and ten million units of its own.
    private static let limit = CostLimit(steps: 1_000_000)
    private static let budget = 10_000_000
    private static let maxMessageBytes = 5 * 1024

    private var remaining = Self.budget

    /// - Parameters:
    ///   - old: the state before; nil on creation, and where a value has no counterpart in it.
    ///   - path: where the value stands; nil for the whole object.
    ///   - isRoot: the value is a whole object, whose metadata the rules may read.
    mutating func validate(
        _ value: JSON, old: JSON?, _ node: CRDSchemaNode, at path: String?, isRoot: Bool
    ) -> [FieldError] {
        guard node.hasRules, !value.isNull, remaining > 0 else { return [] }
        var errors = check(value, old: old, node, at: path, isRoot: isRoot)
        for branch in node.allOf {
            errors += validate(value, old: old, branch, at: path, isRoot: isRoot)
        }
        switch value {
        case .object(let object):
            for (name, member) in object {
                let isProperty = node.properties[name] != nil
                guard let field = node.field(name), field.hasRules else { continue }
                let fieldPath = isProperty ? path.map { "\($0).\(name)" } ?? name : "\(path ?? "")[\(name)]"
                let counterpart = CRDCorrelation.member(name, of: old, node.schema, isRoot: path == nil)
                errors += validate(
                    member, old: counterpart, field, at: fieldPath, isRoot: field.schema.isEmbeddedResource)
            }
        case .array(let elements):
            guard let items = node.items, items.hasRules else { return errors }
            let counterparts = CRDCorrelation(old, node.schema)
            for (index, element) in elements.enumerated() {
                errors += validate(
                    element, old: counterparts.element(for: element), items, at: "\(path ?? "")[\(index)]",
                    isRoot: items.schema.isEmbeddedResource)
            }
        default:
            break
        }
        return errors
    }

    private mutating func check(
        _ value: JSON, old: JSON?, _ node: CRDSchemaNode, at path: String?, isRoot: Bool
    ) -> [FieldError] {
        guard !node.rules.isEmpty else { return [] }
        let old = old.flatMap { $0.isNull ? nil : $0 }
        let isUnchanged = old == value
        let values = CRDRuleValues(isRoot: isRoot)
        let current = values.value(value, node.schema)
        let previous = old.map { values.value($0, node.schema) }
        var errors: [FieldError] = []
        for rule in node.rules {
            let isOptional = rule.rule.optionalOldSelf ?? false
            if rule.usesOldSelf, previous == nil, !isOptional {
                continue
            }
            guard remaining > 0 else {
                errors.append(
                    invalid(
                        path, node,
                        "validation failed due to running out of cost budget, no further validation rules will be run"))
                break
            }
            var bindings: Bindings = ["self": current]
            bindings["oldSelf"] = isOptional ? .optional(previous) : previous
            switch run(rule, bindings) {
            case .success(true):
                break
            case .success(false):
                // What was there before and is as it was is not held against the new object.
                if rule.usesOldSelf || !isUnchanged {
                    errors.append(failure(of: rule, bindings, value, node, at: path))
                }
            case .failure(let problem):
                errors.append(invalid(path, node, problem.message))
            }
        }
        return errors
    }

    private struct Problem: Error {
        let message: String
    }

    private mutating func run(_ rule: CRDRule, _ bindings: Bindings) -> Result<Bool, Problem> {
        do {
            let expression = try rule.expression.get()
            let (value, steps) = try expression.measured(bindings, limits: limit)
            remaining -= steps
            guard case .bool(let holds) = value else {
                return .failure(Problem(message: "rule compile error: cel expression must evaluate to a bool"))
            }
            return .success(holds)
        } catch let error as CELError {
            switch error.code {
            case .noSuchOverload:
                return .failure(
                    Problem(
                        message: "'\(error.message)': call arguments did not match a supported operator, function or "
                            + "macro signature for rule: \(rule.name)"))
            case .costLimitExceeded:
                remaining = 0
                return .failure(
                    Problem(
                        message: "'operation cancelled: actual cost limit exceeded': no further validation rules will "
                            + "be run due to call cost exceeds limit for rule: \(rule.name)"))
            default:
                return .failure(Problem(message: "\(error.message) evaluating rule: \(rule.name)"))
            }
        } catch {
            return .failure(Problem(message: "rule compile error: compilation failed: \(error)"))
        }
    }

    private var limit: CostLimit { CostLimit(steps: min(Self.limit.steps, remaining)) }

    private mutating func failure(
        of rule: CRDRule, _ bindings: Bindings, _ value: JSON, _ node: CRDSchemaNode, at path: String?
    ) -> FieldError {
        var field = path ?? "<nil>"
        if let below = rule.fieldPath, !below.isEmpty {
            field = path.map { "\($0).\(below)" } ?? below
        }
        let detail = messageText(of: rule, bindings) ?? rule.message
        let isStructure = node.schema.type == .object || node.schema.type == .array
        switch rule.rule.reason {
        case "FieldValueForbidden"?: return .forbidden(field, detail)
        case "FieldValueRequired"?: return .required(field, detail)
        case "FieldValueDuplicate"?: return .duplicate(field, value)
        default: break
        }
        // Of objects and lists the value is left out.
        return isStructure
            ? FieldError(.invalid, field, message: "Invalid value: \(detail)") : .invalid(field, value, detail)
    }

    /// What `messageExpression` makes of the values; nil when it fails or gives no single line of text.
    private mutating func messageText(of rule: CRDRule, _ bindings: Bindings) -> String? {
        guard let expression = rule.messageExpression,
            let (value, steps) = try? expression.measured(bindings, limits: limit)
        else { return nil }
        remaining -= steps
        guard case .string(let text) = value else { return nil }
        let message = CRDRule.trimmed(text)
        let isLine = !message.isEmpty && message.utf8.count <= Self.maxMessageBytes && !message.contains("\n")
        return isLine ? message : nil
    }

    /// An error of the rule itself, which names the type in place of the value.
    private func invalid(_ path: String?, _ node: CRDSchemaNode, _ detail: String) -> FieldError {
        .invalid(path ?? "<nil>", .string(node.schema.type?.rawValue ?? ""), detail)
    }
}
