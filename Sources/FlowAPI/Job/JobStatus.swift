import KubeCore

package struct JobStatus: Codable, Hashable, Sendable {
    package var observedGeneration: Int64?
    /// The ControllerRevision that new runs are pinned to.
    package var revision: String?
    package var lastRun: RunSummary?
    /// Runs that have not ended.
    @ZeroKept package var activeRuns: Int
    /// Their names, oldest first; at most `maxActive`.
    @ZeroOmitted package var active: [String]
    /// The run that the onCreate trigger started. It stays when that run is deleted, so that none is started again.
    package var onCreateRun: String?
    @ZeroOmitted package var conditions: [Condition]

    package static let maxActive = 20

    package init(
        observedGeneration: Int64? = nil, revision: String? = nil, lastRun: RunSummary? = nil, activeRuns: Int = 0,
        active: [String] = [], onCreateRun: String? = nil, conditions: [Condition] = []
    ) {
        self.observedGeneration = observedGeneration
        self.revision = revision
        self.lastRun = lastRun
        self.activeRuns = activeRuns
        self.active = active
        self.onCreateRun = onCreateRun
        self.conditions = conditions
    }
}

/// The run of a Job that started last.
package struct RunSummary: Codable, Hashable, Sendable {
    package var name: String
    package var phase: JobRunPhase?
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?

    package init(name: String, phase: JobRunPhase? = nil, startedAt: Timestamp? = nil, finishedAt: Timestamp? = nil) {
        self.name = name
        self.phase = phase
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }
}
