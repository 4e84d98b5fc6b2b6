import Glibc
import KubeCore
import Synchronization

/// Carries out what `PodMachine` decides for one pod: volumes, processes, probes and status writes.
///
/// Everything that happens comes through one inbox and is handled in order; work that takes time runs in child tasks that answer
/// into the inbox.
final class PodWorker: Sendable {
    enum Message: Sendable {
        /// Ends the work without ending the processes.
        case abandon
        case input(PodMachine.Input)
        /// The object as it is now.
        case object(JSON)
    }

    let context: NodeContext
    let spec: PodSpec
    let directory: String
    let address: String
    private let inbox: AsyncStream<Message>
    private let continuation: AsyncStream<Message>.Continuation
    /// What the child tasks share.
    let shared: Mutex<Shared>
    private let firstObject: JSON

    struct Shared {
        var volumes: [String: PreparedVolume] = [:]
        /// By the container's place among all of the pod.
        var runs: [Int: ContainerRun] = [:]
        /// Logs by container name, the latest last; two are kept.
        var logs: [String: [ContainerLog]] = [:]
    }

    init(pod: JSON, context: NodeContext) {
        self.context = context
        firstObject = pod
        spec = PodSpec(pod)
        directory = "\(context.podsDirectory)/\(spec.uid)"
        address = spec.isUsingHostNetwork ? NodeContext.hostAddress : context.addresses.take()
        (inbox, continuation) = AsyncStream.makeStream()
        shared = Mutex(Shared())
    }

    func send(_ message: Message) { continuation.yield(message) }

    func abandon() { continuation.yield(.abandon) }

    func send(_ input: PodMachine.Input) { continuation.yield(.input(input)) }

    var fields: PodFields {
        PodFields(
            pod: spec, hostAddress: NodeContext.hostAddress, podAddress: address, nodeResources: context.resources)
    }

    /// Runs the pod to its end, and until its object is gone. Afterwards nothing of it is left on the host.
    func run() async {
        var pod = firstObject
        let now = Timestamp.now()
        let began = pod.at("status", "startTime")?.stringValue.flatMap(Timestamp.init(rfc3339:))
        let (initial, longest) = context.options.restartBackOff
        var machine = PodMachine(
            spec: spec, startTime: began ?? now, backOff: RestartBackOff(initial: initial, longest: longest))
        if began != nil { machine.adopt(pod, at: now) }
        var isAbandoned = false
        let writer = PodStatusWriter(context: context, spec: spec)
        await withDiscardingTaskGroup { group in
            group.addTask { await writer.run() }
            perform(machine.handle(.begin, at: now), in: &group, machine, pod)
            for await message in inbox {
                switch message {
                case .abandon: isAbandoned = true
                case .object(let object): pod = object
                case .input(let input):
                    perform(machine.handle(input, at: .now()), in: &group, machine, pod)
                    // An object that is gone takes no status; and pods of a node that stops are not failed for it.
                    if machine.isGone { break }
                    let context = PodStatusContext(
                        hostAddress: NodeContext.hostAddress, podAddress: address, pod: pod, now: .now())
                    writer.write(
                        machine.status(context), over: pod["status"],
                        thenDelete: machine.stage == .ended && machine.deletionGrace != nil)
                }
                if isAbandoned || (machine.isGone && machine.stage == .ended) { break }
            }
            continuation.finish()
            writer.finish()
            group.cancelAll()
        }
        if !isAbandoned { await clean() }
    }

    private func clean() async {
        if !spec.isUsingHostNetwork { context.addresses.release(address) }
        let directory = directory
        await context.work.run { HostFile.removeTree(directory) }
    }

    // MARK: - Actions

    private func perform(
        _ actions: [PodMachine.Action], in group: inout DiscardingTaskGroup, _ machine: PodMachine, _ pod: JSON
    ) {
        for action in actions {
            switch action {
            case .prepareVolumes: group.addTask { await self.prepareVolumes() }
            case .start(let index):
                let attempt = machine.containers[index].restartCount
                let container = machine.containers[index].spec
                group.addTask { await self.start(index, container, attempt: attempt) }
            case .stop(let index, let grace): group.addTask { await self.stop(index, grace: grace) }
            case .schedule(let timer, let delay):
                group.addTask {
                    guard (try? await Task.sleep(for: delay)) != nil else { return }
                    self.send(.timer(timer))
                }
            case .startProbe(let index, let kind):
                guard let run = shared.withLock({ $0.runs[index] }) else { continue }
                group.addTask { await self.probe(index, run, kind) }
            case .stopProbes: break  // they end with their run
            case .event(let isWarning, let reason, let message, let index):
                context.events.record(
                    pod, isWarning: isWarning, reason: reason, message: message,
                    fieldPath: index.map { machine.fieldPath($0) })
            case .releaseVolumes:
                let volumes = "\(directory)/volumes"
                group.addTask { await self.context.work.run { HostFile.removeTree(volumes) } }
            case .confirmDeletion: break  // follows the last status write
            }
        }
    }

    private func prepareVolumes() async {
        let builder = VolumeBuilder(
            pod: spec, fields: fields, config: APIConfigSource(api: context.api), tokens: context.options.tokens,
            directory: "\(directory)/volumes", claimDirectory: context.options.claimDirectory, work: context.work)
        do throws(NodeError) {
            try await writePodFiles()
            let volumes = try await builder.prepare()
            shared.withLock { $0.volumes = volumes }
            send(.volumesReady)
        } catch {
            send(.volumesFailed(error.message))
        }
    }

    /// `/etc/hosts` knows the Services by name, in place of the DNS that a cluster would have.
    private func writePodFiles() async throws(NodeError) {
        let hosts = HostsFile.text(spec: spec, address: address, services: context.services.all)
        let (directory, hostName) = (directory, spec.hostName)
        try await context.work.run { () throws(NodeError) in
            try HostFile.makeDirectories(directory)
            try HostFile.write(Array(hosts.utf8), to: "\(directory)/hosts")
            try HostFile.write(Array("\(hostName)\n".utf8), to: "\(directory)/hostname")
        }
    }
}

extension PodMachine {
    /// `spec.containers{main}`
    func fieldPath(_ index: Int) -> String {
        let container = containers[index]
        return "spec.\(container.role == .main ? "containers" : "initContainers"){\(container.spec.name)}"
    }

    /// Takes up a pod that had begun before this node started: its processes are gone with the node before.
    ///
    /// Containers that ran are told as lost, so that a pod which must not restart fails rather than run twice.
    mutating func adopt(_ pod: JSON, at now: Timestamp) {
        for (list, isInit) in [("initContainerStatuses", true), ("containerStatuses", false)] {
            for status in pod.at("status", list)?.arrayValue ?? [] {
                let name = status.text("name")
                guard let index = containers.firstIndex(where: { $0.spec.name == name && ($0.role != .main) == isInit })
                else { continue }
                containers[index].restartCount = status["restartCount"]?.intValue ?? 0
                containers[index].id = status.text("containerID")
                containers[index].imageID = status.text("imageID")
                if let ended = status.at("state", "terminated") {
                    containers[index].state = .terminated(Termination(json: ended, fallback: now))
                } else if let running = status.at("state", "running") {
                    let since = running["startedAt"]?.stringValue.flatMap(Timestamp.init(rfc3339:)) ?? now
                    containers[index].state = .terminated(
                        Termination(
                            exitCode: 137, reason: "ContainerStatusUnknown",
                            message: "The container could not be located when the pod was terminated", startedAt: since,
                            finishedAt: now, containerID: containers[index].id))
                }
            }
        }
    }
}

extension Termination {
    init(json: JSON, fallback: Timestamp) {
        func time(_ key: String) -> Timestamp { json[key]?.stringValue.flatMap(Timestamp.init(rfc3339:)) ?? fallback }
        self.init(
            exitCode: json["exitCode"]?.intValue ?? 0, reason: json.text("reason"),
            message: json["message"]?.stringValue,
            startedAt: time("startedAt"), finishedAt: time("finishedAt"), containerID: json.text("containerID"))
    }
}
