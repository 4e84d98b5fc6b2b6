/// A path under `/api/<version>` or `/apis/<group>/<version>` that names resources.
package struct ResourcePath: Sendable, Hashable {
    package var group: String
    package var version: String
    package var namespace: String?
    package var plural: String
    package var name: String?
    package var subresource: String?
    /// What follows the subresource, as in `proxy/PATH`.
    package var rest: [String] = []
    /// The old `/watch/` form of a path.
    package var isLegacyWatch = false

    package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// - Parameter segments: the path after the group and version.
    /// - Returns: nil when the segments name nothing.
    package init?(group: String, version: String, segments: ArraySlice<String>) {
        self.group = group
        self.version = version
        var parts = Array(segments)
        if parts.first == "watch", parts.count > 1 {
            isLegacyWatch = true
            parts.removeFirst()
        }
        if parts.count >= 3, parts[0] == "namespaces", !(["status", "finalize"].contains(parts[2]) && parts.count == 3)
        {
            namespace = parts[1]
            parts.removeFirst(2)
        }
        guard let plural = parts.first else { return nil }
        self.plural = plural
        name = parts.count > 1 ? parts[1] : nil
        subresource = parts.count > 2 ? parts[2] : nil
        rest = Array(parts.dropFirst(3))
    }
}

/// A request target: decoded path segments and query parameters.
package struct RequestTarget: Sendable {
    package let path: String
    package let segments: [String]
    package let query: [(name: String, value: String)]

    /// - Parameter target: the path with the query, as in the request line.
    package init(_ target: String) {
        let bytes = Array(target.utf8)
        let mark = bytes.firstIndex(of: UInt8(ascii: "?"))
        let rawPath = bytes[..<(mark ?? bytes.endIndex)]
        path = String(decoding: rawPath, as: UTF8.self)
        segments = rawPath.split(separator: UInt8(ascii: "/")).map { Self.decode($0, plusIsSpace: false) }
        var query: [(name: String, value: String)] = []
        if let mark {
            for pair in bytes[(mark + 1)...].split(separator: UInt8(ascii: "&")) {
                let sides = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                guard let name = sides.first else { continue }
                let value = sides.count > 1 ? Self.decode(sides[1], plusIsSpace: true) : ""
                query.append((Self.decode(name, plusIsSpace: true), value))
            }
        }
        self.query = query
    }

    package init(path: String, segments: [String], query: [(name: String, value: String)]) {
        self.path = path
        self.segments = segments
        self.query = query
    }

    /// The first value of a parameter.
    package func first(_ name: String) -> String? { query.first { $0.name == name }?.value }

    package func all(_ name: String) -> [String] { query.filter { $0.name == name }.map(\.value) }

    private static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%"), index + 2 < bytes.endIndex,
                let high = hex(bytes[index + 1]), let low = hex(bytes[index + 2])
            {
                out.append(high << 4 | low)
                index += 3
                continue
            }
            out.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            index += 1
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
