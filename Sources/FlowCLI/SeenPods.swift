import Synchronization

/// Remembers names.
final class SeenPods: Sendable {
    private let names = Mutex<Set<String>>([])

    /// Whether the name is new.
    func insert(_ name: String) -> Bool {
        names.withLock { $0.insert(name).inserted }
    }
}
