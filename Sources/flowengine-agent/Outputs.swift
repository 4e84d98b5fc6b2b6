import Glibc

/// Reads the outputs that a command left behind.
enum Outputs {
    /// A kubelet keeps no more of a termination message.
    static let messageLimit = 4096

    /// - Returns: each output with its JSON text.
    static func collect(names: [String], directory: String) throws(TaskFailure) -> [(name: String, json: [UInt8])] {
        var outputs: [(name: String, json: [UInt8])] = []
        var missing: [String] = []
        var total = TerminationMessage.overhead
        for name in names {
            guard let content = try read(name, in: directory) else {
                missing.append(name)
                continue
            }
            let json = JSONText.compacted(content) ?? JSONText.quoted(withoutLastNewline(content))
            total += json.count + JSONText.quoted(Array(name.utf8)).count + 2
            outputs.append((name, json))
        }
        guard missing.isEmpty else {
            let files = missing.map { "\(directory)/\($0)" }.joined(separator: ", ")
            throw TaskFailure(
                reason: "OutputMissing",
                message:
                    "the command succeeded but did not write \(files); write each declared output to its file, or do not "
                    + "declare it",
                exitCode: ExitCode.outputs)
        }
        guard total <= messageLimit else {
            throw tooLarge("the outputs together take \(total) bytes of JSON")
        }
        return outputs
    }

    /// - Returns: nil when there is no such file.
    private static func read(_ name: String, in directory: String) throws(TaskFailure) -> [UInt8]? {
        let path = "\(directory)/\(name)"
        guard !name.contains("/"), name != ".", name != ".." else {
            throw TaskFailure(
                reason: "OutputName", message: "the output name \(name) is not the name of a file",
                exitCode: ExitCode.outputs)
        }
        let content: [UInt8]
        let isCut: Bool
        do {
            (content, isCut) = try FileContent.read(path, limit: messageLimit)
        } catch {
            if error.code == ENOENT { return nil }
            throw TaskFailure(
                reason: "OutputUnreadable", message: "cannot read the output \(path): \(error.text)",
                exitCode: ExitCode.outputs)
        }
        if isCut { throw tooLarge("the output \(name) has more than \(messageLimit) bytes") }
        return content
    }

    private static func tooLarge(_ what: String) -> TaskFailure {
        TaskFailure(
            reason: "OutputTooLarge",
            message:
                "\(what), and \(messageLimit) is the most that Kubernetes keeps; write large results to a volume or an "
                + "object store and return their place",
            exitCode: ExitCode.outputs)
    }

    /// `echo value > file` ends with a newline that nobody means.
    private static func withoutLastNewline(_ content: [UInt8]) -> [UInt8] {
        content.last == UInt8(ascii: "\n") ? Array(content.dropLast()) : content
    }
}
