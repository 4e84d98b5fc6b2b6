extension CustomResourceDefinition {
    /// The definitions of all kinds of this release.
    package static let all = [engine, job, jobRun]

    package static let engine = CustomResourceDefinition(
        resourceType: .engines,
        shortName: "eng",
        description: "An independent unit of a scenario: it owns Jobs, and the kernel that runs them.",
        spec: EngineSpec.schema.defaulting(to: [:]),
        status: EngineStatus.schema,
        columns: [
            .text("Phase", ".status.phase", "Where it is in its life."),
            .text("Kernel", ".status.kernel.host", "The process that runs its kernel."),
            .count("Active", ".status.workload.jobs.activeRuns", "Runs that have not ended."),
            .count("Queued", ".status.workload.jobs.queuedTasks", "Tasks that wait for room."),
            .count("Running", ".status.workload.jobs.runningTasks", "Tasks that run."),
            .count("Pods", ".status.workload.pods", "Pods that have not ended."),
            .condition("Ready", type: "Ready", "status", "Whether all of it works."),
            .condition("Reason", type: "Ready", "reason", "Why it is ready or not.", priority: 1),
            .age,
        ])

    package static let job = CustomResourceDefinition(
        resourceType: .jobs,
        shortName: "fjob",
        description: "A declared graph of tasks. Each execution of it is a JobRun.",
        spec: JobSpec.schema,
        status: JobStatus.schema,
        columns: [
            .text("Engine", ".spec.engine", "The Engine that runs it."),
            .text("Last run", ".status.lastRun.name", "The run that was started last."),
            .text("Result", ".status.lastRun.phase", "How that run stands."),
            .count("Active", ".status.activeRuns", "Runs that have not ended."),
            .condition("Ready", type: "Ready", "status", "Whether it can run."),
            .condition("Reason", type: "Ready", "reason", "Why it can run or not."),
            .age,
            .condition("Message", type: "Ready", "message", "What is wrong with it.", priority: 1),
        ])

    package static let jobRun = CustomResourceDefinition(
        resourceType: .jobRuns,
        shortName: "run",
        description: "One execution of a Job.",
        spec: JobRunSpec.schema,
        status: JobRunStatus.schema,
        columns: [
            .text("Job", ".spec.job", "The Job that it runs."),
            .text("Phase", ".status.phase", "Where it is in its life."),
            .text("Progress", ".status.progress", "Tasks that are done, of all."),
            .text("Duration", ".status.duration", "How long it took."),
            .age,
            .text("Message", ".status.message", "What it waits for, or why it failed."),
            .text("Revision", ".spec.revision", "The revision of the Job that it runs.", priority: 1),
        ])
}
