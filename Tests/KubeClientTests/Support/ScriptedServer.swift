import Glibc
import Synchronization

/// A server on a loopback port of its own whose connections are played by a closure, byte for byte: what no
/// well-behaved server would do is what the transport has to be tested with.
final class ScriptedServer: Sendable {
    typealias Script = @Sendable (ScriptedConnection) throws -> Void

    let port: Int
    private let listener: Int32
    private let state = State()

    private final class State: Sendable {
        let guarded = Mutex((connections: [ScriptedConnection](), accepted: 0, isStopped: false))
    }

    var url: String { "http://127.0.0.1:\(port)" }
    /// How many connections were made so far.
    var acceptedCount: Int { state.guarded.withLock { $0.accepted } }
    var openCount: Int { state.guarded.withLock { $0.connections.filter(\.isOpen).count } }

    init(_ script: @escaping Script) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 128) == 0
                    && getsockname(listener, $0, &length) == 0
            }
        }
        guard listener >= 0, bound else { throw ScriptError.noSocket }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        // Holds the state and not the server, which would then never be released.
        Self.thread { [state] in
            defer { close(listener) }
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                let connection = ScriptedConnection(descriptor)
                let isStopped = state.guarded.withLock {
                    $0.connections.append(connection)
                    $0.accepted += 1
                    return $0.isStopped
                }
                if isStopped { return connection.close() }
                Self.thread {
                    try? script(connection)
                    connection.close()
                }
            }
        }
    }

    /// Cuts every connection, as a server that dies.
    func dropConnections() {
        for connection in state.guarded.withLock({ $0.connections }) { connection.shutDown() }
    }

    func stop() {
        let wasStopped = state.guarded.withLock { state in
            defer { state.isStopped = true }
            return state.isStopped
        }
        if wasStopped { return }
        // Ends the accepting thread, which closes the socket.
        shutdown(listener, Int32(SHUT_RDWR))
        dropConnections()
    }

    deinit { stop() }

    static func thread(_ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(ThreadBody(body))
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().body() }
                return nil
            }, box.toOpaque())
        pthread_detach(thread)
    }
}

private final class ThreadBody: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

enum ScriptError: Error {
    case noSocket, closed
}

struct ScriptedRequest: Sendable {
    var method = ""
    var target = ""
    var headers: [String: String] = [:]
    var body: [UInt8] = []

    var path: String { String(target.prefix { $0 != "?" }) }
}

final class ScriptedConnection: Sendable {
    private let descriptor: Int32
    private let state = Mutex((open: true, buffer: [UInt8]()))

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    var isOpen: Bool { state.withLock { $0.open } }

    func close() {
        let wasOpen = state.withLock { state in
            defer { state.open = false }
            return state.open
        }
        if wasOpen { Glibc.close(descriptor) }
    }

    func shutDown() {
        state.withLock { if $0.open { _ = shutdown(descriptor, Int32(SHUT_RDWR)) } }
    }

    /// Closes so that the peer gets a reset instead of an orderly end.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        close()
    }

    func write(_ text: String) throws { try write(Array(text.utf8)) }

    func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw ScriptError.closed }
            sent += count
        }
    }

    /// A connection to a server on loopback.
    convenience init(to port: Int) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            Glibc.close(descriptor)
            throw ScriptError.closed
        }
        self.init(descriptor)
    }

    /// Whatever comes next, past `request()`.
    func receive() throws -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else { throw ScriptError.closed }
        return Array(chunk[..<count])
    }

    /// Blocks until the peer closes.
    func waitForClose() {
        while (try? fill()) != nil {}
    }

    private func fill() throws {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else { throw ScriptError.closed }
        state.withLock { $0.buffer.append(contentsOf: chunk[..<count]) }
    }

    /// The next request with its body (by Content-Length).
    func request() throws -> ScriptedRequest {
        var headEnd: Int?
        while headEnd == nil {
            headEnd = state.withLock { state in
                let bytes = state.buffer
                guard bytes.count >= 4 else { return nil }
                return (0...(bytes.count - 4)).first { Array(bytes[$0..<($0 + 4)]) == [13, 10, 13, 10] }
            }
            if headEnd == nil { try fill() }
        }
        guard let headEnd else { throw ScriptError.closed }
        let head = state.withLock { String(decoding: $0.buffer[..<headEnd], as: UTF8.self) }
        var request = ScriptedRequest()
        for (index, line) in head.split(separator: "\r\n").enumerated() {
            if index == 0 {
                let words = line.split(separator: " ").map(String.init)
                request.method = words.first ?? ""
                request.target = words.count > 1 ? words[1] : ""
            } else if let colon = line.firstIndex(of: ":") {
                let name = line[..<colon].lowercased()
                request.headers[name] = String(line[line.index(after: colon)...].drop { $0 == " " })
            }
        }
        let length = Int(request.headers["content-length"] ?? "0") ?? 0
        while state.withLock({ $0.buffer.count }) < headEnd + 4 + length { try fill() }
        request.body = state.withLock { state in
            defer { state.buffer.removeFirst(headEnd + 4 + length) }
            return Array(state.buffer[(headEnd + 4)..<(headEnd + 4 + length)])
        }
        return request
    }

    /// A whole answer with a length.
    func respond(
        _ status: Int = 200, _ body: String = "", type: String = "application/json", headers: [String] = []
    ) throws {
        let extra = headers.map { $0 + "\r\n" }.joined()
        try write(
            "HTTP/1.1 \(status) X\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\(extra)\r\n"
                + body)
    }

    /// The head of a chunked answer.
    func beginChunks(type: String = "application/json") throws {
        try write("HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nTransfer-Encoding: chunked\r\n\r\n")
    }

    func chunk(_ bytes: [UInt8]) throws {
        try write(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10])
    }

    func chunk(_ text: String) throws { try chunk(Array(text.utf8)) }

    func endChunks() throws { try write("0\r\n\r\n") }
}
