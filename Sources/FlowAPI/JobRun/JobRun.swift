import KubeCore

/// One execution of a Job, pinned to the revision of the Job that it started from.
package struct JobRun: KubeObject, Hashable {
    package static let resourceType = ResourceType.jobRuns

    package var apiVersion: String?
    package var kind: String?
    package var metadata: ObjectMeta
    package var spec: JobRunSpec
    package var status: JobRunStatus?

    package init(metadata: ObjectMeta, spec: JobRunSpec, status: JobRunStatus? = nil) {
        self.apiVersion = FlowGroup.apiVersion
        self.kind = Self.resourceType.kind
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }
}

package struct JobRunSpec: Codable, Hashable, Sendable {
    /// The Job in the same namespace; immutable.
    package var job: String
    /// The name of the ControllerRevision it runs. The operator sets it when it is absent; immutable from then on.
    package var revision: String?
    /// Values for the Job's parameters; immutable.
    @ZeroOmitted package var params: [String: JSON]
    /// Set it to true to stop the run; it cannot be set back.
    @ZeroOmitted package var cancel: Bool
    package var trigger: TriggerReference?

    package init(
        job: String, revision: String? = nil, params: [String: JSON] = [:], cancel: Bool = false,
        trigger: TriggerReference? = nil
    ) {
        self.job = job
        self.revision = revision
        self.params = params
        self.cancel = cancel
        self.trigger = trigger
    }
}

/// What caused a run.
package struct TriggerReference: Codable, Hashable, Sendable {
    package var kind: TriggerKind
    /// Identifies the occurrence among those of its kind; for `onCreate` the UID of the Job.
    package var id: String?

    package init(kind: TriggerKind, id: String? = nil) {
        self.kind = kind
        self.id = id
    }
}

package enum TriggerKind: String, Codable, Hashable, Sendable, CaseIterable {
    case manual
    case onCreate
}
