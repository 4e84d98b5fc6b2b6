import Glibc

/// A GET that succeeds with a status of 200 to 399, as the kubelet's.
struct HTTPProbe: Sendable {
    var address: String
    var port: UInt16
    var path: String
    var headers: [(name: String, value: String)]
    var isTLS: Bool

    func run(on work: BlockingWork, timeout: Duration) async -> ProbeResult {
        if isTLS { return .failure("HTTPS probes are not supported by the local node; use HTTP, exec or tcpSocket") }
        return await work.run { get(timeout: timeout) }
    }

    private func get(timeout: Duration) -> ProbeResult {
        let socket: Int32
        switch ProbeSocket.connect(address, port, timeout: timeout) {
        case .success(let connected): socket = connected
        case .failure(let error): return .failure("Get \"http://\(address):\(port)\(path)\": \(error.message)")
        }
        defer { close(socket) }
        var request = "GET \(path.isEmpty ? "/" : path) HTTP/1.1\r\n"
        if !headers.contains(where: { $0.name.lowercased() == "host" }) { request += "Host: \(address):\(port)\r\n" }
        for (name, value) in headers where !(name + value).contains(where: { $0.isNewline }) {
            request += "\(name): \(value)\r\n"
        }
        request += "User-Agent: kube-probe/1.36\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        let bytes = Array(request.utf8)
        guard send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            return .failure("cannot send the request: \(String(cString: strerror(errno)))")
        }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 512)
        while !answer.contains(UInt8(ascii: "\n")), answer.count < 4096 {
            let count = recv(socket, &chunk, chunk.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return .failure("no answer: the connection was closed or timed out") }
            answer += chunk.prefix(count)
        }
        let line = String(
            decoding: answer.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        let words = line.split(separator: " ")
        guard words.count > 1, line.hasPrefix("HTTP/"), let code = Int(words[1]) else {
            return .failure("malformed HTTP response \"\(line.prefix(80))\"")
        }
        return (200..<400).contains(code) ? .success : .failure("HTTP probe failed with statuscode: \(code)")
    }
}

/// TCP connections with a time limit, for probes. They block.
enum ProbeSocket {
    static func connect(_ address: String, _ port: UInt16, timeout: Duration) -> Result<Int32, NodeError> {
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = port.bigEndian
        guard inet_pton(AF_INET, address == "localhost" ? "127.0.0.1" : address, &target.sin_addr) == 1 else {
            return .failure(NodeError("\(address) is not an IPv4 address"))
        }
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return .failure(.system("make a socket")) }
        let (seconds, attoseconds) = timeout.components
        var limit = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        let size = socklen_t(MemoryLayout<timeval>.size)
        // The send limit also bounds the connection's making.
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        let code = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else {
            let failure = NodeError.system("connect to \(address):\(port)")
            close(socket)
            return .failure(failure)
        }
        return .success(socket)
    }
}
