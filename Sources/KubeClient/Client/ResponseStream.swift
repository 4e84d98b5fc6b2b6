/// The body of an answer as it arrives: chunks of bytes of any size, never empty.
///
/// For one reader. Ending the iteration early, cancelling the reading task or releasing the stream ends the transfer.
/// A broken connection ends it with a ``ClientError``; a server that is done ends it with nil.
public struct ResponseStream: AsyncSequence, Sendable {
    public typealias Element = [UInt8]
    public typealias Failure = ClientError

    public let head: ResponseHead
    public let status: Int
    private let session: Session

    init(
        head: ResponseHead, status: Int, buffer: StreamBuffer, transfer: TransferReference, explain: FailureExplainer
    ) {
        self.head = head
        self.status = status
        session = Session(buffer: buffer, transfer: transfer, explain: explain)
    }

    /// Ends the transfer; the reader sees ``ClientError/Code/cancelled``.
    public func cancel() {
        session.cancel()
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(session: session)
    }

    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let session: Session

        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(ClientError) -> [UInt8]? {
            try await session.next()
        }

        public mutating func next() async throws(ClientError) -> [UInt8]? {
            try await session.next()
        }
    }

    /// Ends the transfer when nobody holds the stream or an iterator of it any longer.
    final class Session: Sendable {
        private let buffer: StreamBuffer
        private let transfer: TransferReference
        private let explain: FailureExplainer

        init(buffer: StreamBuffer, transfer: TransferReference, explain: FailureExplainer) {
            self.buffer = buffer
            self.transfer = transfer
            self.explain = explain
        }

        deinit {
            transfer.cancel()
        }

        func cancel() {
            // The reader must not wait for the loop to come round.
            buffer.finish(TransferFailure(kind: .cancelled))
            transfer.cancel()
        }

        func next() async throws(ClientError) -> [UInt8]? {
            let item = await withTaskCancellationHandler {
                await buffer.next { transfer.resume() }
            } onCancel: {
                cancel()
            }
            switch item {
            case .chunk(let bytes): return bytes
            case .finished: return nil
            case .failed(let failure): throw explain.failure(failure)
            }
        }
    }
}
