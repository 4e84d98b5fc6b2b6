import FlowAPI
import FlowManager
import KubeClient
import KubeCore
import KubeRuntime
import Logging
import ServiceLifecycle

/// What an operator is told.
package struct OperatorOptions: Sendable {
    /// The only namespace to work in; nil for all.
    package var namespace: String?
    /// The image with the agent at `/flowengine-agent`.
    package var agentImage: String
    /// Names this process in Engine statuses and as holder of the leader's lease.
    package var identity: String
    /// The namespace of the leader's lease; nil runs without election, for when only one operator can be there.
    package var leaseNamespace: String?
    /// The port of `/healthz`, `/readyz` on all addresses; nil for none.
    package var healthPort: Int?

    package init(
        namespace: String? = nil, agentImage: String, identity: String, leaseNamespace: String? = nil,
        healthPort: Int? = nil
    ) {
        self.namespace = namespace
        self.agentImage = agentImage
        self.identity = identity
        self.leaseNamespace = leaseNamespace
        self.healthPort = healthPort
    }
}

/// The FlowEngine operator: an ordinary client of a Kubernetes API.
///
/// `run` works until its task is cancelled or the service group that it is in shuts down. Stopping it interrupts no work
/// of users: pods run on, and the next operator counts what ended meanwhile.
package struct Operator: Service {
    private let client: APIClient
    private let options: OperatorOptions
    private let logger: Logger
    private let readiness: OperatorReadiness

    package init(client: APIClient, options: OperatorOptions, logger: Logger) {
        self.client = client
        self.options = options
        self.logger = logger
        self.readiness = OperatorReadiness()
    }

    /// Returns once the operator has its kinds in view and takes work.
    package func waitUntilReady() async throws {
        try await readiness.wait()
    }

    package func run() async throws {
        try await CustomResources(client: client, logger: logger).ensure()
        var services: [any Service] = []
        if let port = options.healthPort {
            services.append(HealthServer(port: port, readiness: readiness, logger: logger))
        }
        if let namespace = options.leaseNamespace {
            // A replica that stands by is as ready as it will be.
            readiness.markReady()
            services.append(elected(in: namespace))
        } else {
            services += controllers()
        }
        try await Self.runTogether(services, logger: logger)
    }

    /// Runs the work in the process that holds the lease, from new in every term: caches of an earlier one are stale.
    private func elected(in namespace: String) -> ElectedService {
        let elector = LeaderElector(
            client: client.dedicated(), lease: ObjectKey(namespace: namespace, name: leaseName),
            identity: options.identity, logger: logger)
        return ElectedService(elector: elector, logger: logger) { _ in
            try await Self.runTogether(controllers(), logger: logger)
        }
    }

    /// Operators for different namespaces do not stand in each other's way.
    private var leaseName: String {
        options.namespace.map { "flowengine-operator-\($0)" } ?? "flowengine-operator"
    }

    private static func runTogether(_ services: [any Service], logger: Logger) async throws {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        try await ServiceGroup(configuration: .init(services: services, logger: quiet)).run()
    }

    private func controllers() -> [any Service] {
        let informers = InformerSet(client: client, logger: logger)
        let caches = Caches(informers, namespace: options.namespace)
        let recorder = EventRecorder(
            client: client, controller: "flowengine.io/operator", instance: options.identity, logger: logger)
        let driver = KubernetesDriver(
            client: client, builder: PodBuilder(agentImage: options.agentImage), logger: logger)
        let manager = EngineManager(driver: driver)
        let statuses = StatusWriter(client: client)
        let now: @Sendable () -> Timestamp = { .now() }

        let engines = EngineReconciler(
            caches: caches, statuses: statuses, manager: manager, recorder: recorder,
            pace: WritePace(interval: .milliseconds(250)), host: options.identity, now: now)
        let jobs = JobReconciler(caches: caches, client: client, statuses: statuses, recorder: recorder, now: now)
        let runs = JobRunReconciler(
            caches: caches, client: client, statuses: statuses, manager: manager, driver: driver, recorder: recorder,
            pace: WritePace(interval: .milliseconds(100)), now: now)
        return [
            informers, recorder,
            ReadinessAnnouncer(informers: informers, readiness: readiness, logger: logger),
            Controller(name: "engine", sources: Wiring.engines(caches), logger: logger) {
                try await engines.reconcile($0)
            },
            Controller(name: "job", sources: Wiring.jobs(caches), logger: logger) { try await jobs.reconcile($0) },
            Controller(name: "jobrun", sources: Wiring.runs(caches), options: .init(workers: 8), logger: logger) {
                try await runs.reconcile($0)
            },
        ]
    }
}

/// Which changes bring which objects up.
private enum Wiring {
    static func engines(_ caches: Caches) -> [ControllerSource] {
        [
            .primary(caches.engines),
            .mapped(caches.jobs) { [ObjectKey(namespace: $0.key.namespace, name: $0.object.spec.engine)] },
            .mapped(caches.pods) { change in
                change.object.labels[Labels.engine].map { [ObjectKey(namespace: change.key.namespace, name: $0)] } ?? []
            },
            .mapped(caches.runs) { change in
                let job = caches.jobs.store.get(change.object.spec.job, namespace: change.key.namespace)
                return job.map { [ObjectKey(namespace: change.key.namespace, name: $0.spec.engine)] } ?? []
            },
        ]
    }

    static func jobs(_ caches: Caches) -> [ControllerSource] {
        [
            .primary(caches.jobs),
            .mapped(caches.engines, when: .generationChanged) { change in
                caches.jobs(ofEngine: change.key.name, in: change.key.namespace).map {
                    ObjectKey(namespace: change.key.namespace, name: $0.metadata.name ?? "")
                }
            },
            .mapped(caches.runs, when: phaseChanged) {
                [ObjectKey(namespace: $0.key.namespace, name: $0.object.spec.job)]
            },
        ]
    }

    static func runs(_ caches: Caches) -> [ControllerSource] {
        [
            .primary(caches.runs),
            .owned(caches.pods, by: .jobRuns),
            .mapped(caches.jobs) { active(caches.runs(ofJob: $0.key.name, in: $0.key.namespace)) },
            .mapped(caches.engines, when: .generationChanged) { change in
                caches.jobs(ofEngine: change.key.name, in: change.key.namespace).flatMap {
                    active(caches.runs(ofJob: $0.metadata.name ?? "", in: change.key.namespace))
                }
            },
        ]
    }

    private static var phaseChanged: ChangePredicate<JobRun> {
        ChangePredicate { $0.old == nil || $0.kind == .deleted || $0.old?.status?.phase != $0.object.status?.phase }
    }

    private static func active(_ runs: [JobRun]) -> [ObjectKey] {
        runs.filter { $0.status?.phase?.isFinal != true }
            .map { ObjectKey(namespace: $0.metadata.namespace, name: $0.metadata.name ?? "") }
    }
}
