import FlowAPI
import KubeCore

/// Shows a run while it goes on: a tree that is redrawn in place, or, where there is no terminal, a line for each change.
struct RunDisplay {
    private let terminal: Terminal
    private let tasks: [TaskSpec]
    private var drawn = 0
    private var seen: [String: TaskPhase] = [:]
    private var seenPhase: JobRunPhase?

    init(terminal: Terminal, tasks: [TaskSpec]) {
        self.terminal = terminal
        self.tasks = tasks
    }

    /// What to print now that the run looks like this.
    mutating func update(_ run: JobRun, now: Timestamp) -> String {
        terminal.isInteractive ? redraw(run, now: now) : changes(run, now: now)
    }

    private mutating func redraw(_ run: JobRun, now: Timestamp) -> String {
        // Looked up each time: the window may have changed. At the end the whole tree is left behind, however high.
        let size = Terminal.size()
        var style = terminal.style
        style.width = size?.columns ?? style.width
        let height = run.status?.phase?.isFinal == true ? nil : size.map { max(4, $0.rows - 1) }
        let lines = RunTree(run: run, tasks: tasks, style: style).lines(now: now, height: height)
        // Up to the first line of the last drawing, and clear from there to the end of the screen.
        let back = drawn > 0 ? "\u{1B}[\(drawn)A\r\u{1B}[J" : ""
        drawn = lines.count
        return back + lines.joined(separator: "\n") + "\n"
    }

    private mutating func changes(_ run: JobRun, now: Timestamp) -> String {
        var text = ""
        func line(_ subject: String, _ word: String, _ detail: [String?]) {
            text += ([subject, word] + detail.compactMap(\.self)).joined(separator: " ") + "\n"
        }
        let name = run.metadata.name ?? ""
        let status = run.status
        for state in status?.taskStates ?? [] where seen[state.name] != state.phase {
            let isNew = seen[state.name] == nil
            seen[state.name] = state.phase
            if isNew, state.phase == .pending || state.phase == .queued { continue }
            let size = state.total > 1 ? "\(state.succeeded)/\(state.total)" : nil
            let elapsed = state.phase.isFinal ? RunTree.elapsed(state.startedAt, state.finishedAt, now) : nil
            line("\(name)/\(state.name)", state.phase.rawValue.lowercased(), [size, elapsed, state.message])
        }
        if let phase = status?.phase, phase != seenPhase {
            seenPhase = phase
            let elapsed = phase.isFinal ? RunTree.elapsed(status?.startedAt, status?.finishedAt, now) : nil
            line(name, phase.rawValue.lowercased(), [status?.progress.map { "\($0) tasks" }, elapsed, status?.message])
        }
        return text
    }
}
