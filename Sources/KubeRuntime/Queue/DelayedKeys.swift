/// The keys to be added later, each with its earliest deadline: a binary heap with superseded entries passed over.
struct DelayedKeys<Key: Hashable & Sendable>: Sendable {
    private struct Entry: Sendable {
        let deadline: Duration
        /// Keeps keys with one deadline in the order in which they were added.
        let sequence: UInt64
        let key: Key

        func precedes(_ other: Entry) -> Bool {
            (deadline, sequence) < (other.deadline, other.sequence)
        }
    }

    private struct Pending: Sendable {
        var sequence: UInt64
        var deadline: Duration
        var priority: QueuePriority
    }

    private var heap: [Entry] = []
    private var pending: [Key: Pending] = [:]
    private var nextSequence: UInt64 = 0

    var count: Int { pending.count }

    /// When the next key is due.
    var nextDeadline: Duration? { heap.first?.deadline }

    func deadline(of key: Key) -> Duration? {
        pending[key]?.deadline
    }

    /// Schedules the key; of two deadlines for one key the earlier stays.
    mutating func schedule(_ key: Key, at deadline: Duration, priority: QueuePriority) {
        var priority = priority
        if let current = pending[key] {
            priority = max(priority, current.priority)
            if current.deadline <= deadline {
                pending[key]?.priority = priority
                return
            }
        }
        nextSequence += 1
        pending[key] = Pending(sequence: nextSequence, deadline: deadline, priority: priority)
        compactIfStale()
        push(Entry(deadline: deadline, sequence: nextSequence, key: key))
    }

    /// Forgets the key. Its entry leaves the heap when it comes to the top.
    mutating func remove(_ key: Key) {
        guard pending.removeValue(forKey: key) != nil else { return }
        dropSuperseded()
    }

    /// Takes one key that is due at `now`.
    mutating func popDue(at now: Duration) -> (key: Key, priority: QueuePriority)? {
        guard let first = heap.first, first.deadline <= now, let entry = pending[first.key] else { return nil }
        pending[first.key] = nil
        dropSuperseded()
        return (first.key, entry.priority)
    }

    mutating func removeAll() {
        heap = []
        pending = [:]
    }

    /// Keeps the top of the heap an entry that counts, so that `nextDeadline` never wakes anyone for nothing.
    private mutating func dropSuperseded() {
        while let first = heap.first, pending[first.key]?.sequence != first.sequence {
            removeTop()
        }
    }

    /// Rebuilds the heap when most of it is superseded, so that memory follows the number of keys.
    private mutating func compactIfStale() {
        guard heap.count > 2 * pending.count + 32 else { return }
        let valid = heap.filter { pending[$0.key]?.sequence == $0.sequence }
        heap = []
        for entry in valid { push(entry) }
    }

    private mutating func push(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].precedes(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
        dropSuperseded()
    }

    private mutating func removeTop() {
        guard let last = heap.popLast(), !heap.isEmpty else { return }
        heap[0] = last
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].precedes(heap[smallest]) { smallest = child }
            }
            if smallest == parent { return }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
