extension Value {
    /// The text that `string()` makes of the value, or nil for those that it does not take.
    var plainText: String? {
        switch self {
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .uint(let value): String(value)
        case .double(let value): Self.text(of: value)
        case .string(let value): value
        case .timestamp(let value): value.text
        case .duration(let value): value.text
        case .quantity(let value): value.description
        default: nil
        }
    }

    /// A double as the language writes it: the shortest digits that read back the same, with an exponent where that
    /// is below -4 or above 5, as Go and hence Kubernetes do.
    static func text(of number: Double, withExponent: Bool = true) -> String {
        if number.isNaN {
            return "NaN"
        }
        if number.isInfinite {
            return number < 0 ? "-Inf" : "+Inf"
        }
        let (digits, exponent) = shortestDigits(of: number.magnitude)
        let sign = number.sign == .minus ? "-" : ""
        if withExponent, exponent < -4 || exponent >= 6 {
            let fraction = digits.dropFirst()
            let power = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
            return sign + digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction)
                + "e" + (exponent < 0 ? "-" : "+") + power
        }
        if exponent < 0 {
            return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits
        }
        if digits.count <= exponent + 1 {
            return sign + digits + String(repeating: "0", count: exponent + 1 - digits.count)
        }
        return sign + digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
    }

    /// The shortest significant digits of a number that is not negative, and the power of ten of the first of them.
    private static func shortestDigits(of number: Double) -> (digits: String, exponent: Int) {
        if number == 0 {
            return ("0", 0)
        }
        // Swift's description has the shortest digits, as 123.0, 1e-05 or 1.5e+20.
        let parts = number.description.split(separator: "e", maxSplits: 1)
        let mantissa = parts.first ?? "0"
        var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let halves = mantissa.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let whole = halves.first ?? "0"
        let fraction = halves.count > 1 ? halves[1] : ""
        let all = whole + fraction
        exponent += whole.count - 1
        let leadingZeros = all.prefix { $0 == "0" }.count
        exponent -= leadingZeros
        var digits = String(all.dropFirst(leadingZeros))
        while digits.count > 1, digits.hasSuffix("0") {
            digits.removeLast()
        }
        return (digits, exponent)
    }
}
