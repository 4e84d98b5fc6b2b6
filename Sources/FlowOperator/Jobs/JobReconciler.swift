import FlowAPI
import KubeClient
import KubeCore
import KubeRuntime

/// Keeps a Job's revision, starts the runs that its triggers ask for, sums its runs up, and deletes the oldest.
struct JobReconciler: Sendable {
    let caches: Caches
    let client: APIClient
    let statuses: StatusWriter
    let recorder: EventRecorder
    let now: @Sendable () -> Timestamp

    func reconcile(_ key: ObjectKey) async throws -> ReconcileResult {
        guard let job = caches.jobs.store.get(key), job.metadata.deletionTimestamp == nil else { return .done }
        var status = job.status ?? JobStatus()
        status.observedGeneration = job.metadata.generation
        let runs = caches.runs(ofJob: key.name, in: key.namespace).filter { isRun($0, of: job) }
        summarize(runs, into: &status)

        var next = ReconcileResult.done
        let readiness: Readiness
        do {
            let engine = try usableEngine(of: job)
            try await adopt(job, by: engine)
            status.revision = try await ensureRevision(of: job, in: engine)
            if status.onCreateRun == nil, !job.spec.suspend, job.spec.triggers.contains(where: { $0.onCreate != nil }) {
                status.onCreateRun = try await startOnCreate(job, revision: status.revision)
            }
            readiness =
                job.spec.suspend
                ? .ready(reason: "Suspended", message: "its triggers start no runs")
                : .ready(reason: "Accepted", message: "runs start when asked for or triggered")
        } catch let problem as JobProblem {
            readiness = .stalled(reason: problem.reason, message: problem.message)
        } catch let error as ClientError where Self.isRefusal(error) {
            readiness = .stalled(reason: "Refused", message: error.message)
            next = .requeue(after: .seconds(60))
        }
        readiness.apply(to: &status.conditions, generation: job.metadata.generation, now: now())
        if try await statuses.set(status, on: job) {
            announce(status, over: job.status, on: job)
        }
        try await prune(runs, of: job)
        return next
    }

    /// Whether the server would answer the same again: somebody has to change something first.
    private static func isRefusal(_ error: ClientError) -> Bool {
        [400, 403, 413, 422].contains(error.httpStatus)
    }

    // MARK: What it stands on

    /// The Engine, once nothing is wrong with it and the Job.
    private func usableEngine(of job: Job) throws(JobProblem) -> Engine {
        let engine = caches.engines.store.get(job.spec.engine, namespace: job.metadata.namespace)
        let problems = job.spec.validate(engine: engine?.spec)
        guard problems.isEmpty else { throw JobProblem(reason: "InvalidSpec", message: problems.summary()) }
        guard let engine, engine.metadata.deletionTimestamp == nil else {
            throw JobProblem(
                reason: "EngineNotFound",
                message: "spec.engine: there is no Engine \(job.spec.engine) in namespace "
                    + "\(job.metadata.namespace ?? ""); create it, or name another one in a new Job")
        }
        let engineProblems = engine.spec.validate()
        guard engineProblems.isEmpty else {
            throw JobProblem(
                reason: "EngineStalled", message: "Engine \(job.spec.engine): \(engineProblems.summary())")
        }
        return engine
    }

    /// Makes the Engine the Job's owner, so that deleting the Engine leaves no children.
    private func adopt(_ job: Job, by engine: Engine) async throws {
        guard let uid = engine.metadata.uid,
            job.metadata.ownerReferences?.contains(where: { $0.uid == uid }) != true
        else { return }
        if let controller = job.metadata.controller {
            // An Engine that was replaced: the Job goes with it. Anything else that controls Jobs is left to do so.
            guard controller.kind == Engine.resourceType.kind else { return }
            throw JobProblem(
                reason: "EngineReplaced",
                message:
                    "the Job belongs to an earlier Engine \(controller.name) and is deleted with it; apply it again")
        }
        let owner = OwnerReference(
            apiVersion: FlowGroup.apiVersion, kind: Engine.resourceType.kind, name: job.spec.engine, uid: uid,
            controller: true, blockOwnerDeletion: false)
        let others = job.metadata.ownerReferences ?? []
        let patch: JSON = [
            "metadata": [
                "ownerReferences": try JSONTreeEncoder().encode(others + [owner]),
                "resourceVersion": job.metadata.resourceVersion.map(JSON.string) ?? .null,
            ]
        ]
        _ = try await client.resource(.jobs, namespace: job.metadata.namespace).patch(
            job.metadata.name ?? "", .merge(patch), options: Self.write)
    }

    /// The ControllerRevision of the Job's present content; it is named by that content, so making it twice makes one.
    private func ensureRevision(of job: Job, in engine: Engine) async throws -> String {
        let revision = Revision(job: job.spec, engine: engine.spec)
        let hash = try revision.hash()
        let name = Names.revision(
            job: job.metadata.name ?? "", jobUID: job.metadata.uid ?? "", contentHash: hash)
        guard job.status?.revision != name else { return name }
        let labels = Labels.forJob(engine: job.spec.engine, job: job.metadata.name ?? "")
        let object: JSON = [
            "apiVersion": "apps/v1", "kind": "ControllerRevision",
            "metadata": [
                "name": .string(name),
                "labels": .object(JSONObject(labels.map { ($0.key, JSON.string($0.value)) })),
                "annotations": [Annotations.contentHash: .string(hash)],
                "ownerReferences": try JSONTreeEncoder().encode([owner(job)]),
            ],
            "data": try JSONTreeEncoder().encode(revision),
            "revision": .int(job.metadata.generation ?? 1),
        ]
        try await create(DynamicObject(object), type: .controllerRevisions, in: job.metadata.namespace)
        return name
    }

    // MARK: Triggers

    /// The one run that the Job's appearance starts. Its name follows from the Job's UID, so it cannot start twice.
    private func startOnCreate(_ job: Job, revision: String?) async throws -> String {
        let jobName = job.metadata.name ?? ""
        let uid = job.metadata.uid ?? ""
        let run = JobRun(
            metadata: ObjectMeta(
                name: Names.onCreateRun(job: jobName, jobUID: uid), namespace: job.metadata.namespace,
                labels: Labels.forJob(engine: job.spec.engine, job: jobName), ownerReferences: [owner(job)]),
            spec: JobRunSpec(
                job: jobName, revision: revision, trigger: TriggerReference(kind: .onCreate, id: uid)))
        let object = DynamicObject(try JSONTreeEncoder().encode(run))
        try await create(object, type: .jobRuns, in: job.metadata.namespace)
        let name = run.metadata.name ?? ""
        recorder.normal(job, reason: "RunStarted", message: "started \(name) because the Job appeared")
        return name
    }

    private func create(_ object: DynamicObject, type: ResourceType, in namespace: String?) async throws {
        do throws(ClientError) {
            _ = try await client.resource(type, namespace: namespace).create(object, options: Self.write)
        } catch {
            guard error.isAlreadyExists else { throw error }
        }
    }

    private func owner(_ job: Job) -> OwnerReference {
        OwnerReference(
            apiVersion: FlowGroup.apiVersion, kind: Job.resourceType.kind, name: job.metadata.name ?? "",
            uid: job.metadata.uid ?? "", controller: true, blockOwnerDeletion: false)
    }

    // MARK: Runs

    /// Whether a run of this name is this Job's, and not that of an earlier Job under the same name.
    private func isRun(_ run: JobRun, of job: Job) -> Bool {
        guard let owner = run.metadata.ownerReferences?.first(where: { $0.controller == true }) else { return true }
        return owner.uid == job.metadata.uid
    }

    private func summarize(_ runs: [JobRun], into status: inout JobStatus) {
        let byAge = runs.sorted { Self.created($0) < Self.created($1) }
        let active = byAge.filter { $0.status?.phase?.isFinal != true }
        status.activeRuns = active.count
        status.active = active.prefix(JobStatus.maxActive).compactMap(\.metadata.name)
        if let last = byAge.last {
            status.lastRun = RunSummary(
                name: last.metadata.name ?? "", phase: last.status?.phase, startedAt: last.status?.startedAt,
                finishedAt: last.status?.finishedAt)
        }
    }

    /// Deletes the oldest ended runs beyond what `history` keeps.
    private func prune(_ runs: [JobRun], of job: Job) async throws {
        let ended = runs.filter { $0.status?.phase?.isFinal == true && $0.metadata.deletionTimestamp == nil }
            .sorted { Self.created($0) > Self.created($1) }
        let limits = [
            (true, job.spec.history?.succeeded ?? HistorySpec.defaultLimit),
            (false, job.spec.history?.failed ?? HistorySpec.defaultLimit),
        ]
        for (succeeded, limit) in limits {
            for run in ended.filter({ ($0.status?.phase == .succeeded) == succeeded }).dropFirst(max(0, limit)) {
                do throws(ClientError) {
                    _ = try await client.resource(.jobRuns, namespace: run.metadata.namespace).delete(
                        run.metadata.name ?? "",
                        options: DeleteOptions(propagationPolicy: .background, preconditionUID: run.metadata.uid))
                } catch {
                    guard error.isNotFound || error.isConflict else { throw error }
                }
            }
        }
    }

    private static func created(_ run: JobRun) -> (Timestamp, String) {
        (run.metadata.creationTimestamp ?? Timestamp(seconds: 0), run.metadata.name ?? "")
    }

    // MARK: Events

    private func announce(_ status: JobStatus, over old: JobStatus?, on job: Job) {
        let stalled = status.conditions[type: "Stalled"]
        guard let stalled, stalled.message != old?.conditions[type: "Stalled"]?.message else { return }
        recorder.warning(job, reason: stalled.reason, message: stalled.message)
    }

    private static let write = WriteOptions(fieldManager: KubernetesDriver.fieldManager)
}

/// Why a Job cannot have runs.
private struct JobProblem: Error {
    var reason: String
    var message: String
}
