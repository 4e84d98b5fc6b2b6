extension JobRunSpec: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "What is to be run.",
        [
            .required(
                "job",
                .flowObjectName("The Job in the same namespace.")
                    .immutable("a run stays with its Job; create another JobRun for the other Job")),
            .optional(
                "revision",
                .objectName("The ControllerRevision of the Job that it runs; FlowEngine sets it at the start.")
                    .immutable("a run keeps the revision it started from; create another JobRun to run another one")),
            .optional(
                "params",
                .anyObject("Values for the Job's parameters, by name, of any type.", max: 100)),
            .optional(
                "cancel", .bool("Stop the run and its tasks. It cannot be taken back.").defaulting(to: false)),
            .optional("trigger", TriggerReference.schema),
        ]
    ).rule(
        "!has(oldSelf.revision) || has(self.revision)",
        "a run keeps the revision it started from; leave the field as it is", field: ".revision"
    ).rule(
        "has(self.params) == has(oldSelf.params) && (!has(self.params) || self.params == oldSelf.params)",
        "the parameters of a run cannot be changed; create another JobRun with the new values", field: ".params"
    ).rule(
        "!(has(oldSelf.cancel) && oldSelf.cancel) || (has(self.cancel) && self.cancel)",
        "a cancelled run stays cancelled; create another JobRun", field: ".cancel")
}

extension TriggerReference: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "What caused the run.",
        [
            .required("kind", .oneOf(TriggerKind.self, "manual: somebody asked for it. onCreate: the Job appeared.")),
            .optional("id", .string("Which occurrence of it.", max: 253)),
        ])
}

extension JobRunStatus: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "How the run stands, as the operator last saw it.",
        [
            .optional("observedGeneration", .generation),
            .optional("phase", .oneOf(JobRunPhase.self, "Where it is in its life.")),
            .optional("startedAt", .timestamp("When it started.")),
            .optional("finishedAt", .timestamp("When it ended.")),
            .optional("duration", .string("How long it took, such as `1m30s`.", max: 64)),
            .optional("progress", .string("How much of it is done, such as `8/12`.", max: 64)),
            .optional("message", .string("What it waits for, or why it failed.", max: 4096)),
            .optional("tasks", TaskCounts.schema),
            .optional(
                "taskStates",
                .list(
                    "How each task stands.", max: JobSpec.maxTasks, keyedBy: "name", of: TaskState.schema)),
            .optional(
                "failed",
                .list("The first tasks that failed.", max: maxFailed, of: TaskFailure.schema)),
            .optional("params", .anyObject("The parameters that the run uses, defaults filled in.", max: 100)),
            .optional("outputs", .anyObject("What the run hands out.", max: 64)),
            .optional("conditions", .conditions),
        ])
}

extension TaskCounts: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "Counts of tasks; each item of a map counts as one.",
        [
            .optional("total", .integer("All.")),
            .optional("succeeded", .integer("Those that succeeded.")),
            .optional("running", .integer("Those that run.")),
            .optional("queued", .integer("Those that could start but wait for room or for their next attempt.")),
            .optional("failed", .integer("Those that failed.")),
            .optional("skipped", .integer("Those that were skipped.")),
        ])
}

extension TaskState: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "One task. The counts are over its items; a task without a map has one.",
        [
            .required("name", .string("Its name.", max: 63)),
            .required("phase", .oneOf(TaskPhase.self, "Where it is in its life.")),
            .optional("total", .integer("All items.")),
            .optional("succeeded", .integer("Items that succeeded.")),
            .optional("running", .integer("Items that run.")),
            .optional("failed", .integer("Items that failed.")),
            .optional("attempts", .integer("Attempts started, retries included.")),
            .optional("startedAt", .timestamp("When its first attempt started.")),
            .optional("finishedAt", .timestamp("When it ended.")),
            .optional("message", .string("What it waits for, or why it failed.", max: 1024)),
        ])
}

extension TaskFailure: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "A failed task, with its last attempt.",
        [
            .required("task", .string("The task.", max: 63)),
            .optional("index", .integer("The item of its map, from 0.")),
            .required("attempt", .integer("The attempt, from 1.")),
            .required("reason", .oneOf(FailureReason.self, "Why, as `retry.on` names it.")),
            .optional("exitCode", .integer("What the command ended with.")),
            .optional("message", .string("Why, for people.", max: 4096)),
            .optional("pod", .objectName("Its pod.")),
        ])
}
