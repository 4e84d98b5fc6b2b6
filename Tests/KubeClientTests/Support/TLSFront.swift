import Glibc
import Testing

@testable import KubeClient

/// Programs of the system that some tests need; without them those tests are skipped.
enum Tools {
    static let hasTLSFront = has("nghttpx") && has("openssl")

    private static func has(_ name: String) -> Bool {
        (processEnvironment()["PATH"] ?? "").split(separator: ":").contains {
            access("\($0)/\(name)", X_OK) == 0
        }
    }
}

/// Authorities and certificates of one test, made by the openssl command.
struct TestPKI: Sendable {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try authority("ca")
        try issue("server", by: "ca", extensions: "subjectAltName=IP:127.0.0.1,DNS:kubernetes.test")
        try issue("client", by: "ca", extensions: "extendedKeyUsage=clientAuth")
    }

    func path(_ name: String) -> String { "\(directory.path)/\(name)" }

    func authority(_ name: String) throws {
        try openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-keyout",
            path("\(name).key"), "-out", path("\(name).pem"), "-subj", "/CN=\(name)")
    }

    func issue(_ name: String, by authority: String, extensions: String) throws {
        try directory.write("\(name).ext", extensions)
        try openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path("\(name).key"),
            "-out", path("\(name).csr"), "-subj", "/CN=\(name)")
        try openssl(
            "x509", "-req", "-in", path("\(name).csr"), "-CA", path("\(authority).pem"), "-CAkey",
            path("\(authority).key"), "-CAcreateserial", "-days", "30", "-extfile", path("\(name).ext"), "-out",
            path("\(name).pem"))
    }

    private func openssl(_ arguments: String...) throws {
        let output = try ChildProcess.run(
            "openssl", arguments, adding: [], inheritsInput: false, timeout: .seconds(30))
        guard output.status == 0 else { throw ScriptError.closed }
    }
}

/// nghttpx, which speaks TLS and HTTP/2 to clients and HTTP/1.1 to a scripted server behind it.
final class TLSFront: Sendable {
    let port: Int
    private let process: pid_t

    var url: String { "https://127.0.0.1:\(port)" }

    /// - Parameter alpn: the protocols it offers.
    init(
        _ pki: TestPKI, behind server: ScriptedServer, wantsClientCertificate: Bool = false,
        alpn: String = "h2,http/1.1"
    ) async throws {
        port = try Self.freePort()
        var arguments = [
            "nghttpx", "-f127.0.0.1,\(port)", "-b127.0.0.1,\(server.port)", "--workers=1", "--npn-list=\(alpn)",
            "--conf=/dev/null", "--errorlog-file=/dev/null", "--accesslog-file=/dev/null",
            "--backend-connections-per-host=1000", "--no-location-rewrite",
        ]
        if wantsClientCertificate {
            arguments += ["--verify-client", "--verify-client-cacert=\(pki.path("ca.pem"))"]
        }
        arguments += [pki.path("server.key"), pki.path("server.pem")]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        ChildProcess.closeInherited(&actions)
        let pointers = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var process: pid_t = 0
        guard posix_spawnp(&process, "nghttpx", &actions, nil, pointers, environ) == 0 else {
            throw ScriptError.noSocket
        }
        self.process = process
        let port = port
        try await eventually("nghttpx accepts connections") { Self.accepts(port) }
    }

    deinit {
        kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
    }

    private static func freePort() throws -> Int {
        let server = try ScriptedServer { _ in }
        defer { server.stop() }
        return server.port
    }

    private static func accepts(_ port: Int) -> Bool {
        guard let connection = try? ScriptedConnection(to: port) else { return false }
        connection.close()
        return true
    }
}

/// Passes bytes on to a server, until `freeze()`: connections of before then only swallow them, as with a host that
/// hangs while its kernel still acknowledges. Later connections work.
final class FreezingRelay: Sendable {
    private let frozen: Box<Int>
    private let server: ScriptedServer

    var url: String { "https://127.0.0.1:\(server.port)" }
    var acceptedCount: Int { server.acceptedCount }

    init(to port: Int) throws {
        let frozen = Box(0)
        let count = Counter()
        self.frozen = frozen
        server = try ScriptedServer { near in
            let number = count.next()
            let far = try ScriptedConnection(to: port)
            ScriptedServer.thread {
                while let bytes = try? far.receive() {
                    if frozen.withLock({ $0 }) < number { try? near.write(bytes) }
                }
                near.shutDown()
            }
            defer { far.shutDown() }
            while true {
                let bytes = try near.receive()
                if frozen.withLock({ $0 }) < number { try far.write(bytes) }
            }
        }
    }

    func freeze() {
        let count = server.acceptedCount
        frozen.withLock { $0 = count }
    }
}
