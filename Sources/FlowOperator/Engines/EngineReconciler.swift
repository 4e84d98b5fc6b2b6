import FlowAPI
import FlowManager
import KubeClient
import KubeCore
import KubeRuntime

/// Gives each Engine its kernel, and keeps its status: phase, kernel, and the sum of its workload.
struct EngineReconciler: Sendable {
    let caches: Caches
    let statuses: StatusWriter
    let manager: EngineManager
    let recorder: EventRecorder
    /// Bounds how often one Engine's status is written while its workload moves.
    let pace: WritePace
    /// The process that runs the kernels.
    let host: String
    let now: @Sendable () -> Timestamp

    func reconcile(_ key: ObjectKey) async throws -> ReconcileResult {
        guard let engine = caches.engines.store.get(key), let id = ObjectID(engine.metadata) else {
            await manager.remove(namespace: key.namespace ?? "", name: key.name)
            await pace.forget(key)
            return .done
        }
        let problems = engine.spec.validate()
        if problems.isEmpty { _ = await manager.kernel(for: id) }
        var status = engine.status ?? EngineStatus()
        status.observedGeneration = engine.metadata.generation
        status.kernel = KernelStatus(host: host, ready: problems.isEmpty, epoch: max(1, status.kernel?.epoch ?? 0))
        status.workload = workload(of: key)
        status.phase = phase(of: engine, problems: problems)
        readiness(of: engine, problems: problems)
            .apply(to: &status.conditions, generation: engine.metadata.generation, now: now())
        guard status != engine.status else { return .done }

        let isUrgent =
            status.phase != engine.status?.phase || status.observedGeneration != engine.status?.observedGeneration
        if let wait = await pace.wait(before: key, isUrgent: isUrgent) { return .requeue(after: wait) }
        if try await statuses.set(status, on: engine) {
            announce(status, over: engine.status, on: engine)
        }
        return .done
    }

    private func phase(of engine: Engine, problems: [FieldProblem]) -> EnginePhase {
        if engine.metadata.deletionTimestamp != nil { return .terminating }
        if !problems.isEmpty { return .degraded }
        return engine.spec.suspend ? .suspended : .running
    }

    private func readiness(of engine: Engine, problems: [FieldProblem]) -> Readiness {
        if engine.metadata.deletionTimestamp != nil {
            return .progressing(reason: "Terminating", message: "the Engine is being deleted")
        }
        if !problems.isEmpty { return .stalled(reason: "InvalidSpec", message: problems.summary()) }
        return engine.spec.suspend
            ? .ready(reason: "Suspended", message: "nothing new starts; what runs goes on to its end")
            : .ready(reason: "KernelRunning", message: "its kernel runs in \(host)")
    }

    /// The sum over the Engine's Jobs and their runs, from the caches alone.
    private func workload(of key: ObjectKey) -> WorkloadStatus {
        let jobs = caches.jobs(ofEngine: key.name, in: key.namespace)
        var counts = JobWorkload(declared: jobs.count)
        for job in jobs {
            for run in caches.runs(ofJob: job.metadata.name ?? "", in: key.namespace) {
                switch run.status?.phase {
                case .succeeded: counts.succeededRuns += 1
                case .failed, .cancelled: counts.failedRuns += 1
                case .running, .queued, .pending, nil:
                    counts.activeRuns += 1
                    counts.queuedTasks += run.status?.tasks?.queued ?? 0
                    counts.runningTasks += run.status?.tasks?.running ?? 0
                }
            }
        }
        return WorkloadStatus(jobs: counts, pods: caches.livePods(ofEngine: key.name, in: key.namespace))
    }

    private func announce(_ status: EngineStatus, over old: EngineStatus?, on engine: Engine) {
        if let stalled = status.conditions[type: "Stalled"],
            stalled.message != old?.conditions[type: "Stalled"]?.message
        {
            recorder.warning(engine, reason: stalled.reason, message: stalled.message)
        } else if status.phase != old?.phase, status.phase == .running {
            recorder.normal(engine, reason: "KernelRunning", message: "its kernel runs in \(host)")
        }
    }
}

/// Lets one write for each key pass in an interval; what waits is written with the state of that later moment.
actor WritePace {
    private let interval: Duration
    private let clock = ContinuousClock()
    private var last: [ObjectKey: ContinuousClock.Instant] = [:]

    init(interval: Duration) {
        self.interval = interval
    }

    /// How long to wait before writing; nil when the write may happen now.
    func wait(before key: ObjectKey, isUrgent: Bool) -> Duration? {
        let now = clock.now
        if !isUrgent, let last = last[key], last + interval > now { return now.duration(to: last + interval) }
        last[key] = now
        return nil
    }

    func forget(_ key: ObjectKey) {
        last[key] = nil
    }
}
