import CEL
import KubeCore

/// The formats that custom kinds' schemas know. Others are allowed and mean nothing.
enum CRDFormats {
    /// The schema's format without dashes if it is known for its type: `datetime`, `int32`.
    static func known(_ schema: Schema) -> String? {
        guard let format = schema.format else { return nil }
        if schema.isIntOrString {
            return nil
        }
        switch schema.type {
        case nil, .string?:
            let name = format.replacing("-", with: "")
            return checks[name] == nil ? nil : name
        case .integer?: return ["int32", "int64"].contains(format) ? format : nil
        case .number?: return ["float", "double"].contains(format) ? format : nil
        default: return nil
        }
    }

    /// Whether a text has a format, given as `known` gives it.
    static func matches(_ text: String, _ format: String) -> Bool {
        checks[format].map { $0(text) } ?? true
    }

    private static let checks: [String: @Sendable (String) -> Bool] = {
        var checks: [String: @Sendable (String) -> Bool] = [
            "hostname": { text in
                text.utf8.count <= 255 && hostname.matches(text)
                    && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { $0.utf8.count <= 63 }
            },
            "ipv4": { text in IPAddress(text).map { !$0.isV6 } ?? false },
            "ipv6": { text in IPAddress(text)?.isV6 ?? false },
            "cidr": { IPAddress.prefix($0) != nil },
            "isbn": { isISBN10($0) || isISBN13($0) },
            "isbn10": { isISBN10($0) },
            "isbn13": { isISBN13($0) },
            "creditcard": { isCreditCard($0) },
            "byte": { Base64.decode($0) != nil && $0.utf8.count % 4 == 0 && !$0.isEmpty },
            "password": { _ in true },
            "date": { isDate($0) },
            "datetime": { isDateTime($0) },
            "duration": { isDuration($0) },
            "k8sshortname": { NameRules.label($0).isEmpty },
            "k8slongname": { NameRules.subdomain($0).isEmpty },
        ]
        for (name, pattern) in patterns {
            guard let expression = try? RegularExpression(pattern) else { continue }
            checks[name] = { expression.matches($0) }
        }
        return checks
    }()

    private static let patterns: [String: String] = [
        "uri": #"^([a-zA-Z][a-zA-Z0-9+.-]*:[^\s]+|/[^\s]*)$"#,
        "email": #"^([^<>@\s"(),:;\[\]\\]+@[^<>@\s"(),:;\[\]\\]+|[^<>@"]*<[^<>@\s]+@[^<>@\s]+>)$"#,
        "mac": #"^([0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5,7}|[0-9A-Fa-f]{4}(\.[0-9A-Fa-f]{4}){2,3})$"#,
        "bsonobjectid": "^[0-9A-Fa-f]{24}$",
        "ssn": #"^\d{3}[- ]?\d{2}[- ]?\d{4}$"#,
        "hexcolor": "^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$",
        "rgbcolor": #"^rgb\(\s*(\d{1,2}|1\d\d|2[0-4]\d|25[0-5])\s*(,\s*(\d{1,2}|1\d\d|2[0-4]\d|25[0-5])\s*){2}\)$"#,
        "uuid": "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$",
        "uuid3": "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$",
        "uuid4": "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$",
        "uuid5": "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$",
    ]

    private struct Pattern: Sendable {
        private let expression: RegularExpression?

        init(_ pattern: String) {
            expression = try? RegularExpression(pattern)
        }

        func matches(_ text: String) -> Bool { expression?.matches(text) ?? false }
    }

    private static let hostname = Pattern(
        #"^[a-zA-Z0-9\p{S}\p{L}]([a-zA-Z0-9\p{S}\p{L}-]*[a-zA-Z0-9\p{S}\p{L}])?"#
            + #"(\.[a-zA-Z0-9\p{S}\p{L}]([a-zA-Z0-9\p{S}\p{L}-]*[a-zA-Z0-9\p{S}\p{L}])?)*$"#)

    // MARK: Times

    private static let dateShape = Pattern("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    private static let timeShape = Pattern("^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$")
    private static let looseDuration = Pattern(
        #"(?i)[0-9]+\s*(ns|nano|us|µs|micro|ms|milli|s|sec|m|min|h|hour|hr|d|day|w|week|wk)"#)

    static func isDate(_ text: String) -> Bool {
        dateShape.matches(text) && Timestamp(rfc3339: "\(text)T00:00:00Z") != nil
    }

    static func isDateTime(_ text: String) -> Bool {
        let parts = text.lowercased().split(separator: "t", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, isDate(String(parts[0])), timeShape.matches(String(parts[1])) else { return false }
        let clock = parts[1].split(separator: ":")
        guard clock.count >= 3 else { return false }
        return clock[0] <= "23" && clock[1] <= "59" && clock[2].prefix(2) <= "59"
    }

    /// A Go duration, or numbers with the units of Scala's: `3 days`.
    static func isDuration(_ text: String) -> Bool {
        if looseDuration.matches(text) {
            return true
        }
        return ["0", "+0", "-0"].contains(text)
    }

    // MARK: Check digits

    private static func digits(_ text: String) -> [Int] {
        text.utf8.filter { (0x30...0x39).contains($0) }.map { Int($0 - 0x30) }
    }

    private static func isISBN10(_ text: String) -> Bool {
        var bytes = Array(text.utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") })
        guard bytes.count == 10, let last = bytes.popLast() else { return false }
        let isX = last == UInt8(ascii: "X")
        guard bytes.allSatisfy({ (0x30...0x39).contains($0) }), isX || (0x30...0x39).contains(last) else {
            return false
        }
        var sum = (isX ? 10 : Int(last) - 0x30) * 10
        for (index, byte) in bytes.enumerated() {
            sum += (index + 1) * (Int(byte) - 0x30)
        }
        return sum % 11 == 0
    }

    private static func isISBN13(_ text: String) -> Bool {
        let bare = text.utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }
        let numbers = digits(text)
        guard bare.count == 13, numbers.count == 13 else { return false }
        let sum = numbers.enumerated().reduce(0) { $0 + $1.element * ($1.offset % 2 == 0 ? 1 : 3) }
        return sum % 10 == 0
    }

    /// The check of Luhn over 13 to 19 digits.
    private static func isCreditCard(_ text: String) -> Bool {
        let numbers = digits(text)
        guard (13...19).contains(numbers.count) else { return false }
        let sum = numbers.reversed().enumerated().reduce(0) { sum, digit in
            let doubled = digit.offset % 2 == 1 ? digit.element * 2 : digit.element
            return sum + (doubled > 9 ? doubled - 9 : doubled)
        }
        return sum % 10 == 0
    }
}
