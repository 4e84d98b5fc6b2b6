import Foundation

/// A program that tests run as its users do: with arguments, an environment and pipes.
struct Program: Sendable {
    var path: String
    var environment: [String: String]
    var directory = Repository.root.path

    /// How a program ended, and what it said.
    struct Outcome: Sendable, CustomStringConvertible {
        var command: String
        /// As a shell tells it: 128 + signal for a program that a signal ended.
        var exitCode: Int32
        var output: String
        var errors: String

        var lines: [String] { output.split(separator: "\n").map(String.init) }
        var description: String { "\(command) ended with \(exitCode)\n--- output\n\(output)--- errors\n\(errors)---" }
    }

    /// Runs the program to its end.
    ///
    /// - Throws: `ProgramFailure` when it has not ended after `patience`; it is killed then.
    func run(
        _ arguments: String..., input: String = "", patience: Duration = Patience.long
    ) async throws -> Outcome {
        try await run(arguments, input: input, patience: patience)
    }

    func run(_ arguments: [String], input: String = "", patience: Duration = Patience.long) async throws -> Outcome {
        let running = try start(arguments, input: input)
        return try await running.outcome(within: patience)
    }

    /// Runs the program to its end, which must be a success.
    ///
    /// - Returns: its output.
    @discardableResult
    func succeed(_ arguments: String..., input: String = "", patience: Duration = Patience.long) async throws -> String
    {
        try await succeed(arguments, input: input, patience: patience)
    }

    @discardableResult
    func succeed(
        _ arguments: [String], input: String = "", patience: Duration = Patience.long
    ) async throws -> String {
        let outcome = try await run(arguments, input: input, patience: patience)
        guard outcome.exitCode == 0 else { throw ProgramFailure("\(outcome)") }
        return outcome.output
    }

    func start(_ arguments: [String], input: String? = "") throws -> RunningProgram {
        try RunningProgram(self, arguments, input: input)
    }
}

struct ProgramFailure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// How long tests wait for what must come. Long, as build machines are slow; only tests that fail take that long.
enum Patience {
    static let long = Duration.seconds(60)
    static let short = Duration.seconds(30)
}

/// Where things are.
enum Repository {
    /// The folder of Package.swift.
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func example(_ name: String) -> String { root.appending(path: "examples/\(name)").path + "/" }

    /// The products of a build lie side by side.
    static func product(_ name: String) -> String {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appending(path: name).path
    }

    /// A program of the machine, where it is installed.
    static func installed(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
