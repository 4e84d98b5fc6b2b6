/// Runs all ways through a program side by side, one character of the text at a time (Thompson's construction in the
/// form of Rob Pike): each instruction is at most once in the list of a step, so the time is bounded by the product
/// of text and program.
struct PikeMachine {
    private struct Thread {
        var instruction: Int
        /// Places in the text by slot, -1 for none; empty when only the fact of a match is wanted.
        var slots: [Int]
    }

    private let program: Program
    private let slotCount: Int
    /// The step in which each instruction was last added.
    private var addedAt: [Int]
    private var pending: [Thread] = []

    init(_ program: Program, slotCount: Int) {
        self.program = program
        self.slotCount = slotCount
        addedAt = [Int](repeating: -1, count: program.instructions.count)
    }

    /// Searches for the leftmost match at or after a place, and among those for the one that the order of the
    /// alternatives prefers.
    /// - Returns: the slots of the match; nil without one.
    mutating func run(_ text: [Unicode.Scalar], from start: Int) -> [Int]? {
        let blank = [Int](repeating: -1, count: slotCount)
        var current: [Thread] = []
        var next: [Thread] = []
        var found: [Int]?
        var position = start
        add(Thread(instruction: 0, slots: blank), at: position, in: text, to: &current)
        while true {
            let scalar = text.indices.contains(position) ? text[position] : nil
            threads: for thread in current {
                switch program.instructions[thread.instruction] {
                case .match:
                    found = thread.slots
                    // The threads after this one are less preferred.
                    break threads
                case .character(let characters):
                    if let scalar, characters.contains(scalar) {
                        let moved = Thread(instruction: thread.instruction + 1, slots: thread.slots)
                        add(moved, at: position + 1, in: text, to: &next)
                    }
                default:
                    break
                }
            }
            if found != nil, slotCount == 0 || next.isEmpty {
                return found
            }
            guard scalar != nil else { return found }
            position += 1
            if found == nil {
                add(Thread(instruction: 0, slots: blank), at: position, in: text, to: &next)
            }
            swap(&current, &next)
            next.removeAll(keepingCapacity: true)
        }
    }

    /// Adds a thread, following instructions that take no character.
    private mutating func add(_ thread: Thread, at position: Int, in text: [Unicode.Scalar], to list: inout [Thread]) {
        pending.append(thread)
        while var thread = pending.popLast() {
            guard addedAt[thread.instruction] != position else { continue }
            addedAt[thread.instruction] = position
            switch program.instructions[thread.instruction] {
            case .jump(let target):
                thread.instruction = target
                pending.append(thread)
            case .split(let first, let second):
                pending.append(Thread(instruction: second, slots: thread.slots))
                pending.append(Thread(instruction: first, slots: thread.slots))
            case .save(let slot):
                if thread.slots.indices.contains(slot) {
                    thread.slots[slot] = position
                }
                thread.instruction += 1
                pending.append(thread)
            case .assertion(let assertion):
                if assertion.holds(at: position, in: text) {
                    thread.instruction += 1
                    pending.append(thread)
                }
            case .character, .match:
                list.append(thread)
            }
        }
    }
}
