import KubeCore

/// Checks that several kinds make of their fields.
enum FieldChecks {
    /// `supported` is listed in the order given.
    static func oneOf(_ value: String, _ supported: [String], _ field: String) -> [FieldError] {
        supported.contains(value) ? [] : [.notSupported(field, .string(value), supported)]
    }

    static func notNegative(_ value: Int64?, _ field: String) -> [FieldError] {
        guard let value, value < 0 else { return [] }
        return [.invalid(field, .int(value), "must be greater than or equal to 0")]
    }

    static func positive(_ value: Int64?, _ field: String) -> [FieldError] {
        guard let value, value <= 0 else { return [] }
        return [.invalid(field, .int(value), "must be greater than 0")]
    }

    static func names(_ value: String, _ field: String, _ rule: (String) -> [String]) -> [FieldError] {
        rule(value).map { .invalid(field, .string(value), $0) }
    }

    static func address(_ value: String, _ field: String) -> [FieldError] {
        IPAddress(value) == nil ? [.invalid(field, .string(value), IPAddress.reason)] : []
    }

    static func immutable(_ new: JSON?, _ old: JSON?, _ field: String) -> [FieldError] {
        new == old ? [] : [.invalid(field, new, ObjectMetaRules.immutableReason)]
    }

    /// A LabelSelector (`matchLabels`, `matchExpressions`).
    static func selector(_ selector: JSON?, _ field: String) -> [FieldError] {
        guard let selector else { return [] }
        var errors = ObjectMetaRules.labels(selector["matchLabels"], "\(field).matchLabels")
        for (index, expression) in selector.elements("matchExpressions").enumerated() {
            let field = "\(field).matchExpressions[\(index)]"
            let values = expression.elements("values")
            switch expression.text("operator") {
            case "In", "NotIn":
                if values.isEmpty {
                    errors.append(
                        .required("\(field).values", "must be specified when `operator` is 'In' or 'NotIn'"))
                }
            case "Exists", "DoesNotExist":
                if !values.isEmpty {
                    errors.append(
                        .forbidden(
                            "\(field).values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
                }
            default:
                errors.append(
                    .invalid("\(field).operator", expression["operator"] ?? "", "not a valid selector operator"))
            }
            errors += names(expression.text("key"), "\(field).key", NameRules.qualifiedName)
            for (place, value) in values.enumerated() {
                errors += names(value.stringValue ?? "", "\(field).values[\(place)]", NameRules.labelValue)
            }
        }
        return errors
    }
}
