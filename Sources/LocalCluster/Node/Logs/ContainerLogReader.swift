import Glibc
import KubeCore

/// What of a log is wanted, as in the query of `GET …/pods/NAME/log`.
struct LogSelection: Sendable {
    var isFollowing = false
    var hasTimestamps = false
    var since: Timestamp?
    /// Only so many of the last lines.
    var tailLines: Int?
    /// At most so many bytes of the answer.
    var limitBytes: Int?
    /// nil: both.
    var source: ContainerLog.Source?
}

/// Reads a log from its files and, when it follows, goes on until the container has ended.
struct ContainerLogReader: Sendable {
    let log: ContainerLog
    let selection: LogSelection

    private static let chunk = 64 * 1024

    /// Pieces of the answer, in order, pulled by one task at a time.
    actor Session {
        private let reader: ContainerLogReader
        private let work: BlockingWork
        private var cursor: Cursor?
        private var left: Int

        init(_ reader: ContainerLogReader, on work: BlockingWork) {
            self.reader = reader
            self.work = work
            left = reader.selection.limitBytes ?? .max
        }

        /// Waits for more when the log is followed. nil: the end.
        func next() async -> [UInt8]? {
            let reader = reader
            var position: Cursor
            if let cursor { position = cursor } else { position = await work.run { reader.start() } }
            while left > 0, !Task.isCancelled {
                let wasFinished = reader.log.isFinished
                // Before the look, so that nothing written between it and the wait goes unnoticed.
                let version = reader.log.version
                let current = position
                let (text, next) = await work.run { reader.piece(current) }
                position = next
                cursor = next
                if !text.isEmpty {
                    let piece = Array(text.prefix(left))
                    left -= piece.count
                    return piece
                }
                if next.hasMore { continue }
                guard reader.selection.isFollowing, !wasFinished else { return nil }
                await reader.log.wait(past: version)
            }
            return nil
        }
    }

    /// Where the next bytes come from.
    fileprivate struct Cursor: Sendable {
        var segment: Int
        var offset: Int
        /// Whether a further look may find something without waiting.
        var hasMore = true
        /// Entries at the beginning of a cut line are not stamped again.
        var isInsideLine = false
    }

    /// The end of a log as text: at most so many lines and so many bytes.
    static func tail(of log: ContainerLog, lines: Int, bytes: Int) -> [UInt8] {
        let reader = ContainerLogReader(log: log, selection: LogSelection(tailLines: lines))
        var cursor = reader.start()
        var text: [UInt8] = []
        while cursor.hasMore {
            let (piece, next) = reader.piece(cursor)
            text = Array((text + piece).suffix(bytes))
            cursor = next
        }
        return text
    }

    fileprivate func start() -> Cursor {
        let segments = log.segments
        let first = Cursor(segment: segments.first?.number ?? 0, offset: 0)
        guard let wanted = selection.tailLines else { return first }
        var missing = wanted
        for segment in segments.reversed() {
            guard let content = try? HostFile.read(segment.path) else { break }
            var end = content.count
            var begin = end
            while end > 0 {
                begin = (content[..<(end - 1)].lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
                let entry = LogEntry(content[begin..<end])
                // The parts of a cut line belong to the whole one after them.
                if let entry, entry.isWhole || end == content.count, selects(entry) {
                    if missing == 0 { return Cursor(segment: segment.number, offset: end) }
                    missing -= 1
                }
                end = begin
            }
        }
        return first
    }

    /// The next piece of the answer; empty when there is none at this place.
    fileprivate func piece(_ position: Cursor) -> (ArraySlice<UInt8>, Cursor) {
        var cursor = position
        let segments = log.segments
        guard let segment = segments.first(where: { $0.number >= cursor.segment }) else {
            cursor.hasMore = false
            return ([], cursor)
        }
        if segment.number > cursor.segment { cursor = Cursor(segment: segment.number, offset: 0) }
        let content = Self.read(segment.path, from: cursor.offset)
        guard let last = content.lastIndex(of: UInt8(ascii: "\n")) else {
            cursor.hasMore = segments.contains { $0.number > segment.number }
            if cursor.hasMore { cursor = Cursor(segment: segment.number + 1, offset: 0) }
            return ([], cursor)
        }
        cursor.offset += last + 1
        cursor.hasMore = true
        return (render(content[...last], &cursor.isInsideLine)[...], cursor)
    }

    /// A longest entry always fits, with its time and names.
    private static func read(_ path: String, from offset: Int) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: chunk)
        let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, off_t(offset)) }
        return Array(bytes.prefix(max(0, count)))
    }

    private func render(_ content: ArraySlice<UInt8>, _ isInsideLine: inout Bool) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(content.count)
        var rest = content
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            defer { rest = rest[(end + 1)...] }
            guard let entry = LogEntry(rest[...end]), selects(entry) else { continue }
            if selection.hasTimestamps, !isInsideLine {
                text += entry.time
                text.append(UInt8(ascii: " "))
            }
            text += entry.text
            if entry.isWhole { text.append(UInt8(ascii: "\n")) }
            isInsideLine = !entry.isWhole
        }
        return text
    }

    private func selects(_ entry: LogEntry) -> Bool {
        if let source = selection.source, !entry.source.elementsEqual(source.rawValue.utf8) { return false }
        guard let since = selection.since else { return true }
        guard let time = Timestamp(rfc3339: String(decoding: entry.time, as: UTF8.self)) else { return true }
        return time >= since
    }
}

/// One line of a log file.
struct LogEntry {
    var time: ArraySlice<UInt8>
    var source: ArraySlice<UInt8>
    /// Whether a line ends here.
    var isWhole: Bool
    var text: ArraySlice<UInt8>

    /// - Parameter line: with its line feed.
    init?(_ line: ArraySlice<UInt8>) {
        let space = UInt8(ascii: " ")
        guard line.last == UInt8(ascii: "\n"), let first = line.firstIndex(of: space) else { return nil }
        let afterTime = line[(first + 1)...]
        guard let second = afterTime.firstIndex(of: space) else { return nil }
        let afterSource = afterTime[(second + 1)...]
        guard let third = afterSource.firstIndex(of: space) else { return nil }
        time = line[..<first]
        source = afterTime[..<second]
        isWhole = afterSource[..<third].elementsEqual("F".utf8)
        text = afterSource[(third + 1)...].dropLast()
    }
}
