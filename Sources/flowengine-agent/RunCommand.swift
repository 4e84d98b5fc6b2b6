import Glibc

/// Runs the task's command to its end and reports its result.
struct RunCommand {
    var command: [String]
    var environment: Environment

    /// - Returns: the exit code of this process.
    func run() -> Int32 {
        if let failure = prepareOutputDirectory() { return report(failure) }
        let supervisor = Supervisor()
        switch supervisor.run(command) {
        case let .notStarted(code):
            return report(notStarted(code))
        case let .exited(code):
            guard code == 0 else {
                return report(
                    TaskFailure(
                        reason: "CommandFailed", message: "the command exited with code \(code)", exitCode: code))
            }
            return reportOutputs()
        case let .signalled(signal):
            let name = SignalName.of(signal)
            return report(
                TaskFailure(
                    reason: "CommandSignalled", message: "the command was ended by signal \(signal) (\(name))",
                    exitCode: 128 + signal))
        }
    }

    /// The directory is made always, so that a command may write there without asking; a command that declares no outputs
    /// runs without it.
    private func prepareOutputDirectory() -> TaskFailure? {
        do {
            try FileContent.makeDirectories(environment.outputDirectory)
            // An undeclared FLOWENGINE_OUTPUTS still has to name the directory for the command.
            setenv("FLOWENGINE_OUTPUTS", environment.outputDirectory, 1)
            return nil
        } catch {
            guard !environment.outputNames.isEmpty else { return nil }
            return TaskFailure(
                reason: "OutputDirectory",
                message: "cannot make the directory \(environment.outputDirectory) for the outputs: \(error.text); "
                    + "set FLOWENGINE_OUTPUTS to a directory that can be written",
                exitCode: ExitCode.failure)
        }
    }

    private func notStarted(_ code: Int32) -> TaskFailure {
        let name = command.first ?? ""
        let text = SystemFailure(code: code).text
        if code == ENOENT {
            return TaskFailure(
                reason: "CommandNotFound",
                message: "the command \(name) is not in the image (\(text)); check its name, PATH and, for a script, "
                    + "the interpreter in its first line",
                exitCode: ExitCode.notFound)
        }
        return TaskFailure(
            reason: "CommandNotExecutable", message: "the command \(name) cannot be run: \(text)",
            exitCode: ExitCode.notExecutable)
    }

    private func reportOutputs() -> Int32 {
        do {
            let outputs = try Outputs.collect(names: environment.outputNames, directory: environment.outputDirectory)
            return write(TerminationMessage.outputs(outputs)) ? ExitCode.success : ExitCode.outputs
        } catch {
            return report(error)
        }
    }

    private func report(_ failure: TaskFailure) -> Int32 {
        StandardStream.error.write("flowengine-agent: \(failure.message)\n")
        _ = write(TerminationMessage.failure(failure))
        return failure.exitCode
    }

    /// A termination log that cannot be written loses declared outputs, and nothing else.
    private func write(_ message: [UInt8]) -> Bool {
        do {
            try FileContent.overwrite(environment.terminationLog, with: message)
            return true
        } catch {
            guard !environment.outputNames.isEmpty else { return true }
            StandardStream.error.write(
                "flowengine-agent: cannot write the result to \(environment.terminationLog): \(error.text)\n")
            return false
        }
    }
}

/// Why a task has no outputs.
struct TaskFailure: Error {
    /// CamelCase, for programs.
    var reason: String
    /// For people: what happened and what to do.
    var message: String
    var exitCode: Int32
}
