import FlowAPI
import KubeClient
import KubeCore

/// Binds a run to the revision of its Job that it executes, whatever happens to the Job later.
struct RunPinning: Sendable {
    let client: APIClient

    /// The run with its revision set, its labels and its owner: the Job's current revision where the run names none.
    ///
    /// - Throws: `RunObstacle` while the Job has no revision that fits its spec.
    func pin(_ run: JobRun, to job: Job) async throws -> JobRun {
        let revision = try run.spec.revision ?? current(of: job)
        let labels = Labels.forJob(engine: job.spec.engine, job: run.spec.job)
        let owner = OwnerReference(
            apiVersion: FlowGroup.apiVersion, kind: "Job", name: run.spec.job, uid: job.metadata.uid ?? "",
            controller: true, blockOwnerDeletion: false)
        let hasLabels = labels.allSatisfy { run.metadata.labels?[$0.key] == $0.value }
        if let controller = run.metadata.controller, controller.uid != owner.uid {
            throw RunObstacle.failed(
                "JobReplaced",
                "the run belongs to \(controller.kind) \(controller.name) with the UID \(controller.uid), which is not the "
                    + "Job of that name now; start a new run")
        }
        let isOwned = run.metadata.ownerReferences?.contains { $0.uid == owner.uid } == true
        if run.spec.revision == revision, hasLabels, isOwned { return run }

        var metadata: JSON = [
            "labels": .object(JSONObject(labels.map { ($0.key, JSON.string($0.value)) })),
            // Of another writer's change in between we must hear, or its ownerReferences would be lost.
            "resourceVersion": run.metadata.resourceVersion.map(JSON.string) ?? .null,
        ]
        if !isOwned {
            let owners = (run.metadata.ownerReferences ?? []) + [owner]
            metadata["ownerReferences"] = try JSONTreeEncoder().encode(owners)
        }
        return try await client.resource(JobRun.self, namespace: run.metadata.namespace).patch(
            run.metadata.name ?? "", .merge(["metadata": metadata, "spec": ["revision": .string(revision)]]),
            options: WriteOptions(fieldManager: KubernetesDriver.fieldManager))
    }

    /// What the run's revision holds.
    func content(of run: JobRun) async throws -> Revision {
        let name = run.spec.revision ?? ""
        let revisions = client.resource(.controllerRevisions, namespace: run.metadata.namespace)
        guard let revision = try await revisions.getIfPresent(name) else {
            throw RunObstacle.failed(
                "RevisionNotFound", "spec.revision: there is no ControllerRevision \(name); start a new run")
        }
        do {
            return try JSONTreeDecoder().decode(Revision.self, from: revision.json["data"] ?? .null)
        } catch {
            throw RunObstacle.failed("InvalidRevision", "ControllerRevision \(name) cannot be read: \(error)")
        }
    }

    private func current(of job: Job) throws -> String {
        guard let status = job.status, status.observedGeneration == job.metadata.generation else {
            throw RunObstacle.pending("JobNotReady", "Job \(job.metadata.name ?? "") has not been looked at yet")
        }
        if let stalled = status.conditions[type: "Stalled"], stalled.isTrue {
            throw RunObstacle.waiting("JobStalled", "Job \(job.metadata.name ?? ""): \(stalled.message)")
        }
        guard let revision = status.revision else {
            throw RunObstacle.pending("JobNotReady", "Job \(job.metadata.name ?? "") has no revision yet")
        }
        return revision
    }
}
