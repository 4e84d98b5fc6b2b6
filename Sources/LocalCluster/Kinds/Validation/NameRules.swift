import KubeCore

/// The forms that Kubernetes demands of names and keys. Every check gives the reasons why a text is refused, worded as
/// Kubernetes words them; none when it is fine.
package enum NameRules {
    /// Lower-case dotted names, the usual form of object names.
    package static func subdomain(_ text: String) -> [String] {
        var reasons: [String] = []
        if text.utf8.count > 253 { reasons.append(tooLongName(253)) }
        if !isSubdomain(text) { reasons.append(subdomainReason) }
        return reasons
    }

    /// One lower-case word: names of namespaces, containers, volumes.
    package static func label(_ text: String) -> [String] {
        var reasons: [String] = []
        if text.utf8.count > 63 { reasons.append(tooLongName(63)) }
        if !isLabel(text[...]) {
            reasons.append(
                text.contains(".") && text.split(separator: ".").allSatisfy(isLabel)
                    ? "must not contain dots" : labelReason)
        }
        return reasons
    }

    /// A word that starts with a letter: names of Services.
    package static func label1035(_ text: String) -> [String] {
        var reasons: [String] = []
        if text.utf8.count > 63 { reasons.append(tooLongName(63)) }
        if !(isLabel(text[...]) && text.utf8.first.map(isLower) == true) {
            reasons.append(
                "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
                    + "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex "
                    + "used for "
                    + "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')")
        }
        return reasons
    }

    /// What may be one segment of a URL path: names of roles and bindings.
    package static func pathSegment(_ text: String) -> [String] {
        if text == "." || text == ".." { return ["may not be '\(text)'"] }
        return ["/", "%"].filter { text.contains($0) }.map { "may not contain '\($0)'" }
    }

    /// `[prefix/]name`: label and annotation keys, resource names, finalizers.
    package static func qualifiedName(_ text: String) -> [String] {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        var reasons: [String] = []
        var name = Substring(text)
        switch parts.count {
        case 1: break
        case 2:
            name = parts[1]
            if parts[0].isEmpty {
                reasons.append("prefix part " + empty)
            } else {
                reasons += subdomain(String(parts[0])).map { "prefix part " + $0 }
            }
        default:
            return [
                "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and "
                    + "end with "
                    + "an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
                    + "validation "
                    + "is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' "
                    + "(e.g. 'example.com/MyName')"
            ]
        }
        if name.isEmpty {
            reasons.append("name part " + empty)
        } else if name.utf8.count > 63 {
            reasons.append("name part " + tooLong(63))
        }
        if !isWord(name) || name.isEmpty {
            reasons.append(
                "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
                    + "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
                    + "validation is "
                    + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')")
        }
        return reasons
    }

    package static func labelValue(_ text: String) -> [String] {
        var reasons: [String] = []
        if text.utf8.count > 63 { reasons.append(tooLong(63)) }
        if !isWord(text[...]) {
            reasons.append(
                "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
                    + "and must "
                    + "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or "
                    + "'12345', regex "
                    + "used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")
        }
        return reasons
    }

    /// Keys of ConfigMaps and Secrets.
    package static func dataKey(_ text: String) -> [String] {
        var reasons: [String] = []
        if text.utf8.count > 253 { reasons.append(tooLong(253)) }
        let isValid = !text.isEmpty && text.utf8.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
        if !isValid {
            reasons.append(
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
                    + "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')")
        }
        if text == "." {
            reasons.append("must not be '.'")
        } else if text == ".." {
            reasons.append("must not be '..'")
        } else if text.hasPrefix("..") {
            reasons.append("must not start with '..'")
        }
        return reasons
    }

    /// Names of environment variables: any printable ASCII but `=`.
    package static func environmentVariable(_ text: String) -> [String] {
        let isValid = !text.isEmpty && text.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") }
        return isValid
            ? []
            : [
                "a valid environment variable name must consist only of printable ASCII characters other than '=' "
                    + "(regex used for validation is '^[ -<>-~]+$')"
            ]
    }

    /// Names of container and service ports.
    package static func portName(_ text: String) -> [String] {
        var reasons: [String] = []
        if text.utf8.count > 15 { reasons.append(tooLongName(15)) }
        let bytes = Array(text.utf8)
        if !bytes.allSatisfy({ isLower($0) || isDigit($0) || $0 == hyphen }) || bytes.isEmpty {
            reasons.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
        }
        if !bytes.contains(where: isLower) { reasons.append("must contain at least one letter (a-z)") }
        if text.contains("--") { reasons.append("must not contain consecutive hyphens") }
        if bytes.first == hyphen || bytes.last == hyphen {
            reasons.append("must not begin or end with a hyphen")
        }
        return reasons
    }

    package static func portNumber(_ number: Int64) -> [String] {
        (1...65535).contains(number) ? [] : ["must be between 1 and 65535, inclusive"]
    }

    /// The name without what a generated suffix will follow, so that it can be checked by the rule of a whole name.
    package static func maskTrailingDash(_ text: String) -> String {
        text.utf8.count > 1 && text.hasSuffix("-") ? String(text.dropLast(2)) + "a" : text
    }
}

extension NameRules {
    static let empty = "must be non-empty"
    static let subdomainReason =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
        + "start and "
        + "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
        + #"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"#
    static let labelReason =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start "
        + "and end with "
        + "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
        + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

    static func tooLong(_ limit: Int) -> String { "must be no more than \(limit) bytes" }
    /// Names count characters where keys and values count bytes.
    static func tooLongName(_ limit: Int) -> String { "must be no more than \(limit) characters" }

    private static let hyphen = UInt8(ascii: "-")

    static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLower(byte) || isDigit(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    /// `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
    static func isLabel(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return first != hyphen && last != hyphen
            && text.utf8.allSatisfy { isLower($0) || isDigit($0) || $0 == hyphen }
    }

    static func isSubdomain(_ text: String) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isLabel)
    }

    /// `(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?`
    static func isWord(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return true }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && text.utf8.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
    }
}
