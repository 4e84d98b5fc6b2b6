import KubeCore

/// What an answer looks like on the wire.
package struct AnswerFormat: Sendable, Equatable {
    package enum Shape: Sendable, Equatable { case plain, table, partialMetadata, partialMetadataList }

    package var isYAML = false
    package var shape = Shape.plain

    package var contentType: String {
        let base = isYAML ? "application/yaml" : "application/json"
        return base
    }
}

/// The Accept and Content-Type headers of a request.
enum Negotiation {
    struct MediaType {
        var type: String
        var parameters: [String: String]

        init?(_ text: Substring) {
            let parts = text.split(separator: ";").map { Self.trim($0) }
            guard let type = parts.first, type.contains("/") else { return nil }
            self.type = type.lowercased()
            parameters = [:]
            for part in parts.dropFirst() {
                let sides = part.split(separator: "=", maxSplits: 1)
                guard sides.count == 2 else { continue }
                parameters[Self.trim(sides[0]).lowercased()] = Self.trim(sides[1])
            }
        }

        private static func trim(_ text: some StringProtocol) -> String {
            var text = Substring(text)
            while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
            while let last = text.last, last == " " || last == "\t" { text.removeLast() }
            if text.count >= 2, text.first == "\"", text.last == "\"" { text = text.dropFirst().dropLast() }
            return String(text)
        }

        var quality: Double { parameters["q"].flatMap(Double.init) ?? 1 }
    }

    /// The media types in the order of the client's preference.
    static func accepted(_ header: String) -> [MediaType] {
        header.split(separator: ",").compactMap { MediaType($0) }.enumerated()
            .sorted { ($0.element.quality, $1.offset) > ($1.element.quality, $0.offset) }
            .map(\.element)
    }

    private static let available =
        "application/json, application/yaml, application/vnd.kubernetes.protobuf"

    /// Chooses the form of an object answer.
    ///
    /// - Parameter transforms: whether tables and partial metadata may be asked for.
    /// - Throws: 406 when the server can write none of what the client takes.
    static func answer(_ accept: String?, transforms: Bool) throws(Status) -> AnswerFormat {
        guard let accept, !accept.isEmpty else { return AnswerFormat() }
        var sawTransform = false
        for media in accepted(accept) {
            var format = AnswerFormat()
            switch media.type {
            case "application/json", "*/*": break
            case "application/yaml": format.isYAML = true
            default: continue
            }
            guard let kind = media.parameters["as"] else { return format }
            guard transforms else { continue }
            let version = media.parameters["v"]
            let isMeta = media.parameters["g"] == "meta.k8s.io" && (version == "v1" || version == "v1beta1")
            switch (kind, isMeta) {
            case ("Table", true): format.shape = .table
            case ("PartialObjectMetadata", true): format.shape = .partialMetadata
            case ("PartialObjectMetadataList", true): format.shape = .partialMetadataList
            default:
                sawTransform = true
                continue
            }
            return format
        }
        if sawTransform {
            throw Status(
                code: 406, reason: .notAcceptable,
                message: "only the following media types are accepted: \(available)")
        }
        throw Status(
            code: 406, reason: .notAcceptable,
            message: "406: Not Acceptable\n\nAvailable representations: \(available), "
                + "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch",
            details: Status.Details())
    }

    /// The form of an error: whatever the client can read, JSON if need be.
    static func errorFormat(_ accept: String?) -> AnswerFormat {
        guard let accept else { return AnswerFormat() }
        for media in accepted(accept) {
            switch media.type {
            case "application/json", "*/*": return AnswerFormat()
            case "application/yaml": return AnswerFormat(isYAML: true)
            default: continue
            }
        }
        return AnswerFormat()
    }

    /// The format of an object in a request body.
    static func bodyFormat(_ contentType: String?) throws(Status) -> RequestBody.Format {
        guard let contentType, !contentType.isEmpty else { return .json }
        switch MediaType(Substring(contentType))?.type {
        case "application/json", "*/*": return .json
        case "application/yaml": return .yaml
        case "application/vnd.kubernetes.protobuf": return .protobuf
        default:
            throw .unsupportedMediaType(
                "the body of the request was in an unknown format - accepted media types include: \(available)")
        }
    }

    /// The format of a patch. Custom kinds have no strategic merge patch.
    static func patchFormat(_ contentType: String?, isCustom: Bool) throws(Status) -> PatchFormat {
        let type = contentType.flatMap { MediaType(Substring($0))?.type } ?? ""
        if isCustom, PatchFormat(rawValue: type) == nil || type == PatchFormat.strategic.rawValue {
            let accepted = [PatchFormat.json, .merge, .apply].map(\.rawValue).joined(separator: ", ")
            throw .unsupportedMediaType(
                "the body of the request was in an unknown format - accepted media types include: \(accepted)")
        }
        guard let format = PatchFormat(rawValue: type) else {
            throw Status(
                code: 415, reason: .unsupportedMediaType, message: "415: Unsupported Media Type",
                details: Status.Details())
        }
        return format
    }
}
