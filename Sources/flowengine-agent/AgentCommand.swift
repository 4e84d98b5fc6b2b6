import Glibc

/// The agent's version, printed by `flowengine-agent version`.
let agentVersion = "0.1.0"

/// Reads the command line and dispatches to the command that it names.
enum AgentCommand {
    static let usage = """
        flowengine-agent runs a task's command inside its container and hands its result to FlowEngine.

        Usage:
          flowengine-agent run -- COMMAND [ARGUMENT...]
              Runs COMMAND, forwards signals to it and exits with its exit code (128 + signal when a signal ended it,
              127 when it is not found). Afterwards it reads the task's declared outputs and writes them, or what went
              wrong, as JSON to the termination log. 65 means: the command succeeded, its outputs did not.
          flowengine-agent install DIRECTORY
              Copies this program to DIRECTORY/flowengine-agent.
          flowengine-agent version
          flowengine-agent --help

        Environment of run:
          FLOWENGINE_OUTPUT_NAMES     names of the outputs to return, separated by commas
          FLOWENGINE_OUTPUTS          directory with one file for each output (default /flowengine/outputs)
          FLOWENGINE_TERMINATION_LOG  where the result is written (default /dev/termination-log)

        """

    /// - Returns: the exit code of this process.
    static func main(_ arguments: [String]) -> Int32 {
        let words = arguments.dropFirst()
        switch words.first {
        case "run":
            var command = Array(words.dropFirst())
            if command.first == "--" { command.removeFirst() }
            guard !command.isEmpty else {
                return misuse("run needs a command: flowengine-agent run -- COMMAND [ARGUMENT...]")
            }
            return RunCommand(command: command, environment: .current).run()
        case "install":
            guard words.count == 2, let directory = words.last else {
                return misuse("install needs one directory: flowengine-agent install DIRECTORY")
            }
            return InstallCommand(directory: directory).run()
        case "version", "--version":
            StandardStream.output.write("flowengine-agent \(agentVersion)\n")
            return ExitCode.success
        case "--help", "-h", "help":
            StandardStream.output.write(usage)
            return ExitCode.success
        case nil:
            StandardStream.error.write(usage)
            return ExitCode.usage
        case let word?:
            return misuse("\(word) is not a command of flowengine-agent; see flowengine-agent --help")
        }
    }

    private static func misuse(_ message: String) -> Int32 {
        StandardStream.error.write("flowengine-agent: \(message)\n")
        return ExitCode.usage
    }
}

/// Exit codes that are the agent's own; every other one is the command's.
enum ExitCode {
    static let success: Int32 = 0
    /// EX_USAGE of sysexits.h.
    static let usage: Int32 = 64
    /// EX_DATAERR of sysexits.h: the command succeeded but its outputs cannot be returned.
    static let outputs: Int32 = 65
    /// EX_IOERR of sysexits.h: the agent could not do its own work.
    static let failure: Int32 = 74
    /// As a shell reports a command that is there but cannot be run, and one that is not there.
    static let notExecutable: Int32 = 126
    static let notFound: Int32 = 127
}

enum StandardStream {
    case output, error

    func write(_ text: String) {
        _ = FileContent.writeAll(Array(text.utf8), to: self == .output ? STDOUT_FILENO : STDERR_FILENO)
    }
}
