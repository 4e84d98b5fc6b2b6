import KubeCore

/// The life of one pod on the node, without I/O: inputs come in with the time, actions go out.
///
/// ```
/// preparing ──volumes──▶ working ──all done, failed, or deleted──▶ ending ──all processes gone──▶ ended
/// ```
/// In `working` the init containers run in their order, then all main containers. What ends is started again as the restart
/// policy says. Every input leads to the same look at the whole (`advance`), so that the order of inputs does not matter.
struct PodMachine: Sendable {
    enum Stage: Sendable, Equatable { case preparing, working, ending, ended }

    /// Why a pod comes to its end.
    enum Cause: Sendable, Equatable {
        /// The main containers are done, or an init container failed for good.
        case done
        case failed(reason: String, message: String)
        case deleted
    }

    enum Timer: Sendable, Hashable { case deadline, volumes, container(Int) }

    enum Input: Sendable {
        case begin
        case volumesReady
        case volumesFailed(String)
        case started(Int, id: String, imageID: String)
        case startFailed(Int, StartFailure)
        case exited(Int, Exit)
        case timer(Timer)
        case probe(Int, ProbeKind, isSuccess: Bool, message: String)
        /// The object is marked for deletion.
        case delete(grace: Duration)
        /// The object is gone, or the node stops: no grace.
        case vanish
    }

    struct Exit: Sendable {
        var exitCode: Int64
        var reason: String
        var message: String?
    }

    enum StartFailure: Error, Sendable, Equatable {
        /// Tried again later; shows as waiting.
        case waiting(reason: String, message: String)
        /// Counts as a run that failed.
        case failed(message: String)
    }

    enum Action: Sendable, Equatable {
        case prepareVolumes
        case start(Int)
        /// Ends a container: its preStop hook, SIGTERM, and SIGKILL after the grace period. Again with a shorter one hastens it.
        case stop(Int, grace: Duration)
        case schedule(Timer, after: Duration)
        case startProbe(Int, ProbeKind)
        case stopProbes(Int)
        case event(isWarning: Bool, reason: String, message: String, container: Int?)
        /// No container will run again: volumes that live as long as the pod go.
        case releaseVolumes
        /// Nothing of the pod runs any more, and its object may go.
        case confirmDeletion
    }

    let spec: PodSpec
    /// Init containers first, in the order of the spec.
    var containers: [ContainerRecord]
    var stage: Stage = .preparing
    var cause: Cause?
    var startTime: Timestamp
    /// Whether the object has been marked for deletion, and with how much grace.
    var deletionGrace: Duration?
    var isGone = false
    var volumeFailures = 0

    init(spec: PodSpec, startTime: Timestamp, backOff: RestartBackOff = RestartBackOff()) {
        self.spec = spec
        self.startTime = startTime
        let hasInit = !spec.initContainers.isEmpty
        containers =
            spec.initContainers.map {
                ContainerRecord($0, role: $0.restartsAlways ? .sidecar : .initial, isBehindInit: true, backOff: backOff)
            }
            + spec.containers.map {
                ContainerRecord($0, role: .main, isBehindInit: hasInit, backOff: backOff)
            }
    }

    mutating func handle(_ input: Input, at now: Timestamp) -> [Action] {
        var actions: [Action] = []
        switch input {
        case .begin:
            actions.append(.prepareVolumes)
            if let deadline = spec.activeDeadline {
                actions.append(.schedule(.deadline, after: max(.zero, deadline - (now - startTime))))
            }
        case .volumesReady:
            if stage == .preparing { stage = .working }
        case .volumesFailed(let message): volumesFailed(message, &actions)
        case .started(let index, let id, let imageID): started(index, id, imageID, now, &actions)
        case .startFailed(let index, let failure): startFailed(index, failure, now, &actions)
        case .exited(let index, let exit): exited(index, exit, now, &actions)
        case .timer(let timer): fired(timer, &actions)
        case .probe(let index, let kind, let isSuccess, let message):
            probed(index, kind, isSuccess, message, &actions)
        case .delete(let grace):
            deletionGrace = min(grace, deletionGrace ?? grace)
            if stage == .ended, !isGone { actions.append(.confirmDeletion) }
            end(.deleted, grace: grace, &actions)
        case .vanish:
            isGone = true
            end(.deleted, grace: .zero, &actions)
        }
        advance(now, &actions)
        return actions
    }

    // MARK: - What happened

    private mutating func volumesFailed(_ message: String, _ actions: inout [Action]) {
        guard stage == .preparing else { return }
        volumeFailures += 1
        actions.append(.event(isWarning: true, reason: "FailedMount", message: message, container: nil))
        actions.append(.schedule(.volumes, after: Self.retryDelay(volumeFailures, longest: .seconds(120))))
    }

    /// 0.5 s, 1 s, 2 s …
    static func retryDelay(_ failures: Int, longest: Duration) -> Duration {
        min(longest, .milliseconds(500) * (1 << min(max(0, failures - 1), 10)))
    }

    private mutating func started(
        _ index: Int, _ id: String, _ imageID: String, _ now: Timestamp, _ actions: inout [Action]
    ) {
        guard containers.indices.contains(index), containers[index].activity == .starting else { return }
        containers[index].activity = .running
        containers[index].state = .running(since: now)
        containers[index].id = id
        containers[index].imageID = imageID
        containers[index].failedAttempts = 0
        let spec = containers[index].spec
        containers[index].isStarted = spec.startupProbe == nil
        containers[index].isReady = spec.startupProbe == nil && spec.readinessProbe == nil
        actions.append(
            .event(isWarning: false, reason: "Started", message: "Started container \(spec.name)", container: index))
        if spec.startupProbe != nil {
            actions.append(.startProbe(index, .startup))
        } else {
            startOtherProbes(index, &actions)
        }
        // It was on its way when the pod's end began.
        if stage == .ending { stop(index, grace: .zero, &actions) }
    }

    private func startOtherProbes(_ index: Int, _ actions: inout [Action]) {
        if containers[index].spec.readinessProbe != nil { actions.append(.startProbe(index, .readiness)) }
        if containers[index].spec.livenessProbe != nil { actions.append(.startProbe(index, .liveness)) }
    }

    private mutating func startFailed(
        _ index: Int, _ failure: StartFailure, _ now: Timestamp, _ actions: inout [Action]
    ) {
        guard containers.indices.contains(index), containers[index].activity == .starting else { return }
        switch failure {
        case .waiting(let reason, let message):
            let (reason, message) = told(reason, message, of: index)
            containers[index].failedAttempts += 1
            if containers[index].state != .waiting(reason: reason, message: message) {
                actions.append(.event(isWarning: true, reason: "Failed", message: message, container: index))
            }
            containers[index].state = .waiting(reason: reason, message: message)
            let delay = Self.retryDelay(containers[index].failedAttempts, longest: .seconds(10))
            containers[index].activity = .due(now + delay)
            actions.append(.schedule(.container(index), after: delay))
        case .failed(let message):
            containers[index].activity = .idle
            containers[index].state = .terminated(
                Termination(
                    exitCode: 128, reason: "StartError", message: message, startedAt: Timestamp(seconds: 0),
                    finishedAt: now, containerID: ""))
            actions.append(.event(isWarning: true, reason: "Failed", message: "Error: \(message)", container: index))
        }
    }

    /// An image that was not there before shows as being backed off from.
    private func told(_ reason: String, _ message: String, of index: Int) -> (reason: String, message: String) {
        guard reason == "ErrImagePull", containers[index].failedAttempts > 0 else { return (reason, message) }
        let image = containers[index].spec.image
        return ("ImagePullBackOff", "Back-off pulling image \"\(image)\": ErrImagePull: \(message)")
    }

    private mutating func exited(_ index: Int, _ exit: Exit, _ now: Timestamp, _ actions: inout [Action]) {
        guard containers.indices.contains(index) else { return }
        var startedAt = now
        if case .running(let since) = containers[index].state { startedAt = since }
        containers[index].activity = .idle
        containers[index].isReady = false
        containers[index].isStarted = false
        containers[index].state = .terminated(
            Termination(
                exitCode: exit.exitCode, reason: exit.reason, message: exit.message, startedAt: startedAt,
                finishedAt: now,
                containerID: containers[index].id))
        let spec = containers[index].spec
        if spec.startupProbe != nil || spec.readinessProbe != nil || spec.livenessProbe != nil {
            actions.append(.stopProbes(index))
        }
    }

    private mutating func fired(_ timer: Timer, _ actions: inout [Action]) {
        switch timer {
        case .volumes: if stage == .preparing { actions.append(.prepareVolumes) }
        case .deadline:
            end(
                .failed(
                    reason: "DeadlineExceeded",
                    message: "Pod was active on the node longer than the specified deadline"),
                grace: spec.terminationGrace, &actions)
        case .container: break  // `advance` looks at what is due
        }
    }

    private mutating func probed(
        _ index: Int, _ kind: ProbeKind, _ isSuccess: Bool, _ message: String, _ actions: inout [Action]
    ) {
        guard containers.indices.contains(index), containers[index].activity == .running else { return }
        let spec = containers[index].spec
        if !isSuccess {
            actions.append(
                .event(
                    isWarning: true, reason: "Unhealthy", message: "\(kind.title) probe failed: \(message)",
                    container: index))
        }
        switch kind {
        case .readiness: containers[index].isReady = isSuccess && containers[index].isStarted
        case .startup where isSuccess:
            containers[index].isStarted = true
            containers[index].isReady = spec.readinessProbe == nil
            startOtherProbes(index, &actions)
        case .liveness where isSuccess: break
        case .startup, .liveness:
            actions.append(
                .event(
                    isWarning: false, reason: "Killing",
                    message: "Container \(spec.name) failed \(kind.rawValue) probe, will be restarted", container: index
                ))
            let own = (kind == .startup ? spec.startupProbe : spec.livenessProbe)?.terminationGrace
            stop(index, grace: own ?? self.spec.terminationGrace, &actions)
        }
    }

    // MARK: - What follows

    /// Begins the pod's end, or hastens it.
    private mutating func end(_ cause: Cause, grace: Duration, _ actions: inout [Action]) {
        guard stage != .ended else { return }
        stage = .ending
        self.cause = self.cause ?? cause
        for index in containers.indices {
            if case .due = containers[index].activity { containers[index].activity = .idle }
            // Sidecars go after the main containers, as long as there is time for it.
            if containers[index].role == .sidecar, cause != .deleted || grace > .zero { continue }
            if containers[index].activity == .running {
                actions.append(
                    .event(
                        isWarning: false, reason: "Killing",
                        message: "Stopping container \(containers[index].spec.name)",
                        container: index))
            }
            stop(index, grace: grace, &actions)
        }
    }

    private mutating func stop(_ index: Int, grace: Duration, _ actions: inout [Action]) {
        switch containers[index].activity {
        case .running:
            containers[index].activity = .stopping
            containers[index].isReady = false
            actions.append(.stop(index, grace: grace))
        case .stopping: actions.append(.stop(index, grace: grace))
        case .idle, .due, .starting: break
        }
    }

    private mutating func advance(_ now: Timestamp, _ actions: inout [Action]) {
        switch stage {
        case .preparing, .ended: return
        case .working: work(now, &actions)
        case .ending: break
        }
        if stage == .ending { finish(&actions) }
    }

    private mutating func work(_ now: Timestamp, _ actions: inout [Action]) {
        for index in containers.indices {
            switch containers[index].role {
            case .initial:
                if containers[index].hasSucceeded { continue }
                if isFinal(index) {
                    end(.done, grace: spec.terminationGrace, &actions)
                } else {
                    startIfDue(index, now, &actions)
                }
                return
            case .sidecar:
                startIfDue(index, now, &actions)
                // One that fails later is started again beside the main containers, without holding them up.
                if !containers[index].isStarted, !hasBegunMain { return }
            case .main: startIfDue(index, now, &actions)
            }
        }
        let mains = containers.indices.filter { containers[$0].role == .main }
        if mains.allSatisfy(isFinal) { end(.done, grace: spec.terminationGrace, &actions) }
    }

    private var hasBegunMain: Bool {
        containers.contains { $0.role == .main && ($0.isActive || $0.termination != nil || $0.last != nil) }
    }

    /// Whether the container has ended and will not be started again.
    private func isFinal(_ index: Int) -> Bool {
        let container = containers[index]
        guard let termination = container.termination, container.activity == .idle else { return false }
        if container.role == .sidecar { return false }
        switch spec.restartPolicy {
        case .never: return true
        case .onFailure: return termination.exitCode == 0
        case .always: return container.role == .initial && termination.exitCode == 0
        }
    }

    private mutating func startIfDue(_ index: Int, _ now: Timestamp, _ actions: inout [Action]) {
        switch containers[index].activity {
        case .starting, .running, .stopping: return
        case .due(let time):
            guard now >= time else { return }
            start(index, &actions)
        case .idle:
            guard let termination = containers[index].termination else {
                start(index, &actions)
                return
            }
            if isFinal(index) { return }
            let wait = containers[index].backOff.delay(after: termination)
            let due = termination.finishedAt + wait
            if due <= now {
                start(index, &actions)
                return
            }
            let name = containers[index].spec.name
            let message =
                "back-off \(Self.text(wait)) restarting failed container=\(name) pod=\(spec.description)"
            containers[index].last = termination
            containers[index].state = .waiting(reason: "CrashLoopBackOff", message: message)
            containers[index].activity = .due(due)
            actions.append(
                .event(
                    isWarning: true, reason: "BackOff",
                    message: "Back-off restarting failed container \(name) in pod \(spec.description)", container: index
                ))
            actions.append(.schedule(.container(index), after: due - now))
        }
    }

    /// `10s`, `2m40s`, as Go prints durations.
    static func text(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        return seconds < 60 ? "\(seconds)s" : "\(seconds / 60)m\(seconds % 60)s"
    }

    private mutating func start(_ index: Int, _ actions: inout [Action]) {
        if let termination = containers[index].termination { containers[index].last = termination }
        if containers[index].last != nil, containers[index].failedAttempts == 0 { containers[index].restartCount += 1 }
        containers[index].activity = .starting
        actions.append(.start(index))
    }

    /// Stops sidecars, the last first, once the others are gone; then the pod has ended.
    private mutating func finish(_ actions: inout [Action]) {
        let others = containers.indices.filter { containers[$0].role != .sidecar }
        guard others.allSatisfy({ !containers[$0].isActive }) else { return }
        if let sidecar = containers.indices.last(where: { containers[$0].role == .sidecar && containers[$0].isActive })
        {
            if containers[sidecar].activity == .running {
                stop(sidecar, grace: deletionGrace ?? spec.terminationGrace, &actions)
            }
            return
        }
        stage = .ended
        actions.append(.releaseVolumes)
        if deletionGrace != nil, !isGone { actions.append(.confirmDeletion) }
    }
}

enum ProbeKind: String, Sendable, Hashable {
    case startup, readiness, liveness

    var title: String {
        switch self {
        case .startup: "Startup"
        case .readiness: "Readiness"
        case .liveness: "Liveness"
        }
    }
}
