import KubeCore

extension Discovery {
    func openAPI(_ call: HTTPCall, _ registry: Registry) throws(Status) -> HTTPAnswer {
        let segments = call.target.segments
        guard segments.count >= 2 else { return .pageNotFound }
        switch (segments[1], segments.count) {
        case ("v2", 2) where call.accept?.contains("proto-openapi") == true:
            return .tagged(
                Self.emptyDocument, contentType: "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
                ifNoneMatch: call.ifNoneMatch)
        case ("v2", 2):
            let document = OpenAPIDocuments.v2(kinds: registry.kinds.kinds)
            return .tagged(document.encoded(), contentType: "application/json", ifNoneMatch: call.ifNoneMatch)
        case ("v3", 2):
            return .tagged(index(registry).encoded(), contentType: "application/json", ifNoneMatch: call.ifNoneMatch)
        case ("v3", _):
            guard let document = document(Array(segments.dropFirst(2)), registry) else { return .pageNotFound }
            var answer = HTTPAnswer.tagged(
                document.encoded(), contentType: "application/json", ifNoneMatch: call.ifNoneMatch)
            if call.target.first("hash") != nil {
                answer.headers.append(("Cache-Control", "public, immutable"))
            }
            return answer
        default: return .pageNotFound
        }
    }

    /// A Swagger document in protobuf that defines nothing: `swagger` and `info` alone.
    ///
    /// kubectl asks for version 2 in this form alone, and only for kinds that version 3 does not have: it finds none here and
    /// leaves validation to the server.
    private static let emptyDocument: [UInt8] = {
        func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
            [number << 3 | 2, UInt8(content.count)] + content
        }
        let info = field(1, Array("Kubernetes".utf8)) + field(2, Array("v1.36.0".utf8))
        return field(1, Array("2.0".utf8)) + field(2, info)
    }()

    private func index(_ registry: Registry) -> JSON {
        var paths: JSONObject = [:]
        func add(_ path: String, _ hash: String) {
            paths[path] = ["serverRelativeURL": .string("/openapi/v3/\(path)?hash=\(hash)")]
        }
        let generation = String(registry.kinds.generation)
        for (group, versions) in registry.kinds.groups {
            if !group.isEmpty { add("apis/\(group)", HTTPAnswer.tag(of: Array(group.utf8))) }
            for version in versions {
                let path = group.isEmpty ? "api/\(version)" : "apis/\(group)/\(version)"
                // Cheaper than the hash of the document, and it changes when that may.
                let isCustom = registry.kinds.kinds.contains { $0.group == group && $0.isCustom }
                add(path, HTTPAnswer.tag(of: Array((path + (isCustom ? generation : "")).utf8)))
            }
        }
        for path in ["api", "apis", "version"] { add(path, HTTPAnswer.tag(of: Array(path.utf8))) }
        return ["paths": .object(paths)]
    }

    private func document(_ path: [String], _ registry: Registry) -> JSON? {
        let info: JSON = ["title": "Kubernetes", "version": "v1.36.0"]
        switch (path.first, path.count) {
        case ("version", 1), ("api", 1), ("apis", 1):
            return ["openapi": "3.0.0", "info": info, "paths": [:], "components": ["schemas": [:]]]
        case ("apis", 2) where registry.kinds.groups.contains { $0.name == path[1] }:
            return ["openapi": "3.0.0", "info": info, "paths": [:], "components": ["schemas": [:]]]
        case ("api", 2): return document(group: "", version: path[1], registry)
        case ("apis", 3): return document(group: path[1], version: path[2], registry)
        default: return nil
        }
    }

    private func document(group: String, version: String, _ registry: Registry) -> JSON? {
        let kinds = registry.kinds.kinds.filter { $0.group == group && $0.version(version)?.isServed == true }
        if kinds.isEmpty { return nil }
        return OpenAPIDocuments.v3(group: group, version: version, kinds: kinds)
    }
}

extension HTTPAnswer {
    /// A document with an ETag, or 304 when the client has it.
    static func tagged(_ bytes: [UInt8], contentType: String, ifNoneMatch: String?) -> HTTPAnswer {
        let tag = "\"\(tag(of: bytes))\""
        if let ifNoneMatch, ifNoneMatch.split(separator: ",").contains(where: { trimmed($0) == tag }) {
            var answer = HTTPAnswer.noContent
            answer.status = 304
            answer.headers = [("ETag", tag), ("Vary", "Accept")]
            return answer
        }
        var answer = HTTPAnswer(200, contentType: contentType, bytes)
        answer.headers += [("ETag", tag), ("Vary", "Accept")]
        return answer
    }

    private static func trimmed(_ text: Substring) -> Substring {
        text.drop { $0 == " " }.prefix { $0 != " " }
    }

    /// A 128-bit FNV-like digest in upper-case hexadecimal: it tells documents apart, it guards nothing.
    static func tag(of bytes: [UInt8]) -> String {
        var low: UInt64 = 0xcbf2_9ce4_8422_2325
        var high: UInt64 = 0x8422_2325_cbf2_9ce4
        for byte in bytes {
            low = (low ^ UInt64(byte)) &* 0x100_0000_01b3
            high = (high &+ UInt64(byte)) &* 0x9E37_79B9_7F4A_7C15
            high ^= high >> 29
        }
        return [high, low].map { value in
            let text = String(value, radix: 16, uppercase: true)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
    }
}
