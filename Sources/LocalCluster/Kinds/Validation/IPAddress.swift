import KubeCore

/// Addresses and prefixes as Kubernetes reads them: IPv4 without leading zeros, IPv6 with `::`.
package enum IPAddress: Sendable, Hashable {
    case v4(UInt32)
    case v6([UInt16])

    package init?(_ text: String) {
        if let address = Self.v4Address(text[...]) {
            self = .v4(address)
        } else if let groups = Self.v6Groups(text) {
            self = .v6(groups)
        } else {
            return nil
        }
    }

    package var isV6: Bool {
        if case .v6 = self { return true }
        return false
    }

    package static let reason = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
    package static let prefixReason = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"

    /// `address/bits`.
    package static func prefix(_ text: String) -> (address: IPAddress, bits: Int)? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(parts[0])), let bits = Int(parts[1]), bits >= 0,
            parts[1].first != "+", bits <= (address.isV6 ? 128 : 32)
        else { return nil }
        return (address, bits)
    }

    /// The dotted text of an IPv4 address.
    package static func text(v4 address: UInt32) -> String {
        "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
    }

    private static func v4Address(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy(NameRules.isDigit), let number = UInt32(part),
                number <= 255, part.utf8.count == 1 || part.first != "0"
            else { return nil }
            address = address << 8 | number
        }
        return address
    }

    private static func v6Groups(_ text: String) -> [UInt16]? {
        guard text.contains(":") else { return nil }
        guard let gap = text.firstRange(of: "::") else {
            return groups(text[...]).flatMap { $0.count == 8 ? $0 : nil }
        }
        guard let head = groups(text[..<gap.lowerBound]), let tail = groups(text[gap.upperBound...]),
            head.count + tail.count < 8
        else { return nil }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    private static func groups(_ text: Substring) -> [UInt16]? {
        if text.isEmpty { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(".") {
                guard let address = v4Address(part) else { return nil }
                groups += [UInt16(truncatingIfNeeded: address >> 16), UInt16(truncatingIfNeeded: address)]
                continue
            }
            let isHex = part.utf8.allSatisfy { byte in
                NameRules.isDigit(byte) || "abcdefABCDEF".utf8.contains(byte)
            }
            guard (1...4).contains(part.utf8.count), isHex, let group = UInt16(part, radix: 16) else { return nil }
            groups.append(group)
        }
        return groups
    }
}
