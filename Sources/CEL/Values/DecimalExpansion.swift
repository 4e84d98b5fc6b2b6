/// All decimal digits of a finite double, which is a binary fraction and so has an end in decimal too.
struct DecimalExpansion {
    private let isNegative: Bool
    /// Digits 0 to 9, the most significant first, without leading zeros; empty for 0.
    private let digits: [UInt8]
    /// How many of the digits stand before the point; negative when zeros follow the point.
    private let point: Int

    init(_ number: Double) {
        isNegative = number.sign == .minus
        guard number.isFinite, number != 0 else {
            (digits, point) = ([], 0)
            return
        }
        // number = significand · 2^exponent with a whole significand below 2^53.
        var exponent = Int(number.exponent) - 52
        let scaled = number.magnitude / Double(sign: .plus, exponent: max(exponent, -1074), significand: 1)
        exponent = max(exponent, -1074)
        var value = LargeNatural(UInt64(scaled))
        var places = 0
        if exponent >= 0 {
            for _ in 0..<exponent {
                value.multiply(by: 2)
            }
        } else {
            // m / 2^k = m · 5^k / 10^k
            for _ in 0..<(-exponent) {
                value.multiply(by: 5)
            }
            places = -exponent
        }
        digits = value.digits
        point = digits.count - places
    }

    /// `-12.50` with so many places after the point, rounded half to even.
    func fixed(places: Int) -> String {
        let rounded = rounded(toDigits: point + places)
        var text = String(decoding: rounded.digits.map { $0 + 0x30 }, as: UTF8.self)
        // Zeros between the last digit and the last place, or before the first digit.
        if rounded.point + places < 0 || text.isEmpty {
            text = String(repeating: "0", count: places)
        } else {
            text = String(repeating: "0", count: max(0, -rounded.point)) + text
            let wanted = max(rounded.point, 0) + places
            text += String(repeating: "0", count: max(0, wanted - text.utf8.count))
        }
        let whole = text.dropLast(places)
        let fraction = text.suffix(places)
        return (isNegative ? "-" : "") + (whole.isEmpty ? "0" : whole) + (places == 0 ? "" : "." + fraction)
    }

    /// `-1.25e+03` with so many places after the point, rounded half to even.
    func scientific(places: Int) -> String {
        let rounded = rounded(toDigits: places + 1)
        var text = String(decoding: rounded.digits.map { $0 + 0x30 }, as: UTF8.self)
        text += String(repeating: "0", count: max(0, places + 1 - text.utf8.count))
        let exponent = digits.isEmpty ? 0 : rounded.point - 1
        let power = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
        return (isNegative ? "-" : "") + text.prefix(1) + (places == 0 ? "" : "." + text.dropFirst())
            + (exponent < 0 ? "e-" : "e+") + power
    }

    private func rounded(toDigits count: Int) -> (digits: [UInt8], point: Int) {
        guard count < digits.count else { return (digits, point) }
        guard count >= 0 else { return ([], point) }
        var kept = Array(digits.prefix(count))
        let dropped = digits.dropFirst(count)
        let isTie = dropped.first == 5 && dropped.dropFirst().allSatisfy { $0 == 0 }
        let isOdd = (kept.last ?? 0) % 2 == 1
        guard let first = dropped.first, isTie ? isOdd : first >= 5 else { return (kept, point) }
        var index = kept.count - 1
        while index >= 0, kept[index] == 9 {
            kept[index] = 0
            index -= 1
        }
        if index >= 0 {
            kept[index] += 1
            return (kept, point)
        }
        kept.insert(1, at: 0)
        return (kept, point + 1)
    }
}

/// A natural number of any size, as far as `DecimalExpansion` needs one.
private struct LargeNatural {
    private static let base: UInt64 = 1_000_000_000

    /// Nine decimal digits each, the least significant first.
    private var limbs: [UInt64]

    init(_ value: UInt64) {
        var rest = value
        limbs = []
        while rest > 0 {
            limbs.append(rest % Self.base)
            rest /= Self.base
        }
    }

    mutating func multiply(by factor: UInt64) {
        var carry: UInt64 = 0
        for index in limbs.indices {
            // Below 10^9 · 5 + 4.
            let product = limbs[index] * factor + carry
            limbs[index] = product % Self.base
            carry = product / Self.base
        }
        if carry > 0 {
            limbs.append(carry)
        }
    }

    var digits: [UInt8] {
        var text = ""
        for (place, limb) in limbs.reversed().enumerated() {
            let digits = String(limb)
            text += place == 0 ? digits : String(repeating: "0", count: 9 - digits.utf8.count) + digits
        }
        return text.utf8.map { $0 - 0x30 }
    }
}
