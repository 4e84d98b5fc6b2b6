import Synchronization

/// Keys to be worked on: each waits once, however often it is added, and may be added for later.
final class KeyQueue: Sendable {
    let keys: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    private let waiting = Mutex<Set<String>>([])

    init() { (keys, continuation) = AsyncStream.makeStream() }

    func add(_ key: String) {
        if waiting.withLock({ $0.insert(key).inserted }) { continuation.yield(key) }
    }

    func add(_ keys: some Sequence<String>) {
        for key in keys { add(key) }
    }

    func add(_ key: String, after delay: Duration) {
        Task {
            try? await Task.sleep(for: delay)
            add(key)
        }
    }

    /// To be called before work on a key begins, so that it can be added again meanwhile.
    func begin(_ key: String) { waiting.withLock { _ = $0.remove(key) } }
}
