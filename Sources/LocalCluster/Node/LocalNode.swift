import Glibc
import KubeCore
import Logging
import Synchronization

/// The one node of a local cluster: runs the containers of pods as processes of this host.
///
/// It meets the cluster as a kubelet does: it registers a Node, keeps its lease, runs the pods that are bound to it, writes their
/// status, and confirms deletions. `run()` works until its task is cancelled; then it ends the pods' processes and removes their
/// directories.
package final class LocalNode: Sendable {
    package let options: NodeOptions
    private let api: any ClusterAPI
    private let logger: Logger
    private let workers = Mutex<[String: PodWorker]>([:])

    package init(options: NodeOptions, api: any ClusterAPI, logger: Logger) {
        self.options = options
        self.api = api
        self.logger = logger
    }

    /// - Throws: when the node cannot be set up on this host.
    package func run() async throws(NodeError) {
        let context = try await setUp()
        let status = NodeStatus(context: context)
        await withDiscardingTaskGroup { group in
            group.addTask { await context.events.run(api: self.api, logger: self.logger) }
            group.addTask { await status.run() }
            group.addTask {
                await ResourceFeed(api: self.api, type: .services, logger: self.logger).run {
                    context.services.apply($0)
                }
            }
            await follow(context)
            // Cancelled: nothing more is taken on, and what runs is ended below.
            group.cancelAll()
        }
        await tearDown(context)
    }

    private func setUp() async throws(NodeError) -> NodeContext {
        let options = options
        let poller = try Poller()
        let work = BlockingWork(name: "node")
        let (isolation, host) = try await work.run { () throws(NodeError) -> (HostIsolation, HostFileSystem) in
            // Of a node that was killed.
            ProcessRecord.killAll(below: "\(options.directory)/pods")
            HostFile.removeTree("\(options.directory)/pods")
            HostFile.removeTree("\(options.directory)/images")
            for part in ["pods", "root", "images"] { try HostFile.makeDirectories("\(options.directory)/\(part)") }
            try HostFile.makeDirectories(options.claimDirectory)
            let host = HostFileSystem.read()
            guard options.isolation == .automatic else { return (.shared, host) }
            return (HostIsolation.detect(staging: "\(options.directory)/root", host: host), host)
        }
        if isolation == .shared {
            logger.notice(
                "this host allows no mounts (neither root nor user namespaces): containers share its files, and volume paths are translated in commands and environment only"
            )
        }
        return NodeContext(
            options: options, api: api, logger: logger, isolation: isolation, host: host,
            controlGroups: ControlGroups.make(
                name: "flowengine-\(getpid())-\(options.name)-\(UInt32.random(in: .min ... .max))"), poller: poller,
            work: work,
            probes: BlockingWork(name: "probes"),
            images: ImageStore(table: options.images, directory: "\(options.directory)/images"),
            services: ServiceCache(), addresses: AddressPool(network: options.podNetwork),
            events: EventRecorder(component: "kubelet", host: options.name), resources: HostCapacity.read())
    }

    // MARK: - Pods

    /// Starts a worker for each pod that is bound to this node, and tells workers of changes to their pods.
    private func follow(_ context: NodeContext) async {
        await withDiscardingTaskGroup { group in
            await ResourceFeed(api: api, type: .pods, logger: logger).run { change in
                switch change {
                case .listed(let pods):
                    let present = Set(pods.compactMap { DynamicObject($0).uid })
                    let gone = workers.withLock { $0.filter { !present.contains($0.key) } }
                    for worker in gone.values { worker.send(.vanish) }
                    for pod in pods { take(pod, context, in: &group) }
                case .changed(let pod): take(pod, context, in: &group)
                case .removed(let pod):
                    guard let uid = DynamicObject(pod).uid else { return }
                    workers.withLock { $0[uid] }?.send(.vanish)
                }
            }
            // Pods that are to go on running keep their processes; their workers end without ending them.
            let left = workers.withLock { Array($0.values) }
            for worker in left { options.leavesPodsRunning ? worker.abandon() : worker.send(.vanish) }
        }
    }

    private func take(_ pod: JSON, _ context: NodeContext, in group: inout DiscardingTaskGroup) {
        let object = DynamicObject(pod)
        guard let uid = object.uid, pod.at("spec", "nodeName")?.stringValue == options.name else { return }
        let isMarked = object.deletionTimestamp != nil
        if let worker = workers.withLock({ $0[uid] }) {
            worker.send(.object(pod))
            if isMarked { worker.send(.delete(grace: Self.grace(object))) }
            return
        }
        let phase = pod.at("status", "phase")?.stringValue
        if phase == "Succeeded" || phase == "Failed", !isMarked { return }
        let worker = PodWorker(pod: pod, context: context)
        workers.withLock { $0[uid] = worker }
        // With its own life: a node that stops lets each pod come to its end.
        group.addTask {
            await Task.detached { await worker.run() }.value
            self.workers.withLock { $0[uid] = nil }
        }
        if isMarked { worker.send(.delete(grace: Self.grace(object))) }
    }

    private static func grace(_ object: DynamicObject) -> Duration {
        .seconds(max(0, object.json.at("metadata", "deletionGracePeriodSeconds")?.intValue ?? 0))
    }

    /// The worker of a pod, for its logs.
    func worker(uid: String) -> PodWorker? { workers.withLock { $0[uid] } }

    private func tearDown(_ context: NodeContext) async {
        context.poller.stop()
        guard !options.leavesPodsRunning else { return }
        context.controlGroups?.remove()
        let directory = options.directory
        await context.work.run { HostFile.removeTree(directory) }
    }
}
