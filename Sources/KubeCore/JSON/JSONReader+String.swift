// Strings and keys. A string without escapes is found with eight bytes a step (SWAR) and copied once.

extension JSONReader {
    /// Finds the end of a string from its first byte: the position of the first quote, backslash or control character,
    /// and whether bytes outside ASCII came before it.
    @inline(__always)
    func scanPlain(from start: Int) -> (stop: Int, isASCII: Bool) {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var index = start
        var seen: UInt64 = 0
        while end - index >= 8 {
            let word = UInt64(
                littleEndian: UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            // Each term has the high bit of a byte set when the byte is zero (or below 0x20); borrows can set it too,
            // but only in bytes after a true one, and the first is all that is used.
            let stops =
                (((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
                    | ((word &- (ones &* 0x20)) & ~word)) & highs
            if stops != 0 {
                let within = stops.trailingZeroBitCount >> 3
                let before = within == 0 ? 0 : word & (~0 >> UInt64(64 - within * 8))
                return (index + within, (seen | before) & highs == 0)
            }
            seen |= word
            index += 8
        }
        var high = seen & highs != 0
        while index < end {
            let byte = base[index]
            if byte == 0x22 || byte == 0x5C || byte < 0x20 { break }
            if byte >= 0x80 { high = true }
            index += 1
        }
        return (index, !high)
    }

    /// Reads a string whose opening quote is at the position.
    @inline(__always)
    mutating func readStringBody() throws(JSONParseError) -> String {
        let start = position + 1
        let (stop, isASCII) = scanPlain(from: start)
        if stop < end, base[stop] == 0x22 {
            position = stop + 1
            let bytes = UnsafeBufferPointer(start: base + start, count: stop - start)
            if isASCII { return String(decoding: bytes, as: UTF8.self) }
            return try validated(bytes, at: start)
        }
        return try readEscapedString(from: start, plainEnd: stop)
    }

    private func validated(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) throws(JSONParseError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw failure("a string is not valid UTF-8", at: start)
        }
        return text
    }

    /// The slow path: at `plainEnd` there is an escape, a control character or the end of the document.
    @inline(never)
    private mutating func readEscapedString(from start: Int, plainEnd: Int) throws(JSONParseError) -> String {
        var text: [UInt8] = []
        var from = start
        var stop = plainEnd
        while true {
            text.append(contentsOf: UnsafeBufferPointer(start: base + from, count: stop - from))
            position = stop
            guard stop < end else { throw failure("a string does not end", at: start - 1) }
            let byte = base[stop]
            if byte == 0x22 { break }
            guard byte == 0x5C else {
                throw failure("a control character (\(found())) in a string has to be escaped")
            }
            try readEscape(into: &text)
            from = position
            stop = scanPlain(from: from).stop
        }
        position += 1
        return try text.withUnsafeBufferPointer { bytes throws(JSONParseError) in try validated(bytes, at: start) }
    }

    /// Reads one escape whose backslash is at the position.
    private mutating func readEscape(into text: inout [UInt8]) throws(JSONParseError) {
        guard position + 1 < end else { throw failure("the document ends inside a string") }
        let plain: UInt8
        switch base[position + 1] {
        case UInt8(ascii: "\""): plain = 0x22
        case UInt8(ascii: "\\"): plain = 0x5C
        case UInt8(ascii: "/"): plain = 0x2F
        case UInt8(ascii: "b"): plain = 0x08
        case UInt8(ascii: "f"): plain = 0x0C
        case UInt8(ascii: "n"): plain = 0x0A
        case UInt8(ascii: "r"): plain = 0x0D
        case UInt8(ascii: "t"): plain = 0x09
        case UInt8(ascii: "u"):
            let scalar = try readUnicodeEscape()
            text.append(contentsOf: String(Character(scalar)).utf8)
            return
        default: throw failure("an unknown escape in a string")
        }
        text.append(plain)
        position += 2
    }

    /// Reads `\uXXXX`, or two of them that are a surrogate pair. A lone surrogate is no text, hence an error.
    private mutating func readUnicodeEscape() throws(JSONParseError) -> Unicode.Scalar {
        let start = position
        let first = try readHex4(at: position + 2)
        position += 6
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, position + 1 < end, base[position] == 0x5C, base[position + 1] == UInt8(ascii: "u")
        else { throw failure("a surrogate without its partner in a string", at: start) }
        let second = try readHex4(at: position + 2)
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw failure("a surrogate without its partner in a string", at: start) }
        position += 6
        return scalar
    }

    private func readHex4(at start: Int) throws(JSONParseError) -> UInt32 {
        var value: UInt32 = 0
        for index in start..<(start + 4) {
            guard index < end, let digit = Self.hexDigit(base[index]) else {
                throw failure("four hexadecimal digits were expected after `\\u`", at: start)
            }
            value = value << 4 | digit
        }
        return value
    }

    private static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// Reads over a string whose opening quote is at the position, checking it all the same.
    mutating func skipStringBody() throws(JSONParseError) {
        let (stop, isASCII) = scanPlain(from: position + 1)
        if isASCII, stop < end, base[stop] == 0x22 {
            position = stop + 1
        } else {
            _ = try readStringBody()
        }
    }

    /// Reads a key and its colon; gives the key's slot in the table.
    @inline(__always)
    mutating func readKey() throws(JSONParseError) -> Int {
        guard position < end, base[position] == 0x22 else {
            throw failure("a key was expected, but there is \(found())")
        }
        let start = position + 1
        let (stop, isASCII) = scanPlain(from: start)
        let slot: Int
        if isASCII, stop < end, base[stop] == 0x22 {
            slot = keys.intern(base + start, count: stop - start)
            position = stop + 1
        } else {
            slot = keys.put(try readStringBody())
        }
        try readColon()
        return slot
    }

    mutating func skipKey() throws(JSONParseError) {
        guard position < end, base[position] == 0x22 else {
            throw failure("a key was expected, but there is \(found())")
        }
        try skipStringBody()
        try readColon()
    }
}
