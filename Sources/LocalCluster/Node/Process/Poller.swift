import CSpawn
import Glibc
import Synchronization

/// One thread that waits for file descriptors to become readable (epoll).
///
/// Process ends (pidfd) and container output (pipes) come through here, so that nothing on the node polls and no thread of
/// Swift's pool blocks. Handlers run on this thread one at a time: they must be quick.
final class Poller: Sendable {
    /// What a handler wants to happen to its descriptor.
    enum Verdict { case keep, close }

    typealias Handler = @Sendable () -> Verdict

    private struct Watched {
        var descriptor: Int32
        var handler: Handler
    }

    private struct State {
        var watched: [UInt64: Watched] = [:]
        var next: UInt64 = 1
        /// Removed, and to be closed by the thread once no handler can be at work on them.
        var closing: [Int32] = []
        var isStopped = false
    }

    private let epoll: Int32
    private let wake: Int32
    private let state = Mutex(State())

    /// Starts the thread; `stop()` ends it.
    init() throws(NodeError) {
        epoll = cspawn_epoll_create()
        guard epoll >= 0 else { throw .system("make an epoll descriptor") }
        wake = cspawn_eventfd()
        guard wake >= 0 else {
            let failure = NodeError.system("make an eventfd")
            close(epoll)
            throw failure
        }
        cspawn_epoll_add(epoll, wake, 0)
        HostThread.start { [self] in loop() }
    }

    /// Identifies one registration; descriptors themselves are reused by the kernel.
    struct Registration: Sendable {
        fileprivate var id: UInt64
    }

    /// Takes ownership of the descriptor and calls the handler whenever it is readable or hung up.
    @discardableResult
    func watch(_ descriptor: Int32, _ handler: @escaping Handler) -> Registration {
        let id = state.withLock { state -> UInt64? in
            guard !state.isStopped else { return nil }
            let id = state.next
            state.next += 1
            state.watched[id] = Watched(descriptor: descriptor, handler: handler)
            cspawn_epoll_add(epoll, descriptor, id)
            return id
        }
        if id == nil { close(descriptor) }
        return Registration(id: id ?? 0)
    }

    /// Stops watching, and closes the descriptor. Its handler may be running for a last time while this returns; the number is
    /// not given up before that has ended.
    func remove(_ registration: Registration) {
        // All of it under the lock: afterwards the thread may close the descriptor at any moment.
        state.withLock { state in
            guard let watched = state.watched.removeValue(forKey: registration.id) else { return }
            state.closing.append(watched.descriptor)
            cspawn_epoll_remove(epoll, watched.descriptor)
            // A port that is listened on is free at once.
            shutdown(watched.descriptor, Int32(SHUT_RDWR))
            signalThread()
        }
    }

    /// Closes everything and ends the thread.
    func stop() {
        state.withLock { state in
            if !state.isStopped { signalThread() }
            state.isStopped = true
        }
    }

    private func signalThread() {
        var one: UInt64 = 1
        _ = write(wake, &one, MemoryLayout<UInt64>.size)
    }

    private func loop() {
        var ready = [UInt64](repeating: 0, count: 64)
        while !state.withLock({ $0.isStopped }) {
            let count = cspawn_epoll_wait(epoll, &ready, Int32(ready.count))
            for id in ready.prefix(Int(max(count, 0))) {
                if id == 0 { drainWake() } else { dispatch(id) }
            }
            closeRemoved()
        }
        closeAll()
    }

    private func drainWake() {
        var count: UInt64 = 0
        _ = read(wake, &count, MemoryLayout<UInt64>.size)
    }

    private func closeRemoved() {
        let removed = state.withLock { state in
            defer { state.closing = [] }
            return state.closing
        }
        for descriptor in removed { close(descriptor) }
    }

    private func dispatch(_ id: UInt64) {
        guard let handler = state.withLock({ $0.watched[id]?.handler }) else { return }
        if handler() == .close { remove(Registration(id: id)) }
    }

    /// What is removed from now on is not known any more, so the lock keeps everybody from the closed descriptors.
    private func closeAll() {
        closeRemoved()
        state.withLock { state in
            for watched in state.watched.values { close(watched.descriptor) }
            state.watched = [:]
            close(epoll)
            close(wake)
        }
    }
}
