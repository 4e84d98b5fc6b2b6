import Dispatch
import Foundation
import Glibc
import Synchronization

/// A child process with its output so far.
final class RunningProgram: Sendable {
    struct State {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var exitCode: Int32?
        fileprivate var openPipes = 2
        fileprivate var waiters: [UInt64: Waiter] = [:]
        fileprivate var nextWaiter: UInt64 = 0

        var text: String { String(decoding: output, as: UTF8.self) }
        var errorText: String { String(decoding: errors, as: UTF8.self) }
        /// Whether the process has ended and all that it wrote has been read.
        var hasEnded: Bool { exitCode != nil && openPipes == 0 }
    }

    fileprivate struct Waiter {
        var isMet: @Sendable (State) -> Bool
        var continuation: CheckedContinuation<Bool, Never>
    }

    let command: String
    private let process = Process()
    private let entry = Pipe()
    private let state = Mutex(State())

    /// - Parameter input: what the program reads; nil leaves its input open until `closeInput`.
    init(_ program: Program, _ arguments: [String], input: String?) throws {
        command = ([URL(filePath: program.path).lastPathComponent] + arguments).joined(separator: " ")
        process.executableURL = URL(filePath: program.path)
        process.arguments = arguments
        process.environment = program.environment
        process.currentDirectoryURL = URL(filePath: program.directory)
        let (output, errors) = (Pipe(), Pipe())
        // No other child may hold the input open.
        _ = fcntl(entry.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = entry
        process.terminationHandler = { [weak self] ended in
            let code = ended.terminationStatus
            self?.change { $0.exitCode = ended.terminationReason == .uncaughtSignal ? 128 + code : code }
        }
        try process.run()
        read(output) { $0.output += $1 }
        read(errors) { $0.errors += $1 }
        if let input {
            try? entry.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            closeInput()
        }
    }

    func closeInput() {
        try? entry.fileHandleForWriting.close()
    }

    var pid: Int32 { process.processIdentifier }

    /// Sends a signal, unless the process has ended.
    func send(_ signal: Int32) {
        if process.isRunning { kill(pid, signal) }
    }

    /// Waits until what the process has said and done so far meets a condition.
    func wait(
        for what: String, within patience: Duration = Patience.long, until isMet: @escaping @Sendable (State) -> Bool
    ) async throws {
        let met = await withCheckedContinuation { continuation in
            let waiter: UInt64? = state.withLock { state in
                if isMet(state) { return nil }
                state.nextWaiter += 1
                state.waiters[state.nextWaiter] = Waiter(isMet: isMet, continuation: continuation)
                return state.nextWaiter
            }
            guard let waiter else { return continuation.resume(returning: true) }
            let deadline = DispatchTime.now() + .milliseconds(Int(patience / .milliseconds(1)))
            DispatchQueue.global().asyncAfter(deadline: deadline) { [weak self] in
                self?.state.withLock { $0.waiters.removeValue(forKey: waiter) }?.continuation.resume(returning: false)
            }
        }
        guard !met else { return }
        let (output, errors) = state.withLock { ($0.text, $0.errorText) }
        throw ProgramFailure("\(command): no \(what) within \(patience)\n--- output\n\(output)\n--- errors\n\(errors)")
    }

    /// Waits for the end. A process that does not end in time is killed.
    func outcome(within patience: Duration = Patience.long) async throws -> Program.Outcome {
        do {
            try await wait(for: "end", within: patience) { $0.hasEnded }
        } catch {
            send(SIGKILL)
            throw error
        }
        return state.withLock {
            Program.Outcome(command: command, exitCode: $0.exitCode ?? -1, output: $0.text, errors: $0.errorText)
        }
    }

    private func read(_ pipe: Pipe, _ append: @escaping @Sendable (inout State, Data) -> Void) {
        let handle = pipe.fileHandleForReading
        Thread.detachNewThread { [self] in
            while case let data = handle.availableData, !data.isEmpty { change { append(&$0, data) } }
            change { $0.openPipes -= 1 }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let met = state.withLock { state in
            body(&state)
            let met = state.waiters.filter { $0.value.isMet(state) }
            for id in met.keys { state.waiters[id] = nil }
            return met.values.map(\.continuation)
        }
        for continuation in met { continuation.resume(returning: true) }
    }
}
