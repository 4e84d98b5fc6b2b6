import KubeCore

/// Bounds and multiples of numbers.
///
/// Whole numbers are compared with a bound cut to a whole number, as kube-openapi does: with `multipleOf: 0.5` every
/// whole number is refused.
struct CRDNumberRules {
    private let schema: Schema
    private let name: String
    private let validator: CRDValueValidator
    /// Only a schema of exactly one type limits the range.
    private let type: Schema.ValueType?

    init(_ node: CRDSchemaNode, name: String, validator: CRDValueValidator) {
        schema = node.schema
        self.name = name
        self.validator = validator
        type = node.types.count == 1 ? node.types.first : nil
    }

    func errors(of value: JSON) -> [FieldError] {
        guard let number = value.doubleValue else { return [] }
        var errors = rangeError(value, "Checked").map { [$0] } ?? []
        if let factor = schema.multipleOf {
            errors += multipleErrors(value, number, factor)
        }
        if let bound = schema.maximum {
            errors += boundErrors(value, number, bound, isUpper: true, isExclusive: schema.exclusiveMaximum)
        }
        if let bound = schema.minimum {
            errors += boundErrors(value, number, bound, isUpper: false, isExclusive: schema.exclusiveMinimum)
        }
        return errors
    }

    // MARK: Range of the type

    private func rangeError(_ value: JSON, _ what: String) -> FieldError? {
        guard let type, !fits(value, type) else { return nil }
        let format = CRDFormats.known(schema)
        let suffix = format.map { " with format \($0)" } ?? " (default format)"
        return validator.general("\(what) value must be of type \(type.rawValue)\(suffix) in \(name)")
    }

    private func fits(_ value: JSON, _ type: Schema.ValueType) -> Bool {
        switch type {
        case .integer:
            guard let whole = Self.wholeNumber(value) else { return false }
            return CRDFormats.known(schema) != "int32" || Int32(exactly: whole) != nil
        case .number:
            return CRDFormats.known(schema) != "float" || Float(value.doubleValue ?? 0).isFinite
        default:
            return true
        }
    }

    private static func wholeNumber(_ value: JSON) -> Int64? {
        switch value {
        case .int(let number): number
        case .double(let number): Int64(exactly: number)
        default: nil
        }
    }

    /// Whether a double is a whole number that doubles hold exactly, up to rounding errors.
    static func isWhole(_ number: Double) -> Bool {
        guard number.isFinite, number.magnitude <= 0x1p53 else { return false }
        let whole = number.rounded(.towardZero)
        if number == whole {
            return true
        }
        let difference = (number - whole).magnitude
        return difference / (number.magnitude + whole.magnitude) < 1e-9
    }

    // MARK: Bounds

    private func boundErrors(
        _ value: JSON, _ number: Double, _ bound: Double, isUpper: Bool, isExclusive: Bool
    ) -> [FieldError] {
        let what = isUpper ? "Maximum boundary" : "Minimum boundary"
        let rangeError = rangeError(.double(bound), what)
        var errors = rangeError.map { [$0] } ?? []
        let isBroken: Bool
        var text = Self.text(bound)
        if rangeError == nil, case .int(let whole) = value {
            let limit = Int64(clamping: bound)
            isBroken =
                isUpper
                ? whole > limit || (isExclusive && whole == limit)
                : whole < limit || (isExclusive && whole == limit)
            text = String(limit)
        } else {
            isBroken =
                isUpper
                ? number > bound || (isExclusive && number == bound)
                : number < bound || (isExclusive && number == bound)
        }
        if isBroken {
            let comparison = isUpper ? "less than" : "greater than"
            let relation = isExclusive ? comparison : "\(comparison) or equal to"
            errors.append(validator.invalid(name, value, "should be \(relation) \(text)"))
        }
        return errors
    }

    private func multipleErrors(_ value: JSON, _ number: Double, _ factor: Double) -> [FieldError] {
        let rangeError = rangeError(.double(factor), "MultipleOf")
        var errors = rangeError.map { [$0] } ?? []
        if rangeError == nil, case .int(let whole) = value {
            let divisor = Int64(clamping: factor)
            if divisor <= 0 {
                errors.append(notPositive(.int(divisor), String(divisor)))
            } else if whole % divisor != 0 {
                errors.append(validator.invalid(name, value, "should be a multiple of \(divisor)"))
            }
            return errors
        }
        if factor <= 0 {
            errors.append(notPositive(.double(factor), Self.text(factor)))
        } else if !Self.isWhole(factor < 1 ? 1 / factor * number : number / factor) {
            errors.append(validator.invalid(name, value, "should be a multiple of \(Self.text(factor))"))
        }
        return errors
    }

    private func notPositive(_ factor: JSON, _ text: String) -> FieldError {
        .invalid(validator.field(name), factor, "factor MultipleOf declared for \(name) must be positive: \(text)")
    }

    /// A bound as Go prints it: without a fraction where it has none.
    private static func text(_ number: Double) -> String {
        if let whole = Int64(exactly: number), whole.magnitude < 1_000_000_000_000_000_000 {
            return String(whole)
        }
        return JSON.double(number).encodedString(.compact)
    }
}

extension Int64 {
    /// The whole part of a double, or the nearest end of the range.
    fileprivate init(clamping number: Double) {
        if number >= 0x1p63 {
            self = .max
        } else if number < -0x1p63 {
            self = .min
        } else {
            self = number.isNaN ? 0 : Int64(number)
        }
    }
}
