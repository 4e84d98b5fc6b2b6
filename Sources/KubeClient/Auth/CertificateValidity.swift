import KubeCore

/// The end of a certificate's life, read from its DER (RFC 5280 §4.1) far enough to explain a refusal beforehand.
struct CertificateValidity: Sendable, Equatable {
    let notBefore: Timestamp
    let notAfter: Timestamp

    /// The first certificate of a PEM file; nil when it is not understood.
    init?(pem: [UInt8]) {
        let text = String(decoding: pem, as: UTF8.self)
        guard let begin = text.firstRange(of: "-----BEGIN CERTIFICATE-----"),
            let end = text[begin.upperBound...].firstRange(of: "-----END CERTIFICATE-----"),
            let der = Base64.decode(text[begin.upperBound..<end.lowerBound].utf8.filter { $0 != 32 && $0 != 9 })
        else { return nil }
        var outer = DERReader(der[...])
        guard let certificate = outer.next(0x30) else { return nil }
        var inner = DERReader(certificate)
        guard let body = inner.next(0x30) else { return nil }
        var fields = DERReader(body)
        // The version is optional; then serial number, signature algorithm and issuer come before the validity.
        if fields.peek == 0xA0 { _ = fields.next(0xA0) }
        guard fields.next(0x02) != nil, fields.next(0x30) != nil, fields.next(0x30) != nil,
            let validity = fields.next(0x30)
        else { return nil }
        var dates = DERReader(validity)
        guard let from = dates.time(), let until = dates.time() else { return nil }
        notBefore = from
        notAfter = until
    }
}

/// Walks tag-length-value records.
private struct DERReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var peek: UInt8? { rest.first }

    /// The value of the next record if it has that tag.
    mutating func next(_ tag: UInt8) -> ArraySlice<UInt8>? {
        guard rest.first == tag else { return nil }
        return any()?.value
    }

    private mutating func any() -> (tag: UInt8, value: ArraySlice<UInt8>)? {
        guard let tag = rest.popFirst(), let first = rest.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            let count = Int(first & 0x7F)
            guard (1...4).contains(count), rest.count >= count else { return nil }
            length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(count)
        }
        guard length <= rest.count else { return nil }
        defer { rest = rest.dropFirst(length) }
        return (tag, rest.prefix(length))
    }

    /// UTCTime (two digits of the year) or GeneralizedTime, both in the form `…MMDDHHMMSSZ`.
    mutating func time() -> Timestamp? {
        guard let (tag, value) = any(), tag == 0x17 || tag == 0x18 else { return nil }
        var digits = String(decoding: value, as: UTF8.self)
        if tag == 0x17 {
            guard let year = Int(digits.prefix(2)) else { return nil }
            digits = (year < 50 ? "20" : "19") + digits
        }
        let parts = Array(digits.utf8)
        guard parts.count == 15, parts.last == UInt8(ascii: "Z"), parts.dropLast().allSatisfy({ 48...57 ~= $0 }) else {
            return nil
        }
        func part(_ from: Int, _ to: Int) -> String { String(decoding: parts[from..<to], as: UTF8.self) }
        return Timestamp(
            rfc3339: "\(part(0, 4))-\(part(4, 6))-\(part(6, 8))T\(part(8, 10)):\(part(10, 12)):\(part(12, 14))Z")
    }
}
