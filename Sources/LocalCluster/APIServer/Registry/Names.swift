/// Names and identities that the server makes up.
package enum Names {
    /// Letters that form no words.
    private static let letters = Array("bcdfghjklmnpqrstvwxz2456789")

    /// Five random characters, as generated names end in.
    package static func suffix() -> String {
        String((0..<5).map { _ in letters[Int.random(in: 0..<letters.count)] })
    }

    /// A name from `metadata.generateName`: the base, cut so that five characters fit within 63.
    package static func generate(from base: String) -> String {
        String(base.prefix(58)) + suffix()
    }

    /// A random UUID, version 4.
    package static func uid() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
