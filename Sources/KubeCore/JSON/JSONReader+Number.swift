// Numbers: integers of 64 bits exactly, all others as the nearest double.

extension JSONReader {
    enum Number {
        case int(Int64)
        case double(Double)
    }

    @inline(__always)
    private func digit(at index: Int) -> UInt8? {
        guard index < end else { return nil }
        let value = base[index] &- UInt8(ascii: "0")
        return value < 10 ? value : nil
    }

    /// Reads a number at the position. Digits beyond 64 bits make a double; a magnitude beyond a double is an error,
    /// as it is to the API server.
    @inline(__always)
    mutating func readNumber() throws(JSONParseError) -> Number {
        let start = position
        var index = start
        var isNegative = false
        if index < end, base[index] == UInt8(ascii: "-") {
            isNegative = true
            index += 1
        }
        guard let first = digit(at: index) else {
            position = index
            throw failure("a digit was expected, but there is \(found())")
        }
        index += 1
        var magnitude = UInt64(first)
        var overflows = false
        if first == 0 {
            if digit(at: index) != nil { throw failure("a number may not begin with a zero", at: start) }
        } else {
            let firstDigit = index - 1
            while let next = digit(at: index) {
                // Eighteen digits always fit; only beyond them is it worth a check.
                if index - firstDigit < 18 {
                    magnitude = magnitude &* 10 &+ UInt64(next)
                } else {
                    let (product, over) = magnitude.multipliedReportingOverflow(by: 10)
                    let (sum, carry) = product.addingReportingOverflow(UInt64(next))
                    overflows = overflows || over || carry
                    magnitude = sum
                }
                index += 1
            }
        }
        if index < end, base[index] == UInt8(ascii: ".") || base[index] | 0x20 == UInt8(ascii: "e") {
            return .double(try readDouble(from: start, integerEnd: index))
        }
        if !overflows {
            if !isNegative, magnitude <= UInt64(Int64.max) {
                position = index
                return .int(Int64(magnitude))
            }
            if isNegative, magnitude <= UInt64(Int64.max) + 1 {
                position = index
                return .int(Int64(truncatingIfNeeded: 0 &- magnitude))
            }
        }
        return .double(try double(from: start, to: index))
    }

    @inline(never)
    private mutating func readDouble(from start: Int, integerEnd: Int) throws(JSONParseError) -> Double {
        var index = integerEnd
        if base[index] == UInt8(ascii: ".") {
            index += 1
            try requireDigit(at: index)
            while digit(at: index) != nil { index += 1 }
        }
        if index < end, base[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < end, base[index] == UInt8(ascii: "+") || base[index] == UInt8(ascii: "-") { index += 1 }
            try requireDigit(at: index)
            while digit(at: index) != nil { index += 1 }
        }
        return try double(from: start, to: index)
    }

    private mutating func requireDigit(at index: Int) throws(JSONParseError) {
        guard digit(at: index) == nil else { return }
        position = Swift.min(index, end)
        throw failure("a digit was expected, but there is \(found())")
    }

    private mutating func double(from start: Int, to stop: Int) throws(JSONParseError) -> Double {
        let text = String(decoding: UnsafeBufferPointer(start: base + start, count: stop - start), as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw failure("a number is out of range", at: start)
        }
        position = stop
        return value
    }
}
