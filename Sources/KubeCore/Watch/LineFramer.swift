/// Splits a stream of byte chunks into lines.
///
/// Chunks may end anywhere, also inside a character: lines are bytes, and are decoded only when whole. An empty line
/// is left out; a carriage return before the line feed stays, as white space to JSON.
public struct LineFramer: Sendable {
    /// A line grew beyond the limit; the stream cannot be followed any longer.
    public struct LineTooLong: Error, Sendable, CustomStringConvertible {
        public var limit: Int
        public var description: String {
            "a line of the stream is longer than the limit of \(limit) bytes; end the stream and list again"
        }
    }

    /// Bytes a line may have, without its line feed.
    public let maxLine: Int
    private var pending: [UInt8] = []

    public init(maxLine: Int = 16 << 20) { self.maxLine = maxLine }

    /// How many bytes wait for the end of their line.
    public var pendingCount: Int { pending.count }

    /// Takes a chunk and hands every line it completes to `body`, without the line feed.
    ///
    /// The slice is only for the duration of the call when it is not kept; keeping it keeps the chunk's memory.
    public mutating func append(
        _ chunk: some Collection<UInt8>, _ body: (ArraySlice<UInt8>) throws -> Void
    ) throws {
        let bytes = (chunk as? [UInt8])?[...] ?? (chunk as? ArraySlice<UInt8>) ?? Array(chunk)[...]
        var rest = bytes
        while let feed = rest.firstIndex(of: 0x0A) {
            let piece = rest[rest.startIndex..<feed]
            rest = rest[(feed + 1)...]
            guard piece.count <= maxLine - pending.count else { throw LineTooLong(limit: maxLine) }
            if pending.isEmpty {
                if !piece.isEmpty { try body(piece) }
            } else {
                pending.append(contentsOf: piece)
                let line = pending
                pending = []
                try body(line[...])
            }
        }
        guard rest.count <= maxLine - pending.count else { throw LineTooLong(limit: maxLine) }
        pending.append(contentsOf: rest)
    }

    /// Takes a chunk and gives back the lines it completes.
    public mutating func lines(in chunk: some Collection<UInt8>) throws -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        try append(chunk) { lines.append($0) }
        return lines
    }

    /// At the end of the stream: the last line when it had no line feed.
    public mutating func finish() -> [UInt8]? {
        defer { pending = [] }
        return pending.isEmpty ? nil : pending
    }
}
