extension JobSpec: SchemaDescribed {
    package static let maxTasks = 250
    package static let maxNeeds = 128

    package static let schema = CRDSchema.object(
        "What this Job does, and when.",
        [
            .required(
                "engine",
                .flowObjectName("The Engine in the same namespace that runs it.")
                    .immutable("a Job stays with its Engine; delete the Job and create it with the other Engine")),
            .optional("description", .string("What the Job is for.", max: 4096)),
            .optional(
                "suspend", .bool("Let triggers start no runs. Runs that exist go on.").defaulting(to: false)),
            .optional(
                "params",
                .list(
                    "Parameters, which each run may set; expressions see them as `params.NAME`.", max: 100,
                    keyedBy: "name", of: ParamSpec.schema)),
            .optional(
                "triggers",
                .list("What starts runs; without any it runs when asked.", max: 16, of: TriggerSpec.schema)),
            .optional("maxParallel", .integer("The most pods that one run has at a time.", 1...10_000)),
            .optional("timeout", .duration("The longest that one run may take.")),
            .required(
                "tasks",
                .list("The graph of tasks.", max: maxTasks, keyedBy: "name", of: TaskSpec.schema).notEmpty()),
            .optional(
                "outputs",
                .list(
                    "What a run hands out in `status.outputs` once it has succeeded.", max: 64, keyedBy: "name",
                    of: RunOutputSpec.schema)),
            .optional("history", HistorySpec.schema.defaulting(to: [:])),
        ]
    ).rule(
        needsExist,
        "a task needs a task that spec.tasks does not have; correct the name in needs, or add the task",
        messageExpression: missingNeedsMessage, field: ".tasks")

    // The list of names is made once and bound by the outer macro: looking a name up is then one `in`, and the API
    // server's estimate stays under its limit. Its budget at run time would not do for hundreds of tasks that all need
    // each other, and then rightful Jobs would be refused; those are left to the controller, which checks all.
    private static let needsExist =
        "self.tasks.size() > 100 || [self.tasks.map(t, t.name)].all(names, self.tasks.all(t, !has(t.needs) || "
        + "t.needs.all(n, n in names)))"

    private static let missingNeedsMessage =
        "[self.tasks.map(t, t.name)].map(names, self.tasks.map(t, has(t.needs) && !t.needs.all(n, n in names) ? "
        + "\"task '\" + t.name + \"' needs a task that spec.tasks does not have; correct the name in its needs, or "
        + "add the task\" : '').filter(s, s != '')[0])[0]"
}

extension ParamSpec: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "A parameter.",
        [
            .required("name", .identifier("Its name.")),
            .optional(
                "value", .any("The value in runs that give none, of any type. Without it every run must give one.")),
            .optional("description", .string("What it means.", max: 4096)),
            .optional("enum", .list("The only values allowed.", max: 100, of: .any("A value.")).notEmpty()),
        ])
}

extension TriggerSpec: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "One reason to start a run.",
        [.required("onCreate", OnCreateTrigger.schema)])
}

extension OnCreateTrigger: SchemaDescribed {
    package static let schema = CRDSchema.object("Once, when the Job first appears: `onCreate: {}`.", [])
}

extension RunOutputSpec: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "A value that runs hand out.",
        [
            .required("name", .identifier("Its name.")),
            .required(
                "value",
                .string(
                    "What it is, with `${{ }}` expressions; one that is a whole expression keeps its type.",
                    max: 4096
                ).notEmpty()),
        ])
}

extension HistorySpec: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "How many ended runs are kept; older ones are deleted.",
        [
            .optional(
                "succeeded",
                .integer("Of those that succeeded.", 0...1000).defaulting(to: .int(Int64(defaultLimit)))),
            .optional(
                "failed",
                .integer("Of those that failed or were cancelled.", 0...1000)
                    .defaulting(to: .int(Int64(defaultLimit)))),
        ])
}

extension JobStatus: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "How this Job stands, as the operator last saw it.",
        [
            .optional("observedGeneration", .generation),
            .optional("revision", .objectName("The ControllerRevision that new runs start from.")),
            .optional("lastRun", RunSummary.schema),
            .optional("activeRuns", .integer("Runs that have not ended.")),
            .optional(
                "active",
                .list("The names of the first of them.", max: maxActive, of: .objectName("A run."))),
            .optional("onCreateRun", .objectName("The run that `onCreate` started.")),
            .optional("conditions", .conditions),
        ])
}

extension RunSummary: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "The run that was started last.",
        [
            .required("name", .objectName("Its name.")),
            .optional("phase", .oneOf(JobRunPhase.self, "Its phase.")),
            .optional("startedAt", .timestamp("When it started.")),
            .optional("finishedAt", .timestamp("When it ended.")),
        ])
}
