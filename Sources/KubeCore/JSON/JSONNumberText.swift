/// Doubles in the form Kubernetes prints them.
enum JSONNumberText {
    /// The shortest digits that read back as the same finite double, laid out as Go's `encoding/json` does.
    static func text(of value: Double) -> [UInt8] {
        if value == 0 { return Array(value.sign == .minus ? "-0".utf8 : "0".utf8) }
        var (digits, point) = shortest(value.magnitude)
        var text: [UInt8] = value < 0 ? [UInt8(ascii: "-")] : []
        // `point` is where the decimal point stands relative to the first digit: 0.digits × 10^point.
        let exponent = point - 1
        if exponent < -6 || exponent >= 21 {
            text.append(digits.removeFirst())
            if !digits.isEmpty {
                text.append(UInt8(ascii: "."))
                text.append(contentsOf: digits)
            }
            text.append(UInt8(ascii: "e"))
            text.append(exponent < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
            text.append(contentsOf: String(exponent.magnitude).utf8)
        } else if point <= 0 {
            text.append(contentsOf: "0.".utf8)
            text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -point))
            text.append(contentsOf: digits)
        } else if digits.count <= point {
            text.append(contentsOf: digits)
            text.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: point - digits.count))
        } else {
            text.append(contentsOf: digits[..<point])
            text.append(UInt8(ascii: "."))
            text.append(contentsOf: digits[point...])
        }
        return text
    }

    /// The significant digits, without zeros at either end, and the place of the decimal point. The standard library's
    /// description has the shortest digits, as `1234.5`, `0.00012`, `1e+21` or `5e-324`.
    private static func shortest(_ value: Double) -> (digits: [UInt8], point: Int) {
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        let parts = value.description.utf8.split(separator: UInt8(ascii: "e"), maxSplits: 1)
        if parts.count == 2 { exponent = Int(String(decoding: parts[1], as: UTF8.self)) ?? 0 }
        if let mantissa = parts.first {
            for byte in mantissa {
                if byte == UInt8(ascii: ".") { point = digits.count } else { digits.append(byte) }
            }
        }
        var place = (point ?? digits.count) + exponent
        let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(leading)
        place -= leading
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, place)
    }
}
