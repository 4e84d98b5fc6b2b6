import CEL
import KubeCore

/// What `x-kubernetes-validations` must look like in a definition.
///
/// There is no full type checker: an expression must parse, read only fields that the schema declares, and not plainly be
/// of another type than is needed.
enum CRDExpressionRules {
    // MARK: Texts

    private static let reasons = [
        "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired",
    ]

    /// Errors of the parts of a rule that are no expressions.
    static func textErrors(_ schema: CRDSchemaText, at field: String) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, rule) in schema.rules.enumerated() {
            errors += ruleTextErrors(rule, schema, at: "\(field).x-kubernetes-validations[\(index)]")
        }
        return errors
    }

    private static func ruleTextErrors(_ json: JSON, _ schema: CRDSchemaText, at field: String) -> [FieldError] {
        var errors: [FieldError] = []
        let rule = CRDRule.trimmed(json["rule"]?.stringValue ?? "")
        let message = json["message"]?.stringValue ?? ""
        let trimmedMessage = CRDRule.trimmed(message)
        if rule.isEmpty {
            errors.append(.required("\(field).rule", "rule is not specified"))
        } else if !message.isEmpty, trimmedMessage.isEmpty {
            errors.append(.invalid("\(field).message", .string(message), "must be non-empty if specified"))
        } else if trimmedMessage.contains("\n") {
            errors.append(.invalid("\(field).message", .string(message), "must not contain line breaks"))
        } else if rule.contains("\n"), trimmedMessage.isEmpty {
            errors.append(.required("\(field).message", "message must be specified if rule contains line breaks"))
        }
        if let text = json["messageExpression"]?.stringValue, !text.isEmpty, CRDRule.trimmed(text).isEmpty {
            errors.append(
                .required("\(field).messageExpression", "messageExpression must be non-empty if specified"))
        }
        if let reason = json["reason"]?.stringValue, !reasons.contains(reason) {
            errors.append(.notSupported("\(field).reason", .string(reason), reasons))
        }
        return errors + fieldPathErrors(json, schema, at: "\(field).fieldPath")
    }

    private static func fieldPathErrors(_ json: JSON, _ schema: CRDSchemaText, at field: String) -> [FieldError] {
        guard let path = json["fieldPath"]?.stringValue, !path.isEmpty else { return [] }
        var errors: [FieldError] = []
        if CRDRule.trimmed(path).isEmpty {
            errors.append(.invalid(field, .string(path), "must be non-empty if specified"))
        }
        if path.contains("\n") {
            errors.append(.invalid(field, .string(path), "must not contain line breaks"))
        }
        if CRDFieldPath.normalized(path, in: .structural(schema.json)) == nil {
            errors.append(.invalid(field, .string(path), "must be a valid path"))
        }
        return errors
    }

    // MARK: Expressions

    /// Errors of the expressions of a structural schema.
    /// - Parameters:
    ///   - isResource: the values are whole objects, so that rules may read their metadata's names.
    ///   - uncorrelatable: the schema above within which values have no counterpart in the old object.
    static func errors(
        _ schema: CRDSchemaText, at field: String, isResource: Bool, uncorrelatable: String?
    ) -> [FieldError] {
        guard !schema.rules.isEmpty else { return [] }
        var errors: [FieldError] = []
        let checker = CRDReferenceChecker(.structural(schema.json), isResource: isResource)
        for (index, json) in schema.rules.enumerated() {
            let field = "\(field).x-kubernetes-validations[\(index)]"
            var usesOldSelf = false
            switch compile(json["rule"]?.stringValue ?? "", .bool, checker) {
            case .success(let expression):
                usesOldSelf = expression.referencedIdentifiers.contains("oldSelf")
            case .failure(let problem):
                errors.append(.invalid("\(field).rule", json, problem.message))
            }
            if let text = json["messageExpression"]?.stringValue, !text.isEmpty,
                case .failure(let problem) = compile(text, .string, checker)
            {
                errors.append(.invalid("\(field).messageExpression", json, "messageExpression \(problem.message)"))
            }
            if usesOldSelf {
                if let uncorrelatable {
                    errors.append(
                        .invalid(
                            "\(field).rule", json["rule"],
                            "oldSelf cannot be used on the uncorrelatable portion of the schema within "
                                + uncorrelatable))
                }
            } else if let isOptional = json["optionalOldSelf"], !isOptional.isNull {
                errors.append(
                    .invalid(
                        "\(field).optionalOldSelf", isOptional, "may not be set if oldSelf is not used in rule"))
            }
        }
        return errors
    }

    private struct Problem: Error {
        let message: String
    }

    private static func compile(
        _ source: String, _ type: CEL.ValueType, _ checker: CRDReferenceChecker
    ) -> Result<Expression, Problem> {
        switch CRDRule.parse(source) {
        case .failure(let error):
            return .failure(Problem(message: report(error.line, error.column, error.message)))
        case .success(let expression):
            if let problem = checker.problem(in: expression) {
                return .failure(
                    Problem(message: report(problem.position.line, problem.position.column, problem.message)))
            }
            if let found = expression.evidentType, found != type {
                let article = type == .bool ? "cel expression must evaluate to a bool" : "must evaluate to a string"
                return .failure(Problem(message: article))
            }
            return .success(expression)
        }
    }

    private static func report(_ line: Int, _ column: Int, _ message: String) -> String {
        "compilation failed: ERROR: <input>:\(line):\(column): \(message)"
    }
}

/// Whether an expression reads only what a schema declares.
struct CRDReferenceChecker {
    private let schema: Schema
    private let isResource: Bool

    init(_ schema: Schema, isResource: Bool) {
        self.schema = schema
        self.isResource = isResource
    }

    struct Problem {
        let position: SourcePosition
        let message: String
    }

    func problem(in expression: Expression) -> Problem? {
        for reference in expression.selectPaths {
            guard let variable = reference.path.first, variable == "self" || variable == "oldSelf" else {
                return Problem(
                    position: reference.position,
                    message: "undeclared reference to '\(reference.path.first ?? "")' (in container '')")
            }
            if let field = undeclaredField(in: reference.path.dropFirst()) {
                return Problem(position: reference.position, message: "undefined field '\(field)'")
            }
        }
        return nil
    }

    private func undeclaredField(in path: ArraySlice<String>) -> String? {
        var current = schema
        var isResource = isResource
        for name in path {
            if isResource, ["apiVersion", "kind", "metadata"].contains(name) {
                // Of the metadata only the names.
                let rest = path.dropFirst()
                guard name == "metadata", let field = rest.first else { return nil }
                return field == "name" || field == "generateName" ? nil : field
            }
            if current.isIntOrString || current.type == nil {
                return nil
            }
            if current.properties.isEmpty, let additional = current.additionalProperties {
                current = additional
            } else if let property = current.properties.first(where: { CRDFieldName.escaped($0.name) == name }) {
                if property.schema.type == nil, !property.schema.isIntOrString {
                    return name
                }
                current = property.schema
            } else if current.type == .object, current.properties.isEmpty, current.preservesUnknownFields {
                return nil
            } else {
                return name
            }
            isResource = current.isEmbeddedResource
        }
        return nil
    }
}
