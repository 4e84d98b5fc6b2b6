/// What a connection needs to know beyond the request. Immutable: rotated credentials make a new value, and a handle
/// that carries an older one is set up anew before its next transfer (so that connections are not shared across them).
final class ConnectionSettings: Sendable {
    struct TLS: Sendable, Equatable {
        /// PEM; nil means the system's authorities.
        var authorities: [UInt8]?
        var certificate: [UInt8]?
        var key: [UInt8]?
        var skipsVerification = false
    }

    let tls: TLS
    /// `host:port` of the proxy with its scheme; empty means none.
    let proxy: String
    /// libcurl's `HOST:PORT:CONNECT-TO-HOST:CONNECT-TO-PORT`: how a TLS server name that differs from the host is done.
    let connectTo: String?
    let userAgent: String
    let connectTimeout: Duration
    let tcpUserTimeout: Duration
    /// Turns HTTP/2 off.
    let isHTTP1Only: Bool

    init(
        tls: TLS, proxy: String, connectTo: String?, userAgent: String, connectTimeout: Duration,
        tcpUserTimeout: Duration, isHTTP1Only: Bool
    ) {
        self.tls = tls
        self.proxy = proxy
        self.connectTo = connectTo
        self.userAgent = userAgent
        self.connectTimeout = connectTimeout
        self.tcpUserTimeout = tcpUserTimeout
        self.isHTTP1Only = isHTTP1Only
    }
}

/// One HTTP exchange, as the loop performs it.
struct TransferRequest: Sendable {
    enum Mode: Sendable {
        /// The whole body in memory, up to `limit` bytes.
        case collect(limit: Int)
        /// The body of a 2xx answer through a bounded buffer. Another answer is collected (it is an error's account).
        case stream(StreamBuffer, idleTimeout: Duration?)
    }

    var method: String
    var url: String
    var headers: [(name: String, value: String)]
    var body: [UInt8]?
    var settings: ConnectionSettings
    /// For a collected body the end of the whole exchange; for a stream the time by which the head must be there.
    var deadline: ContinuousClock.Instant?
    var mode: Mode
    var acceptsGzip = true
}

/// A complete answer, or the head of a streamed one.
struct TransferResponse: Sendable {
    var status: Int
    var head: ResponseHead
    var body: [UInt8]
}

/// Why there is no answer.
struct TransferFailure: Error, Sendable {
    enum Kind: Sendable, Equatable {
        case curl(Int32)
        case deadline
        case idle
        case tooLarge(limit: Int)
        case cancelled
        case closed
    }

    var kind: Kind
    /// libcurl's own words.
    var detail = ""
    /// False only when it is certain that the server saw nothing of the request.
    var mayHaveBeenSent = true
    /// True when the transfer was still waiting for a free connection.
    var wasQueued = false
    /// True when a part of the answer had come.
    var hadResponse = false
}

/// The header block of the final response, parsed when asked.
public struct ResponseHead: Sendable {
    var bytes: [UInt8]

    init(_ bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    /// The value of the first header of that name, without surrounding blanks. Names match in any case.
    public subscript(name: String) -> String? {
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let candidate = line[..<colon]
            guard candidate.count == name.utf8.count else { continue }
            guard zip(candidate, name.utf8).allSatisfy({ Self.lower($0) == Self.lower($1) }) else { continue }
            let value = line[line.index(after: colon)...]
            let isBlank: (UInt8) -> Bool = { $0 == 32 || $0 == 9 || $0 == 13 }
            let trimmed = value.drop(while: isBlank)
            let end = trimmed.lastIndex { !isBlank($0) }
            guard let end else { return "" }
            return String(decoding: trimmed[...end], as: UTF8.self)
        }
        return nil
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        byte >= 65 && byte <= 90 ? byte | 0x20 : byte
    }
}
