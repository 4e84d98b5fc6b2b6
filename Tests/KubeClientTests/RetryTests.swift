import KubeCore
import Testing

@testable import KubeClient

@Suite("Broken connections and refusals")
struct RetryTests {
    @Test("A read is sent again when the connection breaks under it", arguments: ["cut", "reset", "half"])
    func readRetried(how: String) async throws {
        let counter = Counter()
        let server = try ScriptedServer { connection in
            while true {
                _ = try connection.request()
                if counter.next() < 3 {
                    switch how {
                    case "reset": connection.reset()
                    case "half":
                        try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":")
                        connection.close()
                    default: connection.close()
                    }
                    return
                }
                try connection.respond(200, "{\"ok\":true}")
            }
        }
        try await withClient(server) { client in
            let answer = try await client.json(.get("/r"))
            #expect(answer["ok"] == true)
            #expect(counter.count == 3)
        }
    }

    @Test("A write whose connection breaks is reported and not sent again")
    func writeReported() async throws {
        let counter = Counter()
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            _ = counter.next()
            connection.close()
        }
        try await withClient(server) { client in
            let error = try await clientError { try await client.json(.post("/w", "{}")) }
            guard case .outcomeUnknown = error.code else {
                Issue.record("wrong code: \(error)")
                return
            }
            #expect(error.isOutcomeUnknown)
            #expect(error.message.contains("read the object before sending it again"))
            #expect(counter.count == 1)
        }
    }

    @Test("A truncated body is an error once the attempts are used up")
    func truncated() async throws {
        let counter = Counter()
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            _ = counter.next()
            try connection.beginChunks()
            try connection.chunk("{\"items\":[")
        }
        try await withClient(server) { client in
            let error = try await clientError { try await client.json(.get("/r")) }
            guard case .outcomeUnknown = error.code else {
                Issue.record("wrong code: \(error)")
                return
            }
            #expect(!error.isOutcomeUnknown)
            #expect(counter.count == 4)
        }
    }

    @Test("Too many requests: a write too is sent again after the time the server names")
    func tooManyRequests() async throws {
        let counter = Counter()
        let server = try ScriptedServer { connection in
            while true {
                _ = try connection.request()
                if counter.next() == 1 {
                    let status = Status.tooManyRequests("slow down", retryAfterSeconds: 1)
                    try connection.respond(429, status.json.encodedString(), headers: ["Retry-After: 0"])
                } else {
                    try connection.respond(201, "{}")
                }
            }
        }
        try await withClient(server) { client in
            _ = try await client.json(.post("/w", "{}"))
            #expect(counter.count == 2)
        }
    }

    @Test("Unavailable with Retry-After: a read is sent again, a write is not")
    func unavailable() async throws {
        let counter = Counter()
        let server = try ScriptedServer { connection in
            while true {
                _ = try connection.request()
                if counter.next() < 3 {
                    try connection.respond(503, "busy", type: "text/plain", headers: ["Retry-After: 0"])
                } else {
                    try connection.respond(200, "{}")
                }
            }
        }
        try await withClient(server) { client in
            let error = try await clientError { try await client.json(.post("/w", "{}")) }
            #expect(error.httpStatus == 503)
            #expect(error.message.contains("busy"))
            _ = try await client.json(.get("/r"))
            #expect(counter.count == 3)
        }
    }

    @Test("A wait beyond the deadline is not begun")
    func waitBeyondDeadline() async throws {
        let server = try ScriptedServer { connection in
            while true {
                _ = try connection.request()
                try connection.respond(429, "", headers: ["Retry-After: 300"])
            }
        }
        try await withClient(server) { client in
            let start = ContinuousClock.now
            let error = try await clientError { try await client.json(.get("/r"), deadline: seconds(120)) }
            #expect(error.httpStatus == 429)
            #expect(error.retryAfter == .seconds(300))
            #expect(ContinuousClock.now - start < .seconds(60))
        }
    }

    @Test("The policy waits longer from attempt to attempt and gives up in the end")
    func policy() {
        var policy = RetryPolicy()
        policy.jitter = { $0.upperBound }
        let broken = TransferFailure(kind: .curl(56))
        let waits = (0..<4).map { policy.afterFailure(broken, isRead: true, attempt: $0) }
        #expect(
            waits == [
                .retry(after: .zero), .retry(after: .milliseconds(100)), .retry(after: .milliseconds(200)), .giveUp,
            ])
        #expect(policy.afterFailure(broken, isRead: false, attempt: 0) == .giveUp)
        let unsent = TransferFailure(kind: .curl(56), mayHaveBeenSent: false)
        #expect(policy.afterFailure(unsent, isRead: false, attempt: 0) == .retry(after: .zero))
        #expect(policy.afterFailure(TransferFailure(kind: .deadline), isRead: true, attempt: 0) == .giveUp)
        #expect(policy.afterStatus(500, retryAfter: nil, isRead: true, attempt: 0) == .giveUp)
        #expect(policy.afterStatus(429, retryAfter: nil, isRead: false, attempt: 0) == .retry(after: .seconds(1.25)))
        #expect(policy.afterStatus(429, retryAfter: .zero, isRead: true, attempt: 10) == .giveUp)
    }
}
