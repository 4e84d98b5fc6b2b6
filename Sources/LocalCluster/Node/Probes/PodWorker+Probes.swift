import Glibc
import KubeCore

extension PodWorker {
    /// Runs one of a container's probes for as long as this run of it lasts, and tells the changes of its outcome.
    func probe(_ index: Int, _ run: ContainerRun, _ kind: ProbeKind) async {
        guard let container = containerSpec(index), let probe = container.probe(kind) else { return }
        // Liveness counts as given until it fails; the others have to be earned.
        var outcome = ProbeOutcome(
            isSuccess: kind == .liveness, successThreshold: probe.successThreshold,
            failureThreshold: probe.failureThreshold)
        guard (try? await Task.sleep(for: probe.initialDelay)) != nil else { return }
        while !run.hasEnded, !run.isStopping, !Task.isCancelled {
            let began = ContinuousClock.now
            let result = await check(probe.handler, container, run, timeout: probe.timeout)
            if run.hasEnded || run.isStopping { return }
            if outcome.add(result.isSuccess) {
                send(.probe(index, kind, isSuccess: outcome.isSuccess, message: result.message))
                if kind == .startup { return }
            } else if !result.isSuccess {
                context.logger.trace("\(kind.rawValue) probe of \(spec.description) failed: \(result.message)")
            }
            guard (try? await Task.sleep(until: began + probe.period, clock: .continuous)) != nil else { return }
        }
    }

    func containerSpec(_ index: Int) -> ContainerSpec? {
        let all = spec.initContainers + spec.containers
        return all.indices.contains(index) ? all[index] : nil
    }

    func check(
        _ handler: JSON, _ container: ContainerSpec, _ run: ContainerRun, timeout: Duration
    ) async -> ProbeResult {
        if let command = handler.at("exec", "command")?.arrayValue?.compactMap(\.stringValue), !command.isEmpty {
            return await execute(command, in: run, timeout: timeout)
        }
        if let http = handler["httpGet"] {
            guard let port = container.port(http["port"]) else { return .failure("the port is not known") }
            let host = http.text("host")
            return await HTTPProbe(
                address: host.isEmpty ? address : host, port: port, path: http.text("path"),
                headers: http.list("httpHeaders").map { ($0.text("name"), $0.text("value")) },
                isTLS: http.text("scheme") == "HTTPS"
            ).run(on: context.probes, timeout: timeout)
        }
        if let tcp = handler["tcpSocket"] {
            guard let port = container.port(tcp["port"]) else { return .failure("the port is not known") }
            let host = tcp.text("host")
            let target = host.isEmpty ? address : host
            return await context.probes.run {
                switch ProbeSocket.connect(target, port, timeout: timeout) {
                case .success(let socket):
                    close(socket)
                    return .success
                case .failure(let error): return .failure(error.message)
                }
            }
        }
        if let seconds = handler.at("sleep", "seconds")?.intValue {
            try? await Task.sleep(for: .seconds(max(0, seconds)))
            return .success
        }
        return .failure("the local node does not know this kind of probe; use exec, httpGet or tcpSocket")
    }

    /// Runs a command inside a container.
    func execute(_ command: [String], in run: ContainerRun, timeout: Duration) async -> ProbeResult {
        var launch = run.launch
        launch.arguments = command
        launch.root = nil
        let joined = run.launch.root == nil ? nil : run.process
        let log = ContainerLog(path: "\(directory)/probe-\(UInt32.random(in: .min ... .max))")
        defer { for segment in log.segments { unlink(segment.path) } }
        let (ends, tell) = AsyncStream.makeStream(of: ProcessEnding.self)
        let process: ContainerProcess
        do throws(LaunchFailure) {
            process = try await context.work.run { [context, launch] () throws(LaunchFailure) -> ContainerProcess in
                try ContainerProcess.start(launch, joining: joined, log: log, poller: context.poller) { ending in
                    tell.yield(ending)
                    tell.finish()
                }
            }
        } catch {
            log.finish()
            return .failure(error.message)
        }
        let ending = await withTaskGroup(of: ProcessEnding?.self) { group in
            group.addTask { await ends.first { _ in true } }
            group.addTask {
                try? await Task.sleep(for: timeout)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        guard let ending else {
            process.signal(SIGKILL)
            return .failure("command timed out: \"\(command.joined(separator: " "))\" timed out after \(timeout)")
        }
        if ending.exitCode == 0 { return .success }
        return .failure(String(decoding: ContainerLogReader.tail(of: log, lines: 80, bytes: 2048), as: UTF8.self))
    }

    /// A container counts as running once its hook is done; a hook that fails ends it.
    func runPostStart(_ container: ContainerSpec, _ run: ContainerRun) async {
        guard let hook = container.postStart else { return }
        let result = await check(hook, container, run, timeout: .seconds(120))
        guard !result.isSuccess, !run.hasEnded else { return }
        context.logger.info("the postStart hook of \(spec.description) failed: \(result.message)")
        run.process.signal(SIGKILL)
    }

    /// A hook that fails delays nothing; its failure is an event.
    func runPreStop(_ index: Int, _ run: ContainerRun, within grace: Duration) async {
        guard let container = containerSpec(index), let hook = container.preStop else { return }
        let result = await check(hook, container, run, timeout: grace)
        if !result.isSuccess {
            context.logger.info("the preStop hook of \(spec.description) failed: \(result.message)")
        }
    }
}

extension ContainerSpec {
    func probe(_ kind: ProbeKind) -> ProbeSpec? {
        switch kind {
        case .startup: startupProbe
        case .readiness: readinessProbe
        case .liveness: livenessProbe
        }
    }
}

struct ProbeResult: Sendable, Equatable {
    var isSuccess: Bool
    var message: String

    static let success = ProbeResult(isSuccess: true, message: "")

    static func failure(_ message: String) -> ProbeResult { ProbeResult(isSuccess: false, message: message) }
}

/// Counts results until a threshold is reached.
struct ProbeOutcome: Sendable {
    private(set) var isSuccess: Bool
    let successThreshold: Int64
    let failureThreshold: Int64
    private var count: Int64 = 0
    private var last: Bool?

    init(isSuccess: Bool, successThreshold: Int64, failureThreshold: Int64) {
        self.isSuccess = isSuccess
        self.successThreshold = successThreshold
        self.failureThreshold = failureThreshold
    }

    /// - Returns: whether there is something to tell: the outcome changed, or it is failure that has come to its threshold.
    mutating func add(_ result: Bool) -> Bool {
        count = result == last ? count + 1 : 1
        last = result
        guard count >= (result ? successThreshold : failureThreshold) else { return false }
        let hasChanged = isSuccess != result || (!result && count == failureThreshold)
        isSuccess = result
        return hasChanged
    }
}
