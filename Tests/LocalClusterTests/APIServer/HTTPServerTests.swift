import Dispatch
import Glibc
import KubeCore
import Logging
import Testing

@testable import LocalCluster

@Suite("The HTTP server")
struct HTTPServerTests {
    /// A connection of HTTP/1.1 to a local port.
    private struct Connection: Sendable {
        let descriptor: Int32

        init?(port: Int) {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            let size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
            }
            var limit = timeval(tv_sec: 10, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            if result != 0 { return nil }
        }

        func send(_ text: String) {
            let bytes = Array(text.utf8)
            _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        }

        /// What has come until the text is in it; what there is at the end of the connection.
        ///
        /// It waits on a thread of its own: the server needs those of the concurrency pool.
        func read(until mark: String) async -> String {
            await withCheckedContinuation { done in
                DispatchQueue.global().async { done.resume(returning: wait(for: mark)) }
            }
        }

        private func wait(for mark: String) -> String {
            var text = ""
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while !text.contains(mark) {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count <= 0 { break }
                text += String(decoding: buffer[..<count], as: UTF8.self)
            }
            return text
        }
    }

    private func withCluster(_ body: (Cluster, Int) async throws -> Void) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let cluster = Cluster(
            options: ClusterOptions(usesTLS: false, adminToken: "secret", runsControllers: false), logger: logger)
        let endpoint = try await cluster.start()
        let port = try #require(endpoint.url.split(separator: ":").last.flatMap { Int($0) })
        do {
            try await body(cluster, port)
        } catch {
            await cluster.stop()
            throw error
        }
        await cluster.stop()
    }

    private func request(_ method: String, _ path: String, headers: String = "", body: String = "") -> String {
        let length = body.isEmpty && headers.contains("Content-Length") ? "" : "Content-Length: \(body.utf8.count)\r\n"
        return "\(method) \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\n\(headers)\(length)\r\n\(body)"
    }

    @Test("A watch ends at once when its client goes away")
    func disconnect() async throws {
        try await withCluster { cluster, port in
            let registry = try #require(cluster.api as? Registry)
            let connection = try #require(Connection(port: port))
            connection.send(request("GET", "/api/v1/namespaces?watch=1"))
            #expect(await connection.read(until: "kube-system").contains("ADDED"))
            #expect(registry.store.watcherCount > 0)
            close(connection.descriptor)
            let deadline = ContinuousClock.now + .seconds(10)
            while registry.store.watcherCount > 1, ContinuousClock.now < deadline { await Task.yield() }
            // What is left is the server's own watch of definitions.
            #expect(registry.store.watcherCount <= 1)
        }
    }

    @Test("One connection serves request after request")
    func keepAlive() async throws {
        try await withCluster { _, port in
            let connection = try #require(Connection(port: port))
            defer { close(connection.descriptor) }
            for _ in 0..<3 {
                connection.send(request("GET", "/healthz"))
                #expect(await connection.read(until: "\r\n\r\nok").hasPrefix("HTTP/1.1 200"))
            }
        }
    }

    @Test("A body over 3 MiB is refused before it is read")
    func tooLarge() async throws {
        try await withCluster { _, port in
            let connection = try #require(Connection(port: port))
            defer { close(connection.descriptor) }
            let headers = "Content-Type: application/json\r\nContent-Length: 3200000\r\n"
            connection.send(request("POST", "/api/v1/namespaces/default/configmaps", headers: headers))
            #expect(await connection.read(until: "RequestEntityTooLarge").hasPrefix("HTTP/1.1 413"))
        }
    }

    @Test("A stop ends open watches and leaves no listener")
    func stopping() async throws {
        var port = 0
        try await withCluster { _, bound in
            port = bound
            let connection = try #require(Connection(port: bound))
            connection.send(request("GET", "/api/v1/namespaces?watch=1"))
            _ = await connection.read(until: "kube-system")
        }
        // A process that another test is just starting has a copy of every descriptor until its exec.
        let deadline = ContinuousClock.now + .seconds(60)
        var open = Connection(port: port)
        while let connection = open, ContinuousClock.now < deadline {
            close(connection.descriptor)
            try await Task.sleep(for: .milliseconds(5))  // polls
            open = Connection(port: port)
        }
        #expect(open == nil)
    }

    @Test("With TLS the cluster starts, and its kubeconfig names the authority and a client certificate")
    func tls() async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let cluster = Cluster(options: ClusterOptions(runsControllers: false), logger: logger)
        let endpoint = try await cluster.start()
        #expect(endpoint.url.hasPrefix("https://127.0.0.1:"))
        let config = endpoint.kubeconfig(name: "local")
        for key in ["certificate-authority-data:", "client-certificate-data:", "client-key-data:"] {
            #expect(config.contains(key))
        }
        await cluster.stop()
    }
}
