import FlowAPI
import KubeCore

/// A run's tasks as a tree with states and durations, for a person to look at.
///
/// A task hangs below the last of the tasks that it needs; other needs are named beside it.
struct RunTree {
    var run: JobRun
    /// The Job's tasks; with none known, all hang below the run.
    var tasks: [TaskSpec]
    var style: Style

    /// How text is decorated.
    struct Style: Sendable {
        var colors: Bool
        /// Symbols beyond ASCII.
        var unicode: Bool
        var width: Int
    }

    /// - Parameter height: how many lines there may be; of a tree that is higher the part where work goes on is shown. nil: all.
    func lines(now: Timestamp, height: Int? = nil) -> [String] {
        let status = run.status
        let phase = status?.phase ?? .pending
        var head = [
            style.bold(run.metadata.name ?? ""), style.colored(phase.rawValue, phase.color),
            status?.progress.map { "\($0) tasks" }, Self.elapsed(status?.startedAt, status?.finishedAt, now),
        ].compactMap(\.self).joined(separator: "  ")
        if let message = status?.message { head += "  " + message }
        let states = Dictionary(
            (status?.taskStates ?? []).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let children = Dictionary(grouping: tasks, by: \.needs.last)
        let placed = self.places(below: nil, prefix: "", children)
        let window = self.window(of: placed, states, height: height)
        var lines = [style.cut(head)]
        if window.lowerBound > 0 { lines.append(style.cut(style.dim("(\(window.lowerBound) above)"))) }
        lines += placed[window].map { style.cut($0.prefix + row($0.task, states[$0.task.name], now: now)) }
        if window.upperBound < placed.count {
            lines.append(style.cut(style.dim("(\(placed.count - window.upperBound) below)")))
        }
        return lines
    }

    /// The tasks from top to bottom, each with the branches before it.
    private func places(
        below parent: String?, prefix: String, _ children: [String?: [TaskSpec]]
    ) -> [(prefix: String, task: TaskSpec)] {
        let siblings = children[parent] ?? []
        var places: [(prefix: String, task: TaskSpec)] = []
        for (position, task) in siblings.enumerated() {
            let isLast = position == siblings.count - 1
            let branch = style.unicode ? (isLast ? "└─ " : "├─ ") : (isLast ? "`- " : "|- ")
            places.append((prefix + branch, task))
            let indent = style.unicode ? (isLast ? "   " : "│  ") : (isLast ? "   " : "|  ")
            places += self.places(below: task.name, prefix: style.shortened(prefix + indent), children)
        }
        return places
    }

    /// Which of the tasks are shown: those around the first that has not ended, where there is no room for all.
    private func window(
        of places: [(prefix: String, task: TaskSpec)], _ states: [String: TaskState], height: Int?
    ) -> Range<Int> {
        guard let height, places.count + 1 > height else { return 0..<places.count }
        // The head and the two lines that tell how many are left out take room too.
        let room = max(1, height - 3)
        let focus = places.firstIndex { states[$0.task.name]?.phase.isFinal != true } ?? places.count
        let start = min(max(0, focus - room / 3), places.count - room)
        return max(0, start)..<min(places.count, max(0, start) + room)
    }

    private func row(_ task: TaskSpec, _ state: TaskState?, now: Timestamp) -> String {
        let phase = state?.phase ?? .pending
        var parts = [style.colored(style.unicode ? phase.symbol : phase.letter, phase.color), task.name]
        if let state, task.map != nil, state.total > 0 { parts.append("\(state.succeeded)/\(state.total)") }
        if phase == .pending || phase == .queued { parts.append(style.dim(phase.rawValue.lowercased())) }
        if let elapsed = Self.elapsed(state?.startedAt, state?.finishedAt, now) { parts.append(elapsed) }
        if task.map == nil, let attempts = state?.attempts, attempts > 1 { parts.append("attempt \(attempts)") }
        if task.needs.count > 1 {
            parts.append(style.dim("after \(task.needs.joined(separator: ", "))"))
        }
        if let message = state?.message { parts.append(style.colored(message, phase.color)) }
        return parts.joined(separator: " ")
    }

    /// The time from start to end, or till now.
    static func elapsed(_ start: Timestamp?, _ end: Timestamp?, _ now: Timestamp) -> String? {
        guard let start else { return nil }
        return FlowDuration.readable(max(.zero, (end ?? now) - start))
    }
}

extension RunTree.Style {
    enum Color: Int {
        case red = 31
        case green = 32
        case yellow = 33
        case blue = 34
        case grey = 90
    }

    func colored(_ text: String, _ color: Color?) -> String {
        guard colors, let color else { return text }
        return "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m"
    }

    func bold(_ text: String) -> String { colors ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
    func dim(_ text: String) -> String { colored(text, .grey) }

    /// Cuts a line to the terminal's width, so that redrawing knows how many rows it takes. Control sequences take no
    /// room, and the text after a cut keeps none of its colour.
    func cut(_ line: String) -> String {
        guard width > 0 else { return line }
        let isTooLong = visibleCount(line) > width
        var kept = ""
        var used = 0
        var isControl = false
        for character in line {
            if character == "\u{1B}" { isControl = true }
            if isControl {
                kept.append(character)
                if character.isLetter { isControl = false }
                continue
            }
            guard used < width else { continue }
            used += 1
            kept.append(used == width && isTooLong && unicode ? "…" : character)
        }
        return kept
    }

    /// How many characters of a line take room.
    private func visibleCount(_ line: String) -> Int {
        var count = 0
        var isControl = false
        for character in line {
            if character == "\u{1B}" { isControl = true }
            if !isControl { count += 1 }
            if isControl, character.isLetter { isControl = false }
        }
        return count
    }

    /// Takes from the left of branches that are so deep that they leave no room for names.
    func shortened(_ prefix: String) -> String {
        guard width > 0, prefix.count > width / 2 else { return prefix }
        return String(prefix.suffix(max(3, width / 2)))
    }
}

extension JobRunPhase {
    var color: RunTree.Style.Color? {
        switch self {
        case .succeeded: .green
        case .failed: .red
        case .cancelled: .yellow
        case .running: .blue
        case .pending, .queued: .grey
        }
    }
}

extension TaskPhase {
    var color: RunTree.Style.Color? {
        switch self {
        case .succeeded: .green
        case .failed: .red
        case .cancelled, .skipped: .yellow
        case .running: .blue
        case .pending, .queued: .grey
        }
    }

    var symbol: String {
        switch self {
        case .succeeded: "✔"
        case .failed: "✘"
        case .cancelled: "⊘"
        case .skipped: "↷"
        case .running: "●"
        case .pending, .queued: "○"
        }
    }

    /// For terminals without Unicode.
    var letter: String {
        switch self {
        case .succeeded: "[ok]"
        case .failed: "[failed]"
        case .cancelled: "[cancelled]"
        case .skipped: "[skipped]"
        case .running: "[running]"
        case .pending, .queued: "[    ]"
        }
    }
}
