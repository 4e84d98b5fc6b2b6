/// The syntax of names in Kubernetes (`k8s.io/apimachinery/pkg/util/validation`).
public enum LabelSyntax {
    /// A label's key or an annotation's: an optional DNS prefix with a slash, then at most 63 of letters, digits,
    /// `-`, `_`, `.`, with a letter or digit at both ends.
    public static func isQualifiedName(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return isNamePart(parts[0])
        case 2: return isDNSSubdomain(parts[0]) && isNamePart(parts[1])
        default: return false
        }
    }

    /// A label's value: empty, or like the last part of a key.
    public static func isLabelValue(_ text: String) -> Bool { text.isEmpty || isNamePart(text) }

    /// RFC 1123 label: at most 63 of lower-case letters, digits and `-`, with a letter or digit at both ends.
    public static func isDNSLabel(_ text: some StringProtocol) -> Bool {
        check(text, limit: 63) {
            isLowerAlphanumeric($0) || $0 == UInt8(ascii: "-")
        } ends: {
            isLowerAlphanumeric($0)
        }
    }

    /// RFC 1035 label, the name of a service: like `isDNSLabel`, and beginning with a letter.
    public static func isDNS1035Label(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, !isDigit(first) else { return false }
        return isDNSLabel(text)
    }

    /// RFC 1123 subdomain: at most 253 of DNS labels joined by dots (each of any length, as Kubernetes has it).
    public static func isDNSSubdomain(_ text: some StringProtocol) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 253 else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
            check(part, limit: 253) {
                isLowerAlphanumeric($0) || $0 == UInt8(ascii: "-")
            } ends: {
                isLowerAlphanumeric($0)
            }
        }
    }

    private static func isNamePart(_ text: some StringProtocol) -> Bool {
        check(text, limit: 63) {
            isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
        } ends: {
            isAlphanumeric($0)
        }
    }

    private static func check(
        _ text: some StringProtocol, limit: Int, _ inside: (UInt8) -> Bool, ends: (UInt8) -> Bool
    ) -> Bool {
        guard text.utf8.count <= limit else { return false }
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last else { return false }
        return ends(first) && ends(last) && bytes.allSatisfy(inside)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLowerAlphanumeric(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
}
