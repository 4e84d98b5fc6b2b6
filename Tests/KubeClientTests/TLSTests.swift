import KubeCore
import Testing

@testable import KubeClient

@Suite("TLS and HTTP/2", .enabled(if: Tools.hasTLSFront, "nghttpx (nghttp2-proxy) and openssl are not installed"))
struct TLSTests {
    private func answering() throws -> ScriptedServer {
        try ScriptedServer { connection in
            while true {
                let request = try connection.request()
                try connection.respond(
                    200, "{\"path\":\"\(request.path)\",\"host\":\"\(request.headers["host"] ?? "")\"}")
            }
        }
    }

    private func trusting(_ pki: TestPKI, client: String? = nil) -> ClientConfiguration.TLS {
        var tls = ClientConfiguration.TLS(certificateAuthority: .file(pki.path("ca.pem")))
        if let client {
            tls.clientCertificate = .file(pki.path("\(client).pem"))
            tls.clientKey = .file(pki.path("\(client).key"))
        }
        return tls
    }

    private func with<Result: Sendable>(
        _ front: TLSFront, _ tls: ClientConfiguration.TLS, change: (inout ClientConfiguration) -> Void = { _ in },
        _ body: (APIClient) async throws -> Result
    ) async throws -> Result {
        var configuration = ClientConfiguration(
            server: front.url, tls: tls, proxy: .none, origin: "the test's configuration")
        change(&configuration)
        let client = try APIClient(configuration: configuration, logger: quietLogger())
        defer { client.shutdown() }
        return try await body(client)
    }

    @Test("Many requests share one or two HTTP/2 connections")
    func multiplexing() async throws {
        let pki = try TestPKI()
        let server = try answering()
        let front = try await TLSFront(pki, behind: server)
        try await with(front, trusting(pki)) { client in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<400 {
                    group.addTask { try await client.json(.get("/n/\(index)"))["path"]?.stringValue == "/n/\(index)" }
                }
                for try await isRight in group { #expect(isRight) }
            }
            try await eventually("all is done") { client.statistics.requests.active == 0 }
            #expect(client.statistics.requests.connectionsMade <= 2)
        }
    }

    @Test("Where the server speaks HTTP/1.1 over TLS, more connections are used")
    func http1() async throws {
        let pki = try TestPKI()
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            try connection.beginChunks()
            try connection.chunk("{}\n")
            connection.waitForClose()
        }
        let front = try await TLSFront(pki, behind: server, alpn: "http/1.1")
        try await with(front, trusting(pki)) { client in
            // More watches than HTTP/2 would have connections: each needs its own here.
            var streams: [ResponseStream] = []
            for _ in 0..<8 { streams.append(try await client.stream(.get("/s"), headTimeout: .seconds(10))) }
            #expect(client.statistics.streams.active == 8)
        }
    }

    @Test("Many watches share at most three HTTP/2 connections, each with its own pace")
    func watches() async throws {
        let pki = try TestPKI()
        let server = try ScriptedServer { connection in
            let request = try connection.request()
            try connection.beginChunks()
            if request.path == "/slow" {
                let piece = [UInt8](repeating: 65, count: 64 * 1024)
                while connection.isOpen { try connection.chunk(piece) }
            }
            try connection.chunk("{}\n")
            connection.waitForClose()
        }
        let front = try await TLSFront(pki, behind: server)
        try await with(front, trusting(pki)) { client in
            let slow = try await client.stream(.get("/slow"))
            let streams = try await withThrowingTaskGroup(of: ResponseStream.self) { group in
                for index in 0..<150 { group.addTask { try await client.stream(.get("/w/\(index)")) } }
                var streams: [ResponseStream] = []
                for try await stream in group { streams.append(stream) }
                return streams
            }
            for stream in streams {
                var iterator = stream.makeAsyncIterator()
                let first = try await iterator.next()
                #expect(first == Array("{}\n".utf8))
            }
            #expect(client.statistics.streams.active == 151)
            for stream in streams { stream.cancel() }
            slow.cancel()
            try await eventually("all are gone") { client.statistics.streams.active == 0 }
            #expect(client.statistics.streams.connectionsMade <= 3)
        }
    }

    @Test("After an unanswered request the next one does not trust the connection and dials another")
    func hangingConnection() async throws {
        let pki = try TestPKI()
        let server = try answering()
        let front = try await TLSFront(pki, behind: server)
        let relay = try FreezingRelay(to: front.port)
        try await with(front, trusting(pki), change: { $0.server = relay.url }) { client in
            for _ in 0..<3 { _ = try await client.json(.get("/before")) }
            #expect(relay.acceptedCount == 1)
            relay.freeze()
            let error = try await clientError { try await client.json(.get("/lost"), deadline: seconds(0.5)) }
            #expect(error.isTimeout)
            for _ in 0..<3 {
                let json = try await client.json(.get("/after"), deadline: seconds(30))
                #expect(json["path"] == "/after")
            }
            #expect(relay.acceptedCount == 2)
        }
    }

    @Test("A watch on a connection that hangs is noticed when bookmarks stay away, and opened again on another")
    func hangingWatch() async throws {
        let pki = try TestPKI()
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            try connection.beginChunks()
            try connection.chunk(#"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"5"}}}"# + "\n")
            connection.waitForClose()
        }
        let front = try await TLSFront(pki, behind: server)
        let relay = try FreezingRelay(to: front.port)
        try await with(front, trusting(pki)) {
            $0.server = relay.url
            $0.timeouts.watchIdle = .seconds(1)
        } _: { client in
            for round in 1...2 {
                var events = try await client.resource(.pods).watch().makeAsyncIterator()
                guard case .bookmark("5", _) = try await events.next() else {
                    Issue.record("a bookmark was expected")
                    return
                }
                relay.freeze()
                let error = try await clientError { try await events.next() == nil }
                #expect(error.isTimeout)
                #expect(relay.acceptedCount == round)
            }
        }
    }

    @Test("TLS goes through a proxy's tunnel")
    func tunnel() async throws {
        let pki = try TestPKI()
        let server = try answering()
        let front = try await TLSFront(pki, behind: server)
        let port = front.port
        let proxy = try ScriptedServer { near in
            let request = try near.request()
            guard request.method == "CONNECT", request.target == "127.0.0.1:\(port)" else { return }
            let far = try ScriptedConnection(to: port)
            try near.write("HTTP/1.1 200 Connection established\r\n\r\n")
            ScriptedServer.thread {
                while let bytes = try? far.receive() { try? near.write(bytes) }
                near.shutDown()
            }
            defer { far.shutDown() }
            while true { try far.write(try near.receive()) }
        }
        try await with(front, trusting(pki), change: { $0.proxy = .url(proxy.url) }) { client in
            for _ in 0..<5 {
                let json = try await client.json(.get("/through"))
                #expect(json["path"] == "/through")
            }
            #expect(proxy.acceptedCount == 1)
        }
    }

    @Test("A client certificate logs in; without one the error says what is missing")
    func clientCertificate() async throws {
        let pki = try TestPKI()
        try pki.authority("other")
        try pki.issue("stranger", by: "other", extensions: "extendedKeyUsage=clientAuth")
        let server = try answering()
        let front = try await TLSFront(pki, behind: server, wantsClientCertificate: true)
        try await with(front, trusting(pki, client: "client")) { client in
            let json = try await client.json(.get("/in"))
            #expect(json["path"] == "/in")
        }
        // The server's alert may be lost when it hangs up right behind it.
        for tls in [trusting(pki), trusting(pki, client: "stranger")] {
            try await with(front, tls) { client in
                let error = try await clientError { try await client.json(.get("/out")) }
                switch error.code {
                case .tls, .transport: #expect(error.message.contains("client-certificate"))
                default: Issue.record("wrong code: \(error)")
                }
            }
        }
    }

    @Test("A wrong authority, and a wrong name, are TLS errors with their remedies")
    func wrongAuthority() async throws {
        let pki = try TestPKI()
        try pki.authority("other")
        let server = try answering()
        let front = try await TLSFront(pki, behind: server)
        try await with(front, .init(certificateAuthority: .file(pki.path("other.pem")))) { client in
            let error = try await clientError { try await client.json(.post("/w", "{}")) }
            guard case .tls = error.code else {
                Issue.record("wrong code: \(error)")
                return
            }
            #expect(!error.isOutcomeUnknown)
            #expect(error.message.contains("set `certificate-authority` in the test's configuration"))
        }
        var named = trusting(pki)
        named.serverName = "wrong.test"
        try await with(front, named) { client in
            let error = try await clientError { try await client.json(.get("/")) }
            #expect(error.message.contains("certificate is for another name"))
        }
        try await with(front, .init(isInsecure: true)) { client in _ = try await client.json(.get("/")) }
    }

    @Test("A server name other than the host is verified, and the Host header keeps the address")
    func serverName() async throws {
        let pki = try TestPKI()
        let server = try answering()
        let front = try await TLSFront(pki, behind: server)
        var tls = trusting(pki)
        tls.serverName = "kubernetes.test"
        try await with(front, tls) { client in
            let json = try await client.json(.get("/n"))
            #expect(json["host"]?.stringValue == "127.0.0.1:\(front.port)")
        }
    }

    @Test("Rotated certificates take effect once they are read again, on new connections")
    func rotation() async throws {
        let pki = try TestPKI()
        let server = try ScriptedServer { connection in
            let request = try connection.request()
            if request.path == "/401" {
                try connection.respond(401, "{}")
            } else {
                try connection.respond(200, "{}")
            }
        }
        let front = try await TLSFront(pki, behind: server, wantsClientCertificate: true)
        try pki.issue("second", by: "ca", extensions: "extendedKeyUsage=clientAuth")
        try await with(front, trusting(pki, client: "client")) { client in
            _ = try await client.json(.get("/a"))
            try pki.directory.write("client.pem", try pki.directory.read("second.pem"))
            try pki.directory.write("client.key", try pki.directory.read("second.key"))
            _ = try await clientError { try await client.json(.get("/401")) }
            _ = try await client.json(.get("/b"))
            try await eventually("there was a second connection") {
                client.statistics.requests.connectionsMade == 2
            }
        }
    }

    @Test("An expired client certificate is refused when the client is made")
    func expired() throws {
        let directory = try TemporaryDirectory()
        let certificate = """
            -----BEGIN CERTIFICATE-----
            MIIBCDCBrgIBATAKBggqhkjOPQQDAjASMRAwDgYDVQQDDAd0ZXN0LWNhMB4XDTIw
            MDEwMTAwMDAwMFoXDTIxMDIwMzA0MDUwNlowDjEMMAoGA1UEAwwDb2xkMFkwEwYH
            KoZIzj0CAQYIKoZIzj0DAQcDQgAEG5JkSz1L/c5yuaIUTs0snXGCJEwtH/7IT41T
            fw3WrbSHIGA45plQMDL72UJ+nY3yanBMeoHH1ZmfKt4csM8LADAKBggqhkjOPQQD
            AgNJADBGAiEA7a+olnRXafLQWabGznHOz/VbN4HSYZTerbsdegDpaggCIQCQpRfp
            Lr5Ly7nVcPGrkHmBjCII/1a4AoHzyfgRmlWaxQ==
            -----END CERTIFICATE-----
            """
        let validity = try #require(CertificateValidity(pem: Array(certificate.utf8)))
        #expect(validity.notBefore.rfc3339 == "2020-01-01T00:00:00Z")
        #expect(validity.notAfter.rfc3339 == "2021-02-03T04:05:06Z")
        let key = try directory.write("key", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n")
        let tls = ClientConfiguration.TLS(clientCertificate: .data(Array(certificate.utf8)), clientKey: .file(key))
        let configuration = ClientConfiguration(server: "https://h", tls: tls, proxy: .none, origin: "here")
        let error = try #require(throws: ClientError.self) {
            _ = try APIClient(configuration: configuration, logger: quietLogger())
        }
        #expect(error.message == "The client certificate of here expired at 2021-02-03T04:05:06Z: renew it.")
    }

    @Test("A certificate that is damaged anywhere is not understood rather than a crash")
    func damagedCertificate() throws {
        func pem(_ der: [UInt8]) -> [UInt8] {
            Array("-----BEGIN CERTIFICATE-----\n\(Base64.encode(der))\n-----END CERTIFICATE-----".utf8)
        }
        // The outermost fields of a certificate, up to its dates.
        let times: [UInt8] = [0x17, 13] + Array("200101000000Z".utf8)
        let validity: [UInt8] = [0x30, 30] + times + times
        let fields: [UInt8] = [0x02, 1, 1, 0x30, 0, 0x30, 0] + validity
        let der = [0x30, UInt8(fields.count + 2), 0x30, UInt8(fields.count)] + fields
        #expect(CertificateValidity(pem: pem(der))?.notAfter.rfc3339 == "2020-01-01T00:00:00Z")
        for index in der.indices {
            for value: UInt8 in [0, 0x0A, 0x7F, 0x80, 0x84, 0xC3, 0xFF] {
                var damaged = der
                damaged[index] = value
                _ = CertificateValidity(pem: pem(damaged))
            }
            #expect(CertificateValidity(pem: pem(Array(der[..<index]))) == nil)
        }
    }
}
