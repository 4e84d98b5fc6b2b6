import Synchronization

/// The bounded hand-over of a streamed body from the loop thread to one consumer.
///
/// The writer learns from ``append(_:)`` that the buffer is full and pauses its transfer; the reader's ``next()`` calls
/// `onDrained` once it has taken enough for the transfer to go on.
final class StreamBuffer: Sendable {
    enum Item: Sendable {
        case chunk([UInt8])
        case finished
        case failed(TransferFailure)
    }

    private struct State {
        var chunks: [[UInt8]] = []
        var head = 0
        var byteCount = 0
        var isPaused = false
        var end: Item?
        var waiter: CheckedContinuation<Item, Never>?
    }

    private let state = Mutex(State())
    private let capacity: Int
    /// Small chunks are joined up to this size, so that many short events do not cost an array each.
    private static let joinLimit = 64 * 1024

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Takes a chunk, or refuses it and remembers that the transfer is paused.
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let accepted: (Bool, CheckedContinuation<Item, Never>?) = state.withLock { state in
            guard state.end == nil else { return (true, nil) }
            if let waiter = state.waiter {
                state.waiter = nil
                return (true, waiter)
            }
            guard state.byteCount < capacity else {
                state.isPaused = true
                return (false, nil)
            }
            let last = state.chunks.count - 1
            if last >= state.head, state.chunks[last].count + bytes.count <= Self.joinLimit {
                state.chunks[last].append(contentsOf: bytes)
            } else {
                state.chunks.append([UInt8](bytes))
            }
            state.byteCount += bytes.count
            return (true, nil)
        }
        accepted.1?.resume(returning: .chunk([UInt8](bytes)))
        return accepted.0
    }

    /// Ends the stream; chunks already taken are still delivered before an end, and dropped before a cancellation.
    func finish(_ error: TransferFailure?) {
        let end: Item = if let error { .failed(error) } else { .finished }
        let waiter = state.withLock { state -> CheckedContinuation<Item, Never>? in
            guard state.end == nil else { return nil }
            state.end = end
            if error?.kind == .cancelled {
                state.chunks = []
                state.head = 0
                state.byteCount = 0
            }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: end)
    }

    /// The next chunk or the end. `onDrained` is called when a paused transfer should go on.
    func next(onDrained: () -> Void) async -> Item {
        var drained = false
        let ready = takeReady(&drained)
        if drained { onDrained() }
        if let ready { return ready }
        return await withCheckedContinuation { continuation in
            let immediate = state.withLock { state -> Item? in
                if let item = Self.take(&state) { return item }
                // A second reader would lose its wake-up: it sees the end of the stream instead.
                if state.waiter != nil { return .finished }
                state.waiter = continuation
                return nil
            }
            if let immediate { continuation.resume(returning: immediate) }
        }
    }

    private func takeReady(_ drained: inout Bool) -> Item? {
        let (item, resume) = state.withLock { state -> (Item?, Bool) in
            let item = Self.take(&state)
            let resume = state.isPaused && state.byteCount <= capacity / 2
            if resume { state.isPaused = false }
            return (item, resume)
        }
        drained = resume
        return item
    }

    private static func take(_ state: inout State) -> Item? {
        guard state.head < state.chunks.count else { return state.end }
        let chunk = state.chunks[state.head]
        state.chunks[state.head] = []
        state.head += 1
        state.byteCount -= chunk.count
        if state.head == state.chunks.count {
            state.chunks.removeAll(keepingCapacity: true)
            state.head = 0
        } else if state.head > 64, state.head * 2 > state.chunks.count {
            state.chunks.removeFirst(state.head)
            state.head = 0
        }
        return .chunk(chunk)
    }
}
