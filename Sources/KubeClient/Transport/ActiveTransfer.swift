/// The loop thread's record of a transfer from submission to its one answer.
final class ActiveTransfer {
    typealias Answer = Result<TransferResponse, TransferFailure>

    let id: UInt64
    let request: TransferRequest
    private var continuation: CheckedContinuation<Answer, Never>?
    /// The handle, once the transfer was admitted.
    var easy: EasyHandle?

    private var head: [UInt8] = []
    private(set) var status = 0
    private(set) var protocolSeen: HTTPProtocol?
    /// Where body bytes go once the head of a stream was delivered.
    private(set) var streamTarget: StreamBuffer?
    var lastActivity: ContinuousClock.Instant
    var isPaused = false
    var isOverLimit = false
    /// It was given a connection of its own.
    var dialsAnew = false

    init(
        id: UInt64, request: TransferRequest, continuation: CheckedContinuation<Answer, Never>,
        now: ContinuousClock.Instant
    ) {
        self.id = id
        self.request = request
        self.continuation = continuation
        lastActivity = now
    }

    var collectLimit: Int {
        // What answers a refused stream is a Status of a few hundred bytes.
        if case .collect(let limit) = request.mode { limit } else { 1024 * 1024 }
    }

    /// When the loop has to look at this transfer again; nil means never.
    var due: (at: ContinuousClock.Instant, kind: TransferFailure.Kind)? {
        guard streamTarget != nil else { return request.deadline.map { ($0, .deadline) } }
        guard !isPaused, case .stream(_, let idleTimeout?) = request.mode else { return nil }
        return (lastActivity + idleTimeout, .idle)
    }

    /// A time that is not later than any ``due`` before the next event on this transfer.
    var earliestDue: ContinuousClock.Instant? {
        guard case .stream(_, let idleTimeout?) = request.mode, !isPaused else { return due?.at }
        let idle = lastActivity + idleTimeout
        return due.map { min($0.at, idle) } ?? idle
    }

    func receiveHeaderLine(_ line: UnsafeRawBufferPointer) {
        lastActivity = .now
        let isBlank = line.allSatisfy { $0 == 13 || $0 == 10 }
        if isBlank {
            finishHead()
        } else if line.starts(with: "HTTP/".utf8) {
            // A new block: an interim answer (100, 103) came before, or a trailer's block never does this.
            head.removeAll(keepingCapacity: true)
            parseStatusLine(line)
        } else if streamTarget == nil, head.count < 256 * 1024 {
            head.append(contentsOf: line)
        }
    }

    private func parseStatusLine(_ line: UnsafeRawBufferPointer) {
        let words = line.split(separator: 32, maxSplits: 2)
        guard words.count >= 2 else { return }
        protocolSeen = words[0].starts(with: "HTTP/1".utf8) ? .http1 : .http2
        status = Int(String(decoding: words[1].filter { $0 > 32 }, as: UTF8.self)) ?? 0
    }

    private func finishHead() {
        guard case .stream(let buffer, _) = request.mode, (200..<300).contains(status), streamTarget == nil else {
            return
        }
        streamTarget = buffer
        answer(.success(TransferResponse(status: status, head: ResponseHead(head), body: [])))
    }

    /// Ends the transfer: a collected answer, or the end of the stream.
    func complete(body: [UInt8]) {
        if let streamTarget {
            streamTarget.finish(nil)
        } else {
            answer(.success(TransferResponse(status: status, head: ResponseHead(head), body: body)))
        }
    }

    func fail(_ failure: TransferFailure) {
        if let streamTarget {
            streamTarget.finish(failure)
        } else {
            answer(.failure(failure))
        }
    }

    var hadResponse: Bool { status != 0 }

    private func answer(_ answer: Answer) {
        continuation?.resume(returning: answer)
        continuation = nil
    }
}

enum HTTPProtocol: Sendable {
    case http1, http2
}
