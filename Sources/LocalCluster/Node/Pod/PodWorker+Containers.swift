import Glibc
import KubeCore
import Synchronization

/// One run of one container.
final class ContainerRun: Sendable {
    let process: ContainerProcess
    /// For processes that join it: probes and hooks.
    let launch: ProcessLaunch
    private let state = Mutex(State())

    private struct State {
        var hasEnded = false
        var isStopping = false
    }

    init(process: ContainerProcess, launch: ProcessLaunch) {
        self.process = process
        self.launch = launch
    }

    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    func end() { state.withLock { $0.hasEnded = true } }

    /// - Returns: true for the first call only.
    func beginStopping() -> Bool {
        state.withLock { state in
            defer { state.isStopping = true }
            return !state.isStopping
        }
    }

    var isStopping: Bool { state.withLock { $0.isStopping } }
}

extension PodWorker {
    /// Starts a container and answers `started` or `startFailed`, and later `exited`.
    func start(_ index: Int, _ container: ContainerSpec, attempt: Int64) async {
        let launcher = ContainerLauncher(
            context: context, pod: spec, fields: fields, volumes: shared.withLock { $0.volumes }, directory: directory)
        do throws(PodMachine.StartFailure) {
            let prepared = try await launcher.prepare(container, attempt: attempt)
            try await launch(index, container, prepared, attempt: attempt)
        } catch {
            send(.startFailed(index, error))
        }
    }

    private func launch(
        _ index: Int, _ container: ContainerSpec, _ prepared: ContainerLauncher.Prepared, attempt: Int64
    ) async throws(PodMachine.StartFailure) {
        let log = newLog(container.name, attempt: attempt)
        let gate = StartGate()
        let record = "\(directory)/containers/\(container.name)/process"
        let run: ContainerRun
        do throws(LaunchFailure) {
            run = try await context.work.run { [context] () throws(LaunchFailure) -> ContainerRun in
                let process = try ContainerProcess.start(prepared.launch, log: log, poller: context.poller) { ending in
                    gate.end { self.ended(index, container, prepared, log, ending) }
                }
                ProcessRecord.write(process.id, to: record)
                return ContainerRun(process: process, launch: prepared.launch)
            }
        } catch {
            log.finish()
            prepared.controlGroup?.remove()
            throw .failed(message: Self.startMessage(error, prepared.launch))
        }
        shared.withLock { $0.runs[index] = run }
        await runPostStart(container, run)
        send(.started(index, id: Self.newID(), imageID: prepared.imageID))
        gate.open()
    }

    /// In the words that a container runtime has for it.
    private static func startMessage(_ failure: LaunchFailure, _ launch: ProcessLaunch) -> String {
        let name = launch.arguments.first ?? ""
        guard failure.code == ENOENT, !name.contains("/") else {
            return "failed to start the container: \(failure.message)"
        }
        return "failed to start the container: exec: \"\(name)\": executable file not found in $PATH "
            + "(\(launch.searchPath ?? ""))"
    }

    private static func newID() -> String {
        var id = "local://"
        for _ in 0..<4 {
            let part = String(UInt64.random(in: .min ... .max), radix: 16)
            id += String(repeating: "0", count: 16 - part.count) + part
        }
        return id
    }

    private func newLog(_ name: String, attempt: Int64) -> ContainerLog {
        let log = ContainerLog(
            path: "\(directory)/containers/\(name)/\(attempt).log", cap: context.options.logCap)
        let old = shared.withLock { shared -> [ContainerLog] in
            var logs = shared.logs[name] ?? []
            logs.append(log)
            let old = Array(logs.dropLast(2))
            shared.logs[name] = Array(logs.suffix(2))
            return old
        }
        for log in old { for segment in log.segments { unlink(segment.path) } }
        return log
    }

    /// On the poller's thread: files of a few kilobytes are read.
    private func ended(
        _ index: Int, _ container: ContainerSpec, _ prepared: ContainerLauncher.Prepared, _ log: ContainerLog,
        _ ending: ProcessEnding
    ) {
        shared.withLock { $0.runs.removeValue(forKey: index) }?.end()
        var message = try? HostFile.read(prepared.messageFile, limit: 4096)
        unlink(prepared.messageFile)
        let isOutOfMemory = ending.signal == SIGKILL && prepared.controlGroup?.hasRunOutOfMemory == true
        prepared.controlGroup?.remove()
        if message?.isEmpty != false, container.fallsBackToLogs, ending.exitCode != 0 {
            message = ContainerLogReader.tail(of: log, lines: 80, bytes: 2048)
        }
        let text = message.flatMap { $0.isEmpty ? nil : String(decoding: $0, as: UTF8.self) }
        send(
            .exited(
                index,
                PodMachine.Exit(
                    exitCode: Int64(ending.exitCode),
                    reason: isOutOfMemory ? "OOMKilled" : ending.exitCode == 0 ? "Completed" : "Error", message: text)))
    }

    /// Ends a container: its hook, SIGTERM and, after the grace period, SIGKILL. A second call only shortens the wait.
    func stop(_ index: Int, grace: Duration) async {
        guard let run = shared.withLock({ $0.runs[index] }) else { return }
        let isFirst = run.beginStopping()
        if grace > .zero {
            let deadline = ContinuousClock.now + grace
            if isFirst {
                await runPreStop(index, run, within: grace)
                run.process.signal(SIGTERM)
            }
            try? await Task.sleep(until: deadline, clock: .continuous)
        }
        if !run.hasEnded { run.process.signal(SIGKILL) }
    }
}

/// Keeps the end of a process from being told before its start.
private final class StartGate: Sendable {
    private struct State {
        var isOpen = false
        var pending: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    func end(_ tell: @escaping @Sendable () -> Void) {
        let isOpen = state.withLock { state in
            if !state.isOpen { state.pending = tell }
            return state.isOpen
        }
        if isOpen { tell() }
    }

    func open() {
        let pending = state.withLock { state in
            state.isOpen = true
            return state.pending.take()
        }
        pending?()
    }
}
