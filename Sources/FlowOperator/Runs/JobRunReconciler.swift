import FlowAPI
import FlowKernel
import FlowManager
import KubeClient
import KubeCore
import KubeRuntime

/// Takes a JobRun from its creation to its end: pins it to a revision, hands it to its Engine's kernel, shows the kernel
/// the run's pods at every change, and writes what the kernel says into the status.
struct JobRunReconciler: Sendable {
    let caches: Caches
    let client: APIClient
    let statuses: StatusWriter
    let manager: EngineManager
    let driver: KubernetesDriver
    let recorder: EventRecorder
    /// Bounds how often one run's status is written while its tasks move: it tells of every task, and its pods are its
    /// memory.
    let pace: WritePace
    let observations = ObservationCache()
    let now: @Sendable () -> Timestamp

    func reconcile(_ key: ObjectKey) async throws -> ReconcileResult {
        guard let run = caches.runs.store.get(key), let uid = run.metadata.uid else {
            // An object that this version cannot read exists all the same; its pods are not orphans.
            guard caches.runs.store.quarantined[key] == nil else { return .done }
            await pace.forget(key)
            observations.forget(key)
            try await release(caches.pods(named: key.name, in: key.namespace).filter(isOrphan))
            return .done
        }
        if run.metadata.deletionTimestamp != nil || run.status?.phase?.isFinal == true {
            await kernel(of: run)?.forget(run: uid)
            observations.forget(key)
            let pods = caches.pods(ownedBy: uid)
            await stop(pods)
            try await release(pods)
            return .done
        }
        do {
            return try await advance(run, key, uid: uid)
        } catch let obstacle as RunObstacle {
            return try await report(obstacle, on: run)
        }
    }

    // MARK: A run that goes on

    private func advance(_ run: JobRun, _ key: ObjectKey, uid: String) async throws -> ReconcileResult {
        guard let job = caches.jobs.store.get(run.spec.job, namespace: run.metadata.namespace) else {
            throw RunObstacle.waiting(
                "JobNotFound",
                "spec.job: there is no Job \(run.spec.job) in this namespace; create it, or delete this run")
        }
        guard let engine = caches.engines.store.get(job.spec.engine, namespace: run.metadata.namespace),
            let engineID = ObjectID(engine.metadata)
        else {
            throw RunObstacle.waiting(
                "EngineNotFound",
                "Job \(run.spec.job) names the Engine \(job.spec.engine), which does not exist; create it")
        }
        let kernel = await manager.kernel(for: engineID)
        if await !kernel.knows(run: uid) {
            let pinned = try await RunPinning(client: client).pin(run, to: job)
            await kernel.adopt(try await plan(pinned, uid: uid, job: job), startedAt: run.status?.startedAt)
        }
        let pods = caches.pods(ownedBy: uid)
        let observed = observations.observe(pods, of: key, runUID: uid)
        guard
            let report = await kernel.step(
                run: uid, observed: observed, admits: !engine.spec.suspend, isCancelled: run.spec.cancel, now: now)
        else { return .requeue(after: .zero) }

        let status = RunStatus.complete(report.status, of: run, isSuspended: engine.spec.suspend, now: now())
        let wakeIn = report.wakeAt.map { max(.milliseconds(1), $0 - now()) }
        if status != run.status {
            let isUrgent = RunStatus.isUrgent(status, after: run.status)
            if let wait = await pace.wait(before: key, isUrgent: isUrgent) {
                return .requeue(after: report.mustStepAgain ? .zero : min(wait, wakeIn ?? wait))
            }
            try await write(status, on: run)
        }
        if status.phase?.isFinal == true {
            // The kernel keeps the run until the cache shows its end too: a machine made anew from what is left of its
            // pods would start over.
            try await release(pods)
            return .done
        }
        let counted = Set(report.countedPods)
        try await release(pods.filter { counted.contains($0.name) })
        if report.mustStepAgain { return .requeue(after: .zero) }
        return wakeIn.map { .requeue(after: $0) } ?? .done
    }

    private func plan(_ run: JobRun, uid: String, job: Job) async throws -> RunPlan {
        let content = try await RunPinning(client: client).content(of: run)
        let problems = run.spec.validate(against: content.spec)
        guard problems.isEmpty else { throw RunObstacle.failed("InvalidParams", problems.summary()) }
        let identity = RunIdentity(
            namespace: run.metadata.namespace ?? "", name: run.metadata.name ?? "", uid: uid, job: run.spec.job,
            engine: content.spec.engine)
        do {
            return try RunPlan(run: identity, revision: content, params: run.spec.params)
        } catch {
            throw RunObstacle.failed("InvalidRevision", error.description)
        }
    }

    /// Writes the status, and waits until the cache shows it: the next write is the difference to what the cache has.
    private func write(_ status: JobRunStatus, on run: JobRun) async throws {
        do throws(ClientError) {
            guard let written = try await statuses.update(run, { $0.status = status }) else { return }
            announce(status, on: run)
            guard let version = written.metadata.resourceVersion else { return }
            do {
                try await caches.runs.store.waitUntilSeen(resourceVersion: version)
            } catch {
                throw ClientError(.cancelled, "Waiting for the status of \(run.metadata.name ?? "") was cancelled.")
            }
        } catch {
            if error.isNotFound { return }  // It was deleted meanwhile; there is nobody left to tell.
            throw error
        }
    }

    // MARK: A run that cannot go on

    private func report(_ obstacle: RunObstacle, on run: JobRun) async throws -> ReconcileResult {
        let isCancelled = run.spec.cancel && caches.pods(ownedBy: run.metadata.uid ?? "").isEmpty
        let status =
            isCancelled
            ? RunStatus.cancelled(run, now: now()) : RunStatus.obstructed(by: obstacle, run: run, now: now())
        let isNew = run.status?.message != obstacle.message
        if try await statuses.set(status, on: run), isNew, !obstacle.passes {
            recorder.warning(run, reason: obstacle.reason, message: obstacle.message)
        }
        return .done
    }

    /// Tells the world of the phases that people wait for.
    private func announce(_ status: JobRunStatus, on run: JobRun) {
        guard let phase = status.phase, phase != run.status?.phase else { return }
        let progress = "\(status.progress ?? "0/0") tasks"
        switch phase {
        case .running: recorder.normal(run, reason: "Started", message: "the run started")
        case .succeeded: recorder.normal(run, reason: "Succeeded", message: "\(progress) in \(status.duration ?? "?")")
        case .failed: recorder.warning(run, reason: "Failed", message: status.message ?? progress)
        case .cancelled: recorder.normal(run, reason: "Cancelled", message: "cancelled at \(progress)")
        case .pending, .queued: break
        }
    }

    // MARK: Pods

    /// Deletes what runs on: pods of a run that was deleted, and one whose creation arrived after its run had ended.
    private func stop(_ pods: [DynamicObject]) async {
        for pod in pods where pod.deletionTimestamp == nil {
            let phase = pod.json.at("status", "phase")?.stringValue
            if phase != "Succeeded", phase != "Failed" { await driver.delete(pod: pod.name, in: pod.namespace) }
        }
    }

    private func release(_ pods: [DynamicObject]) async throws {
        for pod in pods where pod.finalizers.contains(FlowAPI.Finalizers.pod) {
            try await driver.release(pod)
        }
    }

    /// Whether no run that exists made this pod: its run is gone, or another one bears the name now.
    private func isOrphan(_ pod: DynamicObject) -> Bool {
        let owner = pod.ownerReferences.first { $0.controller == true }
        let run = caches.runs.store.get(owner?.name ?? "", namespace: pod.namespace)
        return run == nil || run?.metadata.uid != owner?.uid
    }

    private func kernel(of run: JobRun) async -> EngineKernel? {
        guard let namespace = run.metadata.namespace,
            let job = caches.jobs.store.get(run.spec.job, namespace: namespace)
        else { return nil }
        return await manager.kernel(namespace: namespace, name: job.spec.engine)
    }
}

extension ObjectID {
    /// nil for an object that no server has named yet.
    init?(_ metadata: ObjectMeta) {
        guard let name = metadata.name, let uid = metadata.uid else { return nil }
        self.init(namespace: metadata.namespace ?? "", name: name, uid: uid)
    }
}
