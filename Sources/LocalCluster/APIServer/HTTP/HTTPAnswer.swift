import KubeCore

/// A request as the dispatcher sees it: nothing of the HTTP library in it.
package struct HTTPCall: Sendable {
    package var method: String
    package var target: RequestTarget
    package var accept: String?
    package var contentType: String?
    package var userAgent: String
    package var authorization: String?
    package var ifNoneMatch: String?
    /// The subject's common name and organizations of a verified client certificate.
    package var certificateUser: (name: String, groups: [String])?
    /// Reads the body, at most 3 MiB of it.
    package var body: @Sendable () async throws -> [UInt8]
    /// Impersonate-User, Impersonate-Group … as they came.
    package var impersonation: [(name: String, value: String)] = []
}

/// An answer: a body at once, or one that is written bit by bit.
package struct HTTPAnswer: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Pieces until nil. Reading ends early, by cancellation, when the client goes away.
        case stream(@Sendable (_ write: @escaping @Sendable ([UInt8]) async throws -> Void) async throws -> Void)
    }

    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: Body

    package init(_ status: Int, contentType: String, _ body: [UInt8]) {
        self.status = status
        headers = [("Content-Type", contentType)]
        self.body = .bytes(body)
    }

    package init(
        stream contentType: String,
        _ write: @escaping @Sendable (@escaping @Sendable ([UInt8]) async throws -> Void) async throws -> Void
    ) {
        status = 200
        headers = [("Content-Type", contentType)]
        body = .stream(write)
    }

    package static func text(_ status: Int, _ text: String) -> HTTPAnswer {
        HTTPAnswer(status, contentType: "text/plain; charset=utf-8", Array(text.utf8))
    }

    static var noContent: HTTPAnswer {
        var answer = HTTPAnswer(204, contentType: "", [])
        answer.headers = []
        return answer
    }

    static let pageNotFound = text(404, "404 page not found\n")

    package static func json(_ status: Int, _ json: JSON, _ format: AnswerFormat = AnswerFormat()) -> HTTPAnswer {
        if format.isYAML { return HTTPAnswer(status, contentType: "application/yaml", YAMLBody.write(json)) }
        var bytes = json.encoded()
        bytes.append(0x0A)
        return HTTPAnswer(status, contentType: "application/json", bytes)
    }

    static func failure(_ status: Status, _ format: AnswerFormat = AnswerFormat()) -> HTTPAnswer {
        var body = status.json
        body["metadata"] = [:]
        var answer = json(status.code, body, AnswerFormat(isYAML: format.isYAML))
        if let seconds = status.details?.retryAfterSeconds {
            answer.headers.append(("Retry-After", String(seconds)))
        }
        return answer
    }

    /// Adds `Warning: 299 - "text"` headers, each text once.
    mutating func add(warnings: [String]) {
        var seen: Set<String> = []
        for text in warnings where seen.insert(text).inserted {
            var quoted = ""
            for character in text {
                if character == "\\" || character == "\"" { quoted.append("\\") }
                quoted.append(character == "\n" || character == "\r" ? " " : character)
            }
            headers.append(("Warning", "299 - \"\(quoted)\""))
        }
    }
}
