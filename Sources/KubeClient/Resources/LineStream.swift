import KubeCore

/// Reads a byte stream by lines.
struct LineReader {
    let source: String
    private var chunks: ResponseStream.Iterator
    private var framer = LineFramer()
    private var lines: [ArraySlice<UInt8>] = []
    private var position = 0

    init(bytes: ResponseStream, source: String) {
        chunks = bytes.makeAsyncIterator()
        self.source = source
    }

    /// The next line without its line feed; nil at the end. `keepsFragment` also gives a last line that has none.
    mutating func next(
        isolation actor: isolated (any Actor)?, keepsFragment: Bool
    ) async throws(ClientError) -> ArraySlice<UInt8>? {
        while position >= lines.count {
            guard let chunk = try await chunks.next(isolation: actor) else {
                return keepsFragment ? framer.finish()?[...] : nil
            }
            do {
                lines = try framer.lines(in: chunk)
            } catch {
                throw ClientError(.decoding, "\(source): \(error).", cause: error)
            }
            position = 0
        }
        defer { position += 1 }
        return lines[position]
    }
}

/// The lines of a byte stream as text, for one reader. What is not UTF-8 becomes U+FFFD; empty lines are left out.
public struct LineStream: AsyncSequence, Sendable {
    public typealias Element = String
    public typealias Failure = ClientError

    let bytes: ResponseStream
    let source: String

    /// Ends the stream; the reader sees ``ClientError/Code/cancelled``.
    public func cancel() {
        bytes.cancel()
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(lines: LineReader(bytes: bytes, source: source))
    }

    public struct Iterator: AsyncIteratorProtocol {
        var lines: LineReader

        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(ClientError) -> String? {
            guard var line = try await lines.next(isolation: actor, keepsFragment: true) else { return nil }
            if line.last == 13 { line = line.dropLast() }
            return String(decoding: line, as: UTF8.self)
        }

        public mutating func next() async throws(ClientError) -> String? {
            try await next(isolation: nil)
        }
    }
}
