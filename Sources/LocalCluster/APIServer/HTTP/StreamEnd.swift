import NIOCore
import NIOHTTP2

/// Ends an HTTP/2 stream with the last bytes of an answer whose length is known, rather than with an empty frame after them.
///
/// A libcurl such as Debian 12's 7.88 takes the last byte that it expects for the end, and resets the stream if the frame
/// that ends it has not arrived with it. NIO drops a connection that has had 200 resets within 30 s, and with it all watches
/// and requests that go on over it.
final class StreamEndMerger: ChannelOutboundHandler {
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    /// Bytes that are still to come; nil when the answer does not tell.
    private var remaining: Int?
    private var hasEnded = false

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var payload = unwrapOutboundIn(data)
        if hasEnded {
            // The end that has been told already.
            if payload.isEmptyData { promise?.succeed(()) } else { context.write(data, promise: promise) }
            return
        }
        switch payload {
        case .headers(let headers):
            remaining = headers.headers.first(name: "content-length").flatMap { Int($0) }
        case .data(var frame):
            guard let left = remaining, frame.data.readableBytes > 0 else { break }
            remaining = left - frame.data.readableBytes
            guard remaining == 0, !frame.endStream else { break }
            frame.endStream = true
            payload = .data(frame)
            hasEnded = true
        default: break
        }
        context.write(wrapOutboundOut(payload), promise: promise)
    }
}

/// Puts a ``StreamEndMerger`` where the frames of an HTTP/2 stream leave it; on a connection of HTTP/1.1 it does nothing.
final class StreamEndInstaller: RemovableChannelHandler, ChannelInboundHandler {
    typealias InboundIn = NIOAny

    func handlerAdded(context: ChannelHandlerContext) {
        // A stream is a child of the connection, which is one of the listener.
        guard context.channel.parent?.parent != nil else { return }
        // Without it answers are as good, and clients need a new connection now and then.
        try? context.pipeline.syncOperations.addHandler(StreamEndMerger(), position: .first)
    }
}

extension HTTP2Frame.FramePayload {
    fileprivate var isEmptyData: Bool {
        if case .data(let frame) = self { frame.data.readableBytes == 0 } else { false }
    }
}
