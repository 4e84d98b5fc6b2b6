import KubeCore
import Synchronization
import Testing

@testable import KubeClient

@Suite("Transport")
struct TransportTests {
    @Test("A request carries its method, target, headers and body, and returns the answer")
    func roundTrip() async throws {
        let server = try ScriptedServer { connection in
            while true {
                let request = try connection.request()
                let echo: JSON = [
                    "method": .string(request.method), "target": .string(request.target),
                    "type": .string(request.headers["content-type"] ?? ""),
                    "expect": .string(request.headers["expect"] ?? "none"),
                    "authorization": .string(request.headers["authorization"] ?? ""),
                    "length": .int(Int64(request.body.count)),
                ]
                try connection.respond(201, echo.encodedString(), headers: ["X-Seen: yes"])
            }
        }
        try await withClient(server, authentication: .token("secret")) { client in
            let body = String(repeating: "x", count: 2_000_000)
            var request = APIRequest.post("/api/v1/things", "\"\(body)\"")
            request.query = [("a b", "c&d")]
            let response = try await client.send(request)
            let json = try response.json()
            #expect(response.status == 201)
            #expect(response.head["x-seen"] == "yes")
            #expect(json["method"] == "POST")
            #expect(json["target"] == "/api/v1/things?a%20b=c%26d")
            #expect(json["type"] == "application/json")
            #expect(json["expect"] == "none")
            #expect(json["authorization"] == "Bearer secret")
            #expect(json["length"] == 2_000_002)
            // The handle is used again, without the body and the method of before.
            let second = try await client.json(.get("/version"))
            #expect(second["method"] == "GET")
            #expect(second["length"] == 0)
            #expect(server.acceptedCount == 1)
        }
    }

    @Test("Many requests at once share a bounded number of HTTP/1.1 connections")
    func manyRequests() async throws {
        let server = try ScriptedServer { connection in
            while true {
                let request = try connection.request()
                try connection.respond(200, "{\"path\":\"\(request.path)\"}")
            }
        }
        try await withClient(server, change: { $0.limits.http1RequestConnections = 5 }) { client in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<300 {
                    group.addTask {
                        try await client.json(.get("/n/\(index)"))["path"]?.stringValue == "/n/\(index)"
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
            #expect(server.acceptedCount <= 5)
            try await eventually("nothing is left") {
                client.statistics.requests.active == 0 && client.statistics.requests.waiting == 0
            }
        }
    }

    @Test("A server that accepts and never answers fails at the deadline, and frees the exchange")
    func neverAnswers() async throws {
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            connection.waitForClose()
        }
        try await withClient(server) { client in
            let start = ContinuousClock.now
            let error = try await clientError { try await client.json(.get("/slow"), deadline: seconds(0.3)) }
            #expect(error.isTimeout)
            #expect(!error.isOutcomeUnknown)
            #expect(ContinuousClock.now - start < .seconds(55))
            #expect(error.message.contains("GET /slow at http://127.0.0.1:\(server.port)"))
            #expect(error.message.contains("no answer before the deadline"))
            try await eventually("the exchange is gone") { client.statistics.requests.active == 0 }
            try await eventually("the connection is closed") { server.openCount == 0 }
        }
    }

    @Test("A write that times out after it was sent has an unknown outcome")
    func writeTimesOut() async throws {
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            connection.waitForClose()
        }
        try await withClient(server) { client in
            let error = try await clientError { try await client.json(.post("/w", "{}"), deadline: seconds(0.3)) }
            #expect(error.isTimeout)
            #expect(error.isOutcomeUnknown)
            #expect(error.message.contains("may have happened"))
        }
    }

    @Test("A request that waits for a free connection times out there, certainly unsent")
    func queuedTimesOut() async throws {
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            connection.waitForClose()
        }
        try await withClient(server, change: { $0.limits.http1RequestConnections = 1 }) { client in
            let first = Task { try await client.json(.get("/first"), deadline: seconds(60)) }
            try await eventually("the first is under way") { server.acceptedCount == 1 }
            let error = try await clientError { try await client.json(.post("/2", "{}"), deadline: seconds(0.2)) }
            #expect(error.isTimeout)
            #expect(!error.isOutcomeUnknown)
            #expect(error.message.contains("was not sent before its deadline"))
            first.cancel()
            _ = await first.result
        }
    }

    @Test("A cancelled task ends its exchange at once and closes the connection")
    func cancellation() async throws {
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            connection.waitForClose()
        }
        try await withClient(server) { client in
            let task = Task { try await clientError { try await client.json(.post("/w", "{}")) } }
            try await eventually("the exchange is under way") { server.acceptedCount == 1 }
            task.cancel()
            let error = try await task.value
            #expect(error.isCancelled)
            try await eventually("the exchange is gone") { client.statistics.requests.active == 0 }
            try await eventually("the connection is closed") { server.openCount == 0 }
        }
    }

    @Test("Tasks that are cancelled at any moment leave nothing behind")
    func cancellationStorm() async throws {
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            connection.waitForClose()
        }
        try await withClient(server, change: { $0.limits.http1RequestConnections = 50 }) { client in
            let cancelled = await withTaskGroup(of: Bool.self) { group in
                for index in 0..<400 {
                    group.addTask {
                        let task = Task { try await clientError { try await client.json(.get("/n")) } }
                        for _ in 0..<(index % 40) { await Task.yield() }
                        task.cancel()
                        return (try? await task.value)?.isCancelled == true
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(cancelled == 400)
            try await eventually("nothing is left") {
                client.statistics.requests.active == 0 && client.statistics.requests.waiting == 0
            }
            try await eventually("the connections are closed") { server.openCount == 0 }
        }
    }

    @Test("A header that carries a line end is refused")
    func headerInjection() async throws {
        let server = try ScriptedServer { _ in }
        try await withClient(server) { client in
            var request = APIRequest.get("/")
            request.headers = [("X-A", "b\r\nX-Evil: 1")]
            let bad = request
            let error = try await clientError { try await client.json(bad) }
            #expect(error.message.contains("cannot be made"))
            #expect(server.acceptedCount == 0)
        }
    }

    @Test("A task that is cancelled already sends nothing")
    func cancelledBefore() async throws {
        let server = try ScriptedServer { _ in }
        try await withClient(server) { client in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await clientError { try await client.json(.get("/")) }
            }
            let error = try await task.value
            #expect(error.isCancelled)
            #expect(server.acceptedCount == 0)
        }
    }

    @Test("Shutting down fails what is under way and what comes later")
    func shutdown() async throws {
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            connection.waitForClose()
        }
        try await withClient(server) { client in
            async let pending = clientError { try await client.json(.get("/")) }
            try await eventually("the exchange is under way") { server.acceptedCount == 1 }
            client.shutdown()
            guard case .closed = try await pending.code else {
                Issue.record("the pending request should be closed")
                return
            }
            let later = try await clientError { try await client.json(.get("/")) }
            #expect(later.message.contains("shut down"))
        }
        try await eventually("the connection is closed") { server.openCount == 0 }
    }

    @Test("A refused connection says so, and that nothing was sent")
    func refused() async throws {
        let server = try ScriptedServer { _ in }
        server.stop()
        try await withClient(server) { client in
            let error = try await clientError { try await client.json(.post("/w", "{}")) }
            guard case .transport = error.code else {
                Issue.record("wrong code: \(error)")
                return
            }
            #expect(!error.isOutcomeUnknown)
            #expect(error.message.contains("Is the API server running"))
            #expect(error.message.contains("the test's configuration"))
        }
    }

    @Test("A body beyond the cap is refused")
    func cap() async throws {
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            try connection.respond(200, String(repeating: "x", count: 100_000))
        }
        try await withClient(server, change: { $0.limits.responseBytes = 50_000 }) { client in
            let error = try await clientError { try await client.json(.get("/big")) }
            #expect(error.message.contains("more than 50000 bytes"))
        }
    }

    @Test("A compressed answer is asked for and unpacked")
    func gzip() async throws {
        let packed = try #require(
            Base64.decode(
                "H4sIAAAAAAACA6tWSlSyUqoYBaNgFAx7oFQLACOYCpvwAwAA".utf8))
        let server = try ScriptedServer { connection in
            while true {
                let request = try connection.request()
                guard request.headers["accept-encoding"] == "gzip" else {
                    try connection.respond(200, "{}")
                    continue
                }
                try connection.write(
                    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(packed.count)\r\n\r\n")
                try connection.write(packed)
            }
        }
        try await withClient(server) { client in
            let json = try await client.json(.get("/z"))
            #expect(json["a"]?.stringValue?.count == 1000)
        }
        try await withClient(server, change: { $0.limits.responseBytes = 500 }) { client in
            let error = try await clientError { try await client.json(.get("/z")) }
            #expect(error.message.contains("more than 500 bytes"))
        }
        try await withClient(server, change: { $0.isCompressionEnabled = false }) { client in
            let json = try await client.json(.get("/z"))
            #expect(json == [:])
        }
    }

    @Test("A proxy gets the whole address of a plain server")
    func plainProxy() async throws {
        let proxy = try ScriptedServer { connection in
            let request = try connection.request()
            try connection.respond(200, "\"\(request.target)\"")
        }
        try await withClient(proxy) {
            $0.server = "http://kubernetes.invalid:8080"
            $0.proxy = .url("http://127.0.0.1:\(proxy.port)")
        } _: { client in
            let json = try await client.json(.get("/version"))
            #expect(json == "http://kubernetes.invalid:8080/version")
        }
    }

    @Test("A proxy that refuses or is not there is named")
    func brokenProxy() async throws {
        let proxy = try ScriptedServer { connection in
            _ = try connection.request()
            try connection.respond(403, "no", type: "text/plain")
        }
        func failure() async throws -> ClientError {
            try await withClient(proxy) {
                $0.server = "https://kubernetes.invalid"
                $0.proxy = .url("http://127.0.0.1:\(proxy.port)")
            } _: { client in
                try await clientError { try await client.json(.get("/version")) }
            }
        }
        let refused = try await failure()
        #expect(refused.message.contains("CONNECT tunnel failed, response 403"))
        #expect(refused.message.contains("proxy"))
        proxy.stop()
        let gone = try await failure()
        #expect(gone.message.contains("proxy"))
    }
}
