import CSpawn
import Glibc
import Synchronization

enum ProxySocket {
    /// A socket that listens and does not block.
    static func listen(_ address: String, _ port: UInt16) -> Result<Int32, NodeError> {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let socket = socket(AF_INET, kind, 0)
        guard socket >= 0 else { return .failure(.system("make a socket")) }
        var yes: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        guard inet_pton(AF_INET, address, &place.sin_addr) == 1 else {
            close(socket)
            return .failure(NodeError("\(address) is not an IPv4 address"))
        }
        let code = withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0, Glibc.listen(socket, 128) == 0 else {
            let failure = NodeError.system("listen on \(address):\(port)")
            close(socket)
            return .failure(failure)
        }
        return .success(socket)
    }
}

/// Connections on their way through, each with two threads that copy.
///
/// Threads that block are the simplest thing that is right about half-closed connections and slow readers; the number of
/// connections is capped.
final class ProxyConnections: Sendable {
    private static let limit = 512
    private let open = Mutex<Set<Int32>>([])

    /// Takes ownership of the client's socket. Tries the endpoints in their order.
    func serve(_ client: Int32, _ backs: [ServiceProxy.Back]) {
        guard open.withLock({ $0.count < Self.limit * 2 }) else {
            close(client)
            return
        }
        HostThread.start { [self] in
            for back in backs {
                guard case .success(let server) = ProbeSocket.connect(back.address, back.port, timeout: .seconds(5))
                else { continue }
                return relay(client, server)
            }
            close(client)
        }
    }

    private func relay(_ client: Int32, _ server: Int32) {
        // The time limits were for connecting only.
        var none = timeval()
        for option in [SO_SNDTIMEO, SO_RCVTIMEO] {
            setsockopt(server, SOL_SOCKET, option, &none, socklen_t(MemoryLayout<timeval>.size))
        }
        open.withLock { $0.formUnion([client, server]) }
        let finish = Finish()
        HostThread.start { [self] in
            copy(from: server, to: client)
            if finish.isSecond() { end(client, server) }
        }
        copy(from: client, to: server)
        if finish.isSecond() { end(client, server) }
    }

    private func copy(from source: Int32, to target: Int32) {
        var buffer = [UInt8](repeating: 0, count: 32 * 1024)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            var sent = 0
            while sent < count {
                let part = buffer.withUnsafeBytes { bytes in
                    send(target, bytes.baseAddress?.advanced(by: sent), count - sent, Int32(MSG_NOSIGNAL))
                }
                if part < 0, errno == EINTR { continue }
                guard part > 0 else {
                    shutdown(source, Int32(SHUT_RD))
                    return
                }
                sent += part
            }
        }
        shutdown(target, Int32(SHUT_WR))
    }

    private func end(_ client: Int32, _ server: Int32) {
        open.withLock { open in
            open.subtract([client, server])
            close(client)
            close(server)
        }
    }

    /// Wakes the threads of all connections; each closes its own.
    func closeAll() {
        open.withLock { open in
            for socket in open { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }
}

/// Tells the second of two threads that it is the last.
private final class Finish: Sendable {
    private let hasOneEnded = Mutex(false)

    func isSecond() -> Bool {
        hasOneEnded.withLock { hasEnded in
            defer { hasEnded = true }
            return hasEnded
        }
    }
}
