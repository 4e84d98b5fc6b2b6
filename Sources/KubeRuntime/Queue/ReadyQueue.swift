/// How urgent a key is. A more urgent key is handed out first; keys of one priority take turns by lane.
public enum QueuePriority: Int, Sendable, Hashable, Comparable, CaseIterable {
    /// Work that nobody waits for: resynchronization, the objects of a first list.
    case low
    case normal
    /// Work that holds up others, such as releasing a finalizer.
    case high

    public static func < (left: QueuePriority, right: QueuePriority) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// The keys that may be handed out now: by priority, then round-robin over lanes, then first in first out.
///
/// Lanes keep one busy namespace from starving the others. Each key is held once, at the highest priority it was added
/// with.
struct ReadyQueue<Key: Hashable & Sendable>: Sendable {
    private struct Level: Sendable {
        var lanes: [String: FIFO<Key>] = [:]
        var turns = FIFO<String>()

        mutating func append(_ key: Key, lane: String) {
            if lanes[lane] == nil { turns.append(lane) }
            lanes[lane, default: FIFO()].append(key)
        }

        mutating func popFirst() -> Key? {
            guard let lane = turns.popFirst() else { return nil }
            let key = lanes[lane]?.popFirst()
            if lanes[lane]?.isEmpty ?? true {
                lanes[lane] = nil
            } else {
                turns.append(lane)
            }
            return key
        }
    }

    private var levels: [QueuePriority: Level] = [:]
    /// The highest priority of each key that waits.
    private var priorities: [Key: QueuePriority] = [:]

    var count: Int { priorities.count }

    func contains(_ key: Key) -> Bool {
        priorities[key] != nil
    }

    /// Adds the key, or raises its priority when it is there already. Returns whether it is new.
    mutating func append(_ key: Key, lane: String, priority: QueuePriority) -> Bool {
        let current = priorities[key]
        if let current, current >= priority { return false }
        priorities[key] = priority
        levels[priority, default: Level()].append(key, lane: lane)
        return current == nil
    }

    mutating func popFirst() -> Key? {
        for priority in QueuePriority.allCases.reversed() {
            while let key = levels[priority]?.popFirst() {
                // A key that is not waiting any more was handed out from the level it had been raised to.
                if priorities.removeValue(forKey: key) != nil { return key }
            }
        }
        return nil
    }

    mutating func removeAll() {
        levels = [:]
        priorities = [:]
    }
}
