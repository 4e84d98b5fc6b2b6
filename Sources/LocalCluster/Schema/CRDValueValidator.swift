import CEL
import KubeCore

/// Validates values against a structural schema's value rules: types, bounds, patterns, required fields, combinations.
///
/// The messages, and which error of a combination is shown, are those of k8s.io/kube-openapi, which a client may have
/// learnt to read.
struct CRDValueValidator {
    /// The path of the value in the object that errors speak of; nil for the whole object.
    let prefix: String?

    /// Errors, and how many checks succeeded: of the branches of `anyOf` and `oneOf` that fail, the one that came
    /// furthest explains the failure.
    struct Outcome {
        var errors: [FieldError] = []
        var successes = 0

        mutating func merge(_ other: Outcome) {
            errors += other.errors
            successes += other.successes
        }
    }

    /// - Parameter old: the value that this one replaces; parts equal to its parts are accepted as they are.
    func validate(_ value: JSON, old: JSON?, against node: CRDSchemaNode) -> [FieldError] {
        ratcheted(value, old: old, node, at: "").errors
    }

    // MARK: Errors

    /// The path for errors at a name, which starts with a dot where a map is the root.
    func field(_ name: String) -> String {
        let name = name.hasPrefix(".") ? String(name.dropFirst()) : name
        guard let prefix else { return name.isEmpty ? "<nil>" : name }
        return name.isEmpty ? prefix : "\(prefix).\(name)"
    }

    func invalid(_ name: String, _ value: JSON?, _ complaint: String) -> FieldError {
        .invalid(field(name), value ?? "", "\(name) in body \(complaint)")
    }

    /// An error that is about no field in particular.
    func general(_ message: String) -> FieldError {
        .invalid(prefix ?? "<nil>", "", message)
    }

    private func wrongType(_ name: String, _ expected: String, _ found: String) -> FieldError {
        .typeInvalid(
            field(name), .string(found), "\(name) in body must be of type \(expected): \(FieldError.quoted(found))")
    }

    // MARK: Values

    /// The outcome for a value, without errors when the value is the old one.
    func ratcheted(_ value: JSON, old: JSON?, _ node: CRDSchemaNode, at name: String) -> Outcome {
        var outcome = evaluate(value, old: old, node, at: name)
        if !outcome.errors.isEmpty, old == value {
            outcome.errors = []
        }
        return outcome
    }

    func evaluate(_ value: JSON, old: JSON?, _ node: CRDSchemaNode, at name: String) -> Outcome {
        var outcome = Outcome()
        if value.isNull {
            outcome.merge(checkType(value, node, at: name))
            outcome.errors += checkEnumeration(value, node, at: name)
            return outcome
        }
        if !node.types.isEmpty || node.schema.format != nil {
            outcome.merge(checkType(value, node, at: name))
            outcome.successes += 1
        }
        outcome.merge(checkCombinations(value, old: old, node, at: name))
        outcome.successes += 1
        switch value {
        case .string(let text):
            outcome.errors += checkText(text, node, at: name)
            outcome.successes += 1
            if let format = CRDFormats.known(node.schema) {
                outcome.successes += 1
                if !CRDFormats.matches(text, format) {
                    outcome.errors.append(wrongType(name, node.schema.format ?? format, text))
                }
            }
        case .int, .double:
            outcome.errors += CRDNumberRules(node, name: name, validator: self).errors(of: value)
            outcome.successes += 2
        case .array(let elements):
            outcome.merge(checkElements(elements, old: old, node, at: name))
            outcome.successes += 1
        default:
            break
        }
        outcome.errors += checkEnumeration(value, node, at: name)
        outcome.successes += 1
        if case .object(let object) = value {
            outcome.merge(checkMembers(object, old: old, node, at: name))
            outcome.successes += 1
        }
        outcome.successes += 1
        return outcome
    }

    private func checkType(_ value: JSON, _ node: CRDSchemaNode, at name: String) -> Outcome {
        let types = node.types
        let expected = types.map(\.rawValue).joined(separator: ",")
        var success = Outcome()
        success.successes = 1
        let found: Schema.ValueType
        var isWholeNumber = false
        switch value {
        case .null:
            if types.isEmpty || node.schema.isNullable {
                return success
            }
            return Outcome(errors: [wrongType(name, expected, "null")])
        case .bool: found = .boolean
        case .int: found = .integer
        case .double(let number):
            found = .number
            isWholeNumber = CRDNumberRules.isWhole(number)
        case .string: found = .string
        case .array: found = .array
        case .object: found = .object
        }
        let isNumberForType =
            (isWholeNumber && types.contains(.integer)) || (found == .integer && types.contains(.number))
        let format = CRDFormats.known(node.schema) == nil ? nil : node.schema.format
        if let format {
            let isNumeric = types.contains(.number) || types.contains(.integer)
            if found == .string || found == .array {
                // What has a format of text is left to the format.
                if !isNumeric {
                    return success
                }
            } else if !types.contains(found), !isNumberForType {
                return Outcome(errors: [wrongType(name, format, Self.formatName(found))])
            }
        }
        if types.contains(found) || isNumberForType {
            return success
        }
        return Outcome(errors: [wrongType(name, expected, found.rawValue)])
    }

    /// What kube-openapi takes the format of a value to be.
    private static func formatName(_ type: Schema.ValueType) -> String {
        switch type {
        case .integer: "int64"
        case .number: "float64"
        default: ""
        }
    }

    private func checkEnumeration(_ value: JSON, _ node: CRDSchemaNode, at name: String) -> [FieldError] {
        let allowed = node.schema.enumeration
        if allowed.isEmpty {
            return []
        }
        // Null is never among the values, even where the enumeration names it.
        if !value.isNull, allowed.contains(where: { Self.isSame($0, value) }) {
            return []
        }
        return [.notSupported(field(name), value, allowed.map { $0.stringValue ?? $0.encodedString(.compact) })]
    }

    /// Equality in which `1` and `1.0` are the same number.
    private static func isSame(_ left: JSON, _ right: JSON) -> Bool {
        switch (left, right) {
        case (.int, .double), (.double, .int): left.doubleValue == right.doubleValue
        default: left == right
        }
    }

    /// The first of: too long, too short, does not match.
    private func checkText(_ text: String, _ node: CRDSchemaNode, at name: String) -> [FieldError] {
        let schema = node.schema
        if schema.maxLength != nil || schema.minLength != nil {
            let length = Int64(text.unicodeScalars.count)
            if let limit = schema.maxLength, length > limit {
                return [.tooLong(field(name), maxBytes: limit)]
            }
            if let limit = schema.minLength, length < limit {
                return [invalid(name, .string(text), "should be at least \(limit) chars long")]
            }
        }
        if let pattern = node.pattern, !pattern.matches(text) {
            return [invalid(name, .string(text), "should match '\(pattern.pattern)'")]
        }
        return []
    }
}
