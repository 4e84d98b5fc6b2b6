import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
import HummingbirdTLS
import KubeCore
import Logging
import NIOCore
import NIOSSL
import PKI
import Synchronization

/// The API over HTTP/1.1 and HTTP/2, with or without TLS.
package final class HTTPServer: Sendable {
    package struct TLS: Sendable {
        package var certificatePEM: String
        package var keyPEM: String
        /// Client certificates signed by this authority name their user; clients without one use tokens.
        package var clientAuthorityPEM: String

        package init(certificatePEM: String, keyPEM: String, clientAuthorityPEM: String) {
            self.certificatePEM = certificatePEM
            self.keyPEM = keyPEM
            self.clientAuthorityPEM = clientAuthorityPEM
        }
    }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private let dispatcher: Dispatcher
    private let logger: Logger
    private let task = Mutex<Task<Void, any Error>?>(nil)

    package init(dispatcher: Dispatcher, logger: Logger) {
        self.dispatcher = dispatcher
        self.logger = logger
    }

    /// Binds the address and serves until `stop`.
    ///
    /// - Parameter port: 0 picks a free one.
    /// - Returns: the port bound.
    package func start(host: String, port: Int, tls: TLS?) async throws -> Int {
        let bound = AsyncStream<Int>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let server = try Self.builder(tls)
        var quiet = logger
        // It would call the end of a connection an error.
        quiet.logLevel = .critical
        let dispatcher = dispatcher
        let application = Application(
            responder: CallbackResponder<ServerContext> { request, context in
                await Self.respond(request, context, dispatcher)
            },
            server: server,
            configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
            onServerRunning: { channel in
                bound.continuation.yield(channel.localAddress?.port ?? port)
                bound.continuation.finish()
            },
            logger: quiet)
        let running = Task {
            defer { bound.continuation.finish() }
            try await application.run()
        }
        task.withLock { $0 = running }
        for await port in bound.stream { return port }
        // It ended before it ran: the task knows why.
        do {
            try await running.value
        } catch {
            throw Failure(
                description: "the API server could not listen on \(host):\(port): \(error). "
                    + "Is the port taken? Port 0 picks a free one.")
        }
        throw Failure(description: "the API server ended before it listened on \(host):\(port)")
    }

    /// Closes the listener and all connections.
    package func stop() async {
        let running = task.withLock { task in
            defer { task = nil }
            return task
        }
        guard let running else { return }
        running.cancel()
        _ = await running.result
    }

    private static func builder(_ tls: TLS?) throws -> HTTPServerBuilder {
        guard let tls else { return .http1() }
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(tls.certificatePEM.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(tls.keyPEM.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMBytes(Array(tls.clientAuthorityPEM.utf8)))
        configuration.certificateVerification = .optionalVerification
        return try .http2Upgrade(
            tlsConfiguration: configuration,
            configuration: .init(streamConfiguration: .init(additionalChannelHandlers: [StreamEndInstaller()])))
    }

    private static func respond(
        _ request: Request, _ context: ServerContext, _ dispatcher: Dispatcher
    ) async -> Response {
        let user = await certificateUser(context.channel)
        let call = call(request, certificateUser: user)
        let answer = await dispatcher.answer(call)
        return response(answer, request)
    }

    // MARK: Requests

    /// The largest body taken, as the real server has it.
    private static let maxBody = 3 << 20

    private static func call(
        _ request: Request, certificateUser: (name: String, groups: [String])?
    ) -> HTTPCall {
        let headers = request.headers
        func header(_ name: String) -> String? {
            guard let name = HTTPField.Name(name) else { return nil }
            let values = headers[values: name]
            return values.isEmpty ? nil : values.joined(separator: ",")
        }
        var impersonation: [(name: String, value: String)] = []
        for field in headers where field.name.canonicalName.hasPrefix("impersonate-") {
            impersonation.append((field.name.canonicalName, field.value))
        }
        return HTTPCall(
            method: request.method.rawValue, target: RequestTarget(request.head.path ?? "/"),
            accept: header("accept"), contentType: header("content-type"), userAgent: header("user-agent") ?? "",
            authorization: header("authorization"), ifNoneMatch: header("if-none-match"),
            certificateUser: certificateUser, body: { try await collect(request) }, impersonation: impersonation)
    }

    private static func collect(_ request: Request) async throws -> [UInt8] {
        let tooLarge = Status.requestEntityTooLarge("Request entity too large: limit is \(maxBody)")
        if let text = request.headers[.contentLength], let length = Int(text), length > maxBody { throw tooLarge }
        var bytes: [UInt8] = []
        for try await buffer in request.body {
            if bytes.count + buffer.readableBytes > maxBody { throw tooLarge }
            bytes.append(contentsOf: buffer.readableBytesView)
        }
        return bytes
    }

    private static func certificateUser(_ channel: any Channel) async -> (name: String, groups: [String])? {
        // A stream of HTTP/2 is a child of the connection that has the certificate; a connection is a child of the listener.
        for candidate in [channel, channel.parent].compactMap({ $0 }) {
            guard let certificate = try? await candidate.nioSSL_peerCertificate().get() else { continue }
            guard let subject = try? CertificateSubject(certificateDER: certificate.toDERBytes()) else { return nil }
            return (subject.commonName, subject.organizations)
        }
        return nil
    }

    // MARK: Answers

    private static func response(_ answer: HTTPAnswer, _ request: Request) -> Response {
        var fields = HTTPFields()
        for (name, value) in answer.headers {
            guard let name = HTTPField.Name(name) else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        let status = HTTPResponse.Status(code: answer.status)
        switch answer.body {
        case .bytes(let bytes):
            return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        case .stream(let produce):
            let body = ResponseBody { writer in
                let output = StreamOutput(writer)
                // The client says nothing more; when its side closes, the answer is of no use to anybody.
                do {
                    try await request.body.consumeWithCancellationOnInboundClose { _ in
                        try await produce { bytes in try await output.write(bytes) }
                    }
                } catch is CancellationError {}
                try await output.finish()
            }
            return Response(status: status, headers: fields, body: body)
        }
    }
}

/// The writer of a streamed answer. One task at a time writes.
private final class StreamOutput: @unchecked Sendable {
    // Guarded by use: the producer writes from one task and `finish` comes after it has ended.
    private var writer: any ResponseBodyWriter

    init(_ writer: any ResponseBodyWriter) { self.writer = writer }

    func write(_ bytes: [UInt8]) async throws {
        try await writer.write(ByteBuffer(bytes: bytes))
    }

    func finish() async throws {
        try await writer.finish(nil)
    }
}

/// What the server keeps of a request's connection.
struct ServerContext: InitializableFromSource {
    typealias Source = ApplicationRequestContextSource
    let channel: any Channel

    init(source: Source) { channel = source.channel }
}
