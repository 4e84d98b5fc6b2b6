import KubeCore
import Testing

@testable import KubeClient

@Suite("Answers that are errors")
struct AnswerTests {
    private func error(
        _ status: Int, _ body: String, type: String = "application/json", headers: [String] = []
    ) async throws -> ClientError {
        let server = try ScriptedServer { connection in
            while true {
                _ = try connection.request()
                try connection.respond(status, body, type: type, headers: headers)
            }
        }
        return try await withClient(server) { client in
            try await clientError { try await client.json(.get("/api/v1/pods/a")) }
        }
    }

    @Test("A Status comes through with its reason and causes")
    func status() async throws {
        let cause = Status.Cause(reason: "FieldValueInvalid", message: "too long", field: "metadata.name")
        let sent = Status.invalid(.pods, "a", [cause])
        let error = try await error(422, sent.json.encodedString())
        #expect(error.isInvalid)
        #expect(error.status?.details?.causes == [cause])
        #expect(error.message.contains("metadata.name: too long"))
        #expect(error.message.contains("422 Invalid"))
    }

    @Test("410 is recognised with and without a Status")
    func gone() async throws {
        let told = try await error(410, Status.expired("too old").json.encodedString())
        #expect(told.isExpired)
        let bare = try await error(410, "")
        #expect(bare.isExpired)
    }

    @Test("HTML is named as such, with an excerpt")
    func html() async throws {
        let error = try await error(502, "<html>\n<h1>Bad gateway</h1>", type: "text/html")
        #expect(error.httpStatus == 502)
        #expect(error.message.contains("text/html"))
        #expect(error.message.contains("<html> <h1>Bad gateway</h1>"))
        #expect(error.message.contains("does a proxy stand in between"))
    }

    @Test("HTML with 200 is a decoding error that asks whether this is an API server")
    func htmlSuccess() async throws {
        let error = try await error(200, "<!doctype html><title>Log in</title>", type: "text/html")
        guard case .decoding = error.code else {
            Issue.record("wrong code: \(error)")
            return
        }
        #expect(error.message.contains("Is this address a Kubernetes API server's?"))
    }

    @Test("A redirect is not followed")
    func redirect() async throws {
        let error = try await error(302, "", headers: ["Location: https://login.example/"])
        #expect(error.message.contains("a redirect to https://login.example/"))
    }

    @Test("What is not HTTP at all is a decoding error")
    func notHTTP() async throws {
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            try connection.write("220 mail.example ESMTP\r\n")
        }
        let error = try await withClient(server) { client in
            try await clientError { try await client.json(.get("/version")) }
        }
        #expect(error.message.contains("is not HTTP"))
    }

    @Test("https to a plain server says so")
    func plainServer() async throws {
        let refusing = try ScriptedServer { connection in
            try connection.write("HTTP/1.1 400 Bad Request\r\n\r\n")
        }
        let server = "https://127.0.0.1:\(refusing.port)"
        let error = try await withClient(refusing, change: { ($0.server, $0.tls.isInsecure) = (server, true) }) {
            client in try await clientError { try await client.json(.get("/version")) }
        }
        guard case .tls = error.code else {
            Issue.record("wrong code: \(error)")
            return
        }
        #expect(error.message.contains("http rather than https"))
    }
}
