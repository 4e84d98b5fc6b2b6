import KubeCore

package struct EngineStatus: Codable, Hashable, Sendable {
    package var observedGeneration: Int64?
    package var phase: EnginePhase?
    package var kernel: KernelStatus?
    package var workload: WorkloadStatus?
    @ZeroOmitted package var conditions: [Condition]

    package init(
        observedGeneration: Int64? = nil, phase: EnginePhase? = nil, kernel: KernelStatus? = nil,
        workload: WorkloadStatus? = nil, conditions: [Condition] = []
    ) {
        self.observedGeneration = observedGeneration
        self.phase = phase
        self.kernel = kernel
        self.workload = workload
        self.conditions = conditions
    }
}

package enum EnginePhase: String, Codable, Hashable, Sendable, CaseIterable {
    /// No kernel runs it yet.
    case pending = "Pending"
    /// A kernel runs it.
    case running = "Running"
    /// A kernel runs it, but something of it cannot work; the conditions say what.
    case degraded = "Degraded"
    /// `spec.suspend` is set.
    case suspended = "Suspended"
    /// It is being deleted.
    case terminating = "Terminating"
}

package struct KernelStatus: Codable, Hashable, Sendable {
    /// The process that runs the kernel: the pod's or host's name.
    package var host: String?
    @ZeroKept package var ready: Bool
    /// Counts the kernels that have run this Engine; writes of an older epoch are refused.
    @ZeroKept package var epoch: Int

    package init(host: String? = nil, ready: Bool = false, epoch: Int = 0) {
        self.host = host
        self.ready = ready
        self.epoch = epoch
    }
}

package struct WorkloadStatus: Codable, Hashable, Sendable {
    package var jobs: JobWorkload?
    /// Pods of this Engine that exist now and have not ended.
    @ZeroKept package var pods: Int

    package init(jobs: JobWorkload? = nil, pods: Int = 0) {
        self.jobs = jobs
        self.pods = pods
    }
}

package struct JobWorkload: Codable, Hashable, Sendable {
    /// Jobs that name this Engine.
    @ZeroKept package var declared: Int
    /// Runs that have not ended.
    @ZeroKept package var activeRuns: Int
    /// Tasks (each item of a map counts) that could start but wait for room.
    @ZeroKept package var queuedTasks: Int
    @ZeroKept package var runningTasks: Int
    /// Runs that ended well, among those that still exist.
    @ZeroKept package var succeededRuns: Int
    /// Runs that failed, among those that still exist.
    @ZeroKept package var failedRuns: Int

    package init(
        declared: Int = 0, activeRuns: Int = 0, queuedTasks: Int = 0, runningTasks: Int = 0, succeededRuns: Int = 0,
        failedRuns: Int = 0
    ) {
        self.declared = declared
        self.activeRuns = activeRuns
        self.queuedTasks = queuedTasks
        self.runningTasks = runningTasks
        self.succeededRuns = succeededRuns
        self.failedRuns = failedRuns
    }
}
