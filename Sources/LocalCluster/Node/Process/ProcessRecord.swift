import Glibc

/// A note in a pod's directory of a process that was started for it, so that a node that was killed leaves nothing for ever: the
/// next one on the same directory ends what is still running.
enum ProcessRecord {
    /// Names the process by its id and start, since ids are used again.
    static func write(_ id: pid_t, to path: String) {
        guard let start = startTime(of: id) else { return }
        try? HostFile.write(Array("\(id) \(start)\n".utf8), to: path)
    }

    /// Ends the processes that are noted anywhere below a directory.
    static func killAll(below directory: String) {
        for pod in HostFile.entries(directory) {
            for container in HostFile.entries("\(directory)/\(pod)/containers") {
                let path = "\(directory)/\(pod)/containers/\(container)/process"
                guard let text = try? HostFile.read(path, limit: 100) else { continue }
                let words = String(decoding: text, as: UTF8.self).split { $0 == " " || $0 == "\n" }
                guard words.count == 2, let id = pid_t(words[0]), id > 1, startTime(of: id) == String(words[1]) else {
                    continue
                }
                endSession(id)
            }
        }
    }

    /// Ends a process and what belongs to its session.
    static func endSession(_ id: pid_t) {
        for name in HostFile.entries("/proc") {
            guard let other = pid_t(name), other != id, getsid(other) == id else { continue }
            kill(other, SIGKILL)
        }
        kill(id, SIGKILL)
    }

    /// In clock ticks since the host started; nil when there is no such process.
    private static func startTime(of id: pid_t) -> String? {
        guard let stat = try? HostFile.read("/proc/\(id)/stat", limit: 4096) else { return nil }
        // The name of the program, in parentheses, may hold anything.
        let text = String(decoding: stat, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? String(fields[19]) : nil
    }
}
