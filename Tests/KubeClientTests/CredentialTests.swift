import KubeCore
import Synchronization
import Testing

@testable import KubeClient

@Suite("Credentials")
struct CredentialTests {
    /// Answers 401 unless the request carries the token that is valid at present.
    private final class Gate: Sendable {
        let valid: Mutex<String>
        let refusals = Counter()
        init(_ token: String) { valid = Mutex(token) }

        func serve() throws -> ScriptedServer {
            try ScriptedServer { [self] connection in
                while true {
                    let request = try connection.request()
                    if request.headers["authorization"] == "Bearer \(valid.withLock { $0 })" {
                        try connection.respond(200, "{}")
                    } else {
                        _ = refusals.next()
                        try connection.respond(401, Status.unauthorized().json.encodedString())
                    }
                }
            }
        }
    }

    @Test("A token file is read again after a 401, once, and the request succeeds")
    func tokenFile() async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("token", "old\n")
        let gate = Gate("old")
        let server = try gate.serve()
        try await withClient(server, authentication: .tokenFile(path)) { client in
            _ = try await client.json(.get("/a"))
            try directory.write("token", "new")
            gate.valid.withLock { $0 = "new" }
            // A write too, as a refused request was not processed.
            _ = try await client.json(.post("/b", "{}"))
            #expect(gate.refusals.count == 1)
            gate.valid.withLock { $0 = "other" }
            let error = try await clientError { try await client.json(.get("/c")) }
            #expect(error.httpStatus == 401)
            #expect(error.message.contains("log in again"))
            #expect(gate.refusals.count == 2)
        }
    }

    @Test("A fixed token that is refused is not tried twice")
    func fixedToken() async throws {
        let gate = Gate("right")
        let server = try gate.serve()
        try await withClient(server, authentication: .token("wrong")) { client in
            let error = try await clientError { try await client.json(.get("/a")) }
            #expect(error.httpStatus == 401)
            #expect(gate.refusals.count == 1)
        }
    }

    @Test("Basic authentication and impersonation become headers")
    func headers() async throws {
        let server = try ScriptedServer { connection in
            let request = try connection.request()
            let authorization = request.headers["authorization"] ?? ""
            let user = request.headers["impersonate-user"] ?? ""
            try connection.respond(200, "[\"\(authorization)\",\"\(user)\"]")
        }
        try await withClient(server, authentication: .basic(user: "a", password: "b")) {
            $0.impersonation = .init(user: "root")
        } _: { client in
            let json = try await client.json(.get("/"))
            #expect(json == ["Basic YTpi", "root"])
        }
    }

    private func plugin(_ directory: TemporaryDirectory, _ script: String) throws -> ExecPlugin {
        let path = try directory.write("plugin", "#!/bin/sh\n\(script)\n", mode: 0o700)
        return ExecPlugin(command: path, arguments: ["one", "two words"], environment: [("EXTRA", "e")])
    }

    private static func credential(_ token: String, expires: String? = nil) -> String {
        let expiry = expires.map { ",\"expirationTimestamp\":\"\($0)\"" } ?? ""
        return "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\","
            + "\"status\":{\"token\":\"\(token)\"\(expiry)}}"
    }

    @Test("An exec plugin runs once for many requests, with its arguments and environment")
    func execOnce() async throws {
        let directory = try TemporaryDirectory()
        var plugin = try plugin(
            directory,
            """
            echo run >> \(directory.path)/runs
            printf '%s' "$KUBERNETES_EXEC_INFO" > \(directory.path)/info
            [ "$1$2$EXTRA" = "onetwo wordse" ] || exit 3
            echo '\(Self.credential("t1"))'
            """)
        plugin.providesClusterInfo = true
        let gate = Gate("t1")
        let server = try gate.serve()
        try await withClient(server, authentication: .exec(plugin)) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await client.json(.get("/a")) } }
                try await group.waitForAll()
            }
            #expect(try directory.read("runs") == "run\n")
            let info = try JSON.parse(try directory.read("info"))
            #expect(info["kind"] == "ExecCredential")
            #expect(info.at("spec", "interactive") == false)
            #expect(info.at("spec", "cluster", "server")?.stringValue == server.url)
        }
    }

    @Test("A plugin's credential that has expired, or is refused, is asked for again")
    func execAgain() async throws {
        let directory = try TemporaryDirectory()
        let plugin = try plugin(
            directory, "echo run >> \(directory.path)/runs\ncat \(directory.path)/answer")
        try directory.write("answer", Self.credential("t1", expires: "2020-01-01T00:00:00Z"))
        let gate = Gate("t1")
        let server = try gate.serve()
        try await withClient(server, authentication: .exec(plugin)) { client in
            _ = try await client.json(.get("/a"))
            try directory.write("answer", Self.credential("t2", expires: "2120-01-01T00:00:00Z"))
            gate.valid.withLock { $0 = "t2" }
            _ = try await client.json(.get("/b"))
            _ = try await client.json(.get("/c"))
            #expect(try directory.read("runs") == "run\nrun\n")
            #expect(gate.refusals.count == 0)
            // Revoked before its time.
            try directory.write("answer", Self.credential("t3"))
            gate.valid.withLock { $0 = "t3" }
            _ = try await client.json(.get("/d"))
            #expect(gate.refusals.count == 1)
        }
    }

    @Test(
        "A plugin that fails is explained",
        arguments: [
            ("echo 'no login' >&2; exit 7", "failed with exit code 7 and said \"no login"),
            ("kill -9 $$", "signal 9"),
            ("echo hello", "is not JSON"),
            ("echo '{}'", "printed no ExecCredential"),
            (#"echo '{"kind":"ExecCredential","apiVersion":"x/v1","status":{}}'"#, "correct `exec.apiVersion`"),
            (
                #"echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{}}'"#,
                "neither `status.token` nor a client certificate"
            ),
        ])
    func execFails(script: String, expected: String) async throws {
        let directory = try TemporaryDirectory()
        let server = try ScriptedServer { _ in }
        try await withClient(server, authentication: .exec(try plugin(directory, script))) { client in
            let error = try await clientError { try await client.json(.get("/a")) }
            guard case .authentication = error.code else {
                Issue.record("wrong code: \(error)")
                return
            }
            #expect(error.message.contains(expected))
            #expect(error.message.contains("\(directory.path)/plugin"))
        }
    }

    @Test("A plugin that is missing gives its install hint; one that hangs is killed")
    func execMissing() async throws {
        let server = try ScriptedServer { _ in }
        let missing = ExecPlugin(command: "kubeclient-no-such-plugin", installHint: "Install it from the shop.")
        try await withClient(server, authentication: .exec(missing)) { client in
            let error = try await clientError { try await client.json(.get("/a")) }
            #expect(error.message.contains("was not found. Install it from the shop."))
        }
        let hanging = ExecPlugin(command: "sleep", arguments: ["600"], timeout: .milliseconds(200))
        try await withClient(server, authentication: .exec(hanging)) { client in
            let error = try await clientError { try await client.json(.get("/a")) }
            #expect(error.message.contains("was killed"))
        }
    }

    @Test("Waiting for a plugin ends with the task")
    func execCancelled() async throws {
        let directory = try TemporaryDirectory()
        let server = try ScriptedServer { _ in }
        var plugin = try plugin(directory, "touch \(directory.path)/started; sleep 300")
        plugin.timeout = .seconds(300)
        try await withClient(server, authentication: .exec(plugin)) { client in
            let task = Task { try await clientError { try await client.json(.get("/a")) } }
            try await eventually("the plugin runs") { fileExists("\(directory.path)/started") }
            let start = ContinuousClock.now
            task.cancel()
            let error = try await task.value
            #expect(error.isCancelled)
            #expect(ContinuousClock.now - start < .seconds(120))
        }
    }

    @Test(
        "Bad files are refused when the client is made, with file, field and remedy",
        arguments: [
            ("missing", "No such file or directory"), ("text", "holds no PEM certificate"),
        ])
    func badFiles(name: String, expected: String) throws {
        let directory = try TemporaryDirectory()
        try directory.write("text", "hello")
        let configuration = ClientConfiguration(
            server: "https://h", tls: .init(certificateAuthority: .file("\(directory.path)/\(name)")), proxy: .none)
        let error = try #require(throws: ClientError.self) {
            _ = try APIClient(configuration: configuration, logger: quietLogger())
        }
        #expect(error.message.contains(expected))
        #expect(error.message.contains("\(directory.path)/\(name)"))
        #expect(error.message.contains("`certificate-authority`"))
    }

    @Test("A token with a line feed inside cannot smuggle a header")
    func smuggling() throws {
        let configuration = ClientConfiguration(server: "http://h", authentication: .token("a\r\nX-Evil: 1"))
        let error = try #require(throws: ClientError.self) {
            _ = try APIClient(configuration: configuration, logger: quietLogger())
        }
        #expect(!error.message.contains("Evil"))
    }
}
