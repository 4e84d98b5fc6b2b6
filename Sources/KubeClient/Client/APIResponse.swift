import KubeCore

/// An answer of 2xx with its whole body.
public struct APIResponse: Sendable {
    public let status: Int
    public let head: ResponseHead
    public let body: [UInt8]
    /// What was asked of whom, for messages.
    let source: String

    /// The body as JSON; `.null` when it is empty.
    public func json(options: JSONParseOptions = .init()) throws(ClientError) -> JSON {
        if body.isEmpty { return .null }
        do {
            return try JSON.parse(body, options: options)
        } catch {
            throw ClientError(
                .decoding,
                "\(source) answered \(status) with something that is not JSON (\(error); content type "
                    + "\(head["content-type"] ?? "not given"), begins with \(bodyExcerpt(body))). "
                    + "Is this address a Kubernetes API server's?", cause: error)
        }
    }
}

/// The beginning of a body for an error message: one line, printable, quoted.
func bodyExcerpt(_ body: some Collection<UInt8>) -> String {
    let text = String(decoding: body.prefix(160), as: UTF8.self)
    let line = String(text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : Character($0) })
    return "\"\(line)\(body.count > 160 ? "…" : "")\""
}
