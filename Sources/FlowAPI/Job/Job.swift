import KubeCore

/// A declared DAG of tasks; each execution of it is a `JobRun`.
package struct Job: KubeObject, Hashable {
    package static let resourceType = ResourceType.jobs

    package var apiVersion: String?
    package var kind: String?
    package var metadata: ObjectMeta
    package var spec: JobSpec
    package var status: JobStatus?

    package init(metadata: ObjectMeta, spec: JobSpec, status: JobStatus? = nil) {
        self.apiVersion = FlowGroup.apiVersion
        self.kind = Self.resourceType.kind
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }
}

package struct JobSpec: Codable, Hashable, Sendable {
    /// The Engine in the same namespace that runs it; immutable.
    package var engine: String
    package var description: String?
    /// While true its triggers start no runs; runs that exist go on.
    @ZeroOmitted package var suspend: Bool
    @ZeroOmitted package var params: [ParamSpec]
    @ZeroOmitted package var triggers: [TriggerSpec]
    /// The most pods that one run has at a time; no limit when absent.
    package var maxParallel: Int?
    /// The longest that one run may take, a duration; no limit when absent.
    package var timeout: String?
    package var tasks: [TaskSpec]
    /// What a run hands out once it has succeeded.
    @ZeroOmitted package var outputs: [RunOutputSpec]
    package var history: HistorySpec?

    package init(
        engine: String, description: String? = nil, suspend: Bool = false, params: [ParamSpec] = [],
        triggers: [TriggerSpec] = [], maxParallel: Int? = nil, timeout: String? = nil, tasks: [TaskSpec],
        outputs: [RunOutputSpec] = [], history: HistorySpec? = nil
    ) {
        self.engine = engine
        self.description = description
        self.suspend = suspend
        self.params = params
        self.triggers = triggers
        self.maxParallel = maxParallel
        self.timeout = timeout
        self.tasks = tasks
        self.outputs = outputs
        self.history = history
    }
}

/// A parameter of a Job. Without a value, every run must give one.
package struct ParamSpec: Codable, Hashable, Sendable {
    package var name: String
    /// Any JSON value; expressions see it with its type.
    package var value: JSON?
    package var description: String?
    /// The only values allowed; all when empty.
    @ZeroOmitted package var `enum`: [JSON]

    package init(name: String, value: JSON? = nil, description: String? = nil, enum: [JSON] = []) {
        self.name = name
        self.value = value
        self.description = description
        self.enum = `enum`
    }
}

/// What starts a run. Exactly one kind of trigger is set.
package struct TriggerSpec: Codable, Hashable, Sendable {
    package var onCreate: OnCreateTrigger?

    package init(onCreate: OnCreateTrigger? = nil) {
        self.onCreate = onCreate
    }
}

/// Starts one run when the Job first appears, and never again for that Job object.
package struct OnCreateTrigger: Codable, Hashable, Sendable {
    package init() {}
}

/// A value that a run hands out in `status.outputs`.
package struct RunOutputSpec: Codable, Hashable, Sendable {
    package var name: String
    /// A template; see `Template`.
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// How many ended runs of a Job are kept; older ones are deleted.
package struct HistorySpec: Codable, Hashable, Sendable {
    package static let defaultLimit = 30

    package var succeeded: Int?
    /// Cancelled runs count as failed here.
    package var failed: Int?

    package init(succeeded: Int? = nil, failed: Int? = nil) {
        self.succeeded = succeeded
        self.failed = failed
    }
}
