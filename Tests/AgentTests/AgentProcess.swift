import Foundation
import Testing

/// Runs the built agent as a child, with a directory of its own for the outputs and the termination log.
struct AgentProcess {
    let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "agent-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }

    /// The products of a build lie side by side.
    static let binary = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "flowengine-agent")

    struct Result {
        var exitCode: Int32
        var output: String
        var errors: String
        var message: [String: Any]

        var reason: String? { (message["error"] as? [String: Any])?["reason"] as? String }
        var text: String? { (message["error"] as? [String: Any])?["message"] as? String }
        var outputs: [String: Any]? { message["outputs"] as? [String: Any] }
    }

    /// - Parameter whenReady: called with the agent's process id once the command has printed a first line.
    func run(
        _ arguments: [String], outputs: [String] = [], environment: [String: String] = [:],
        whenReady: ((pid_t) -> Void)? = nil
    ) throws -> Result {
        let process = Process()
        process.executableURL = Self.binary
        process.arguments = arguments
        var variables = ["PATH": "/usr/bin:/bin"]
        variables["FLOWENGINE_OUTPUT_NAMES"] = outputs.joined(separator: ",")
        variables["FLOWENGINE_OUTPUTS"] = directory.appending(path: "outputs").path
        variables["FLOWENGINE_TERMINATION_LOG"] = log.path
        process.environment = variables.merging(environment) { $1 }
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        var text = Data()
        if let whenReady {
            while !text.contains(10) {
                let part = output.fileHandleForReading.availableData
                if part.isEmpty { break }
                text += part
            }
            whenReady(process.processIdentifier)
        }
        text += output.fileHandleForReading.readDataToEndOfFile()
        let errorText = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let message = (try? Data(contentsOf: log)).flatMap { try? JSONSerialization.jsonObject(with: $0) }
        return Result(
            exitCode: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: errorText, as: UTF8.self), message: message as? [String: Any] ?? [:])
    }

    func shell(
        _ script: String, outputs: [String] = [], environment: [String: String] = [:],
        whenReady: ((pid_t) -> Void)? = nil
    ) throws -> Result {
        try run(
            ["run", "--", "/bin/sh", "-c", script], outputs: outputs, environment: environment, whenReady: whenReady)
    }

    var log: URL { directory.appending(path: "termination-log") }
}
