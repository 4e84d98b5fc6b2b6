/// `base64.encode` and `base64.decode`.
enum EncoderLibrary {
    static let functions: [Function] = [
        Function("base64.encode", .global, .unary(encode)),
        Function("base64.decode", .global, .unary(decode)),
    ]

    private static func encode(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .bytes(let bytes) = value else { return nil }
        try meter.charge(bytes: bytes.count * 2)
        return .string(Base64.encode(bytes))
    }

    private static func decode(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        guard case .string(let text) = value else { return nil }
        try meter.charge(bytes: text.utf8.count)
        guard let bytes = Base64.decode(text) else {
            throw CELError(.invalidArgument, "\(value.excerpt) is not base64")
        }
        return .bytes(bytes)
    }
}

/// Base64 with the standard alphabet (RFC 4648).
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static let values: [UInt8: UInt32] = Dictionary(
        alphabet.enumerated().map { ($0.element, UInt32($0.offset)) }, uniquingKeysWith: { first, _ in first })

    /// Text with padding.
    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let group = bytes[index..<min(index + 3, bytes.count)]
            var word: UInt32 = 0
            for offset in 0..<3 {
                word = word << 8 | UInt32(group.dropFirst(offset).first ?? 0)
            }
            for place in 0..<4 {
                let isPadding = place > group.count
                text.append(isPadding ? UInt8(ascii: "=") : alphabet[Int(word >> UInt32(18 - 6 * place) & 63)])
            }
            index += 3
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of a text, with or without padding; nil for anything else.
    static func decode(_ text: String) -> [UInt8]? {
        var digits = Array(text.utf8)
        let length = digits.count
        while digits.last == UInt8(ascii: "=") {
            digits.removeLast()
        }
        let padding = length - digits.count
        guard padding == 0 || (padding <= 2 && length % 4 == 0), digits.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count * 3 / 4)
        var word: UInt32 = 0
        var bits = 0
        for digit in digits {
            guard let value = values[digit] else { return nil }
            word = (word << 6 | value) & 0xFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(bits)))
            }
        }
        return bytes
    }
}
