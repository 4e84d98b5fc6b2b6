extension EngineSpec: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "What this Engine should be.",
        [
            .optional("description", .string("What the Engine is for.", max: 4096)),
            .optional("kernel", KernelSpec.schema.defaulting(to: [:])),
            .optional(
                "suspend",
                .bool("Start nothing new in this Engine. What runs goes on to its end.").defaulting(to: false)),
            .optional("defaults", EngineDefaults.schema),
            .optional(
                "data",
                .list(
                    "Outside data under names that tasks mount with `volumeMounts`.", max: 64, keyedBy: "name",
                    of: DataBinding.schema)),
        ])
}

extension KernelSpec: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "The kernel that schedules this Engine's work.",
        [
            .optional(
                "mode",
                .oneOf(KernelMode.self, "Where it runs. Shared: in the operator, beside other Engines' kernels.")
                    .defaulting(to: .string(KernelMode.shared.rawValue)))
        ])
}

extension EngineDefaults: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "What tasks get unless they say otherwise.",
        [
            .optional("image", .string("The image of tasks that name none.", max: 1024).notEmpty()),
            .optional("env", .env("Variables of every task; a task's own variable of the same name wins.")),
            .optional("resources", ResourceRequirements.schema),
            .optional("serviceAccountName", .objectName("The service account of task pods.")),
            .optional("retry", RetryPolicy.schema),
            .optional("timeout", .duration("The longest that one attempt of a task may take.")),
        ])
}

extension DataBinding: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "One binding; it has exactly one source.",
        [
            .required("name", .name("The name that tasks use.")),
            .optional("persistentVolumeClaim", PersistentVolumeClaimSource.schema),
            .optional("configMap", ConfigMapSource.schema),
            .optional("secret", SecretSource.schema),
            .optional("emptyDir", EmptyDirSource.schema),
        ]
    ).rule(
        "[has(self.persistentVolumeClaim), has(self.configMap), has(self.secret), has(self.emptyDir)]"
            + ".filter(given, given).size() == 1",
        "must have exactly one of persistentVolumeClaim, configMap, secret and emptyDir")
}

extension PersistentVolumeClaimSource: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "A PersistentVolumeClaim in the same namespace.",
        [
            .required("claimName", .objectName("Its name.")),
            .optional("readOnly", .bool("Mount it for reading only.")),
        ])
}

extension ConfigMapSource: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "A ConfigMap in the same namespace; each key is a file.",
        [
            .required("name", .objectName("Its name.")),
            .optional("items", .keysToPaths),
            .optional("optional", .bool("Go without it when it does not exist.")),
        ])
}

extension SecretSource: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "A Secret in the same namespace; each key is a file.",
        [
            .required("secretName", .objectName("Its name.")),
            .optional("items", .keysToPaths),
            .optional("optional", .bool("Go without it when it does not exist.")),
        ])
}

extension EmptyDirSource: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "A directory that is empty at the start of each attempt and goes with it.",
        [.optional("sizeLimit", .quantity("The most that it may hold, such as `1Gi`."))])
}

extension KeyToPath: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "Which file a key becomes.",
        [
            .required("key", .string("The key.", max: 253).notEmpty().matching("^[-._a-zA-Z0-9]+$")),
            .required(
                "path",
                .string("The relative path of its file.", max: 1024).matching("^[^/]")
                    .rule("!self.contains('..')", "must not contain '..'; name a path inside the volume")),
        ])
}

extension CRDSchema {
    fileprivate static let keysToPaths = list(
        "The keys to mount and where; all keys when absent.", max: 128, keyedBy: "key", of: KeyToPath.schema)
}

extension EngineStatus: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "What this Engine is, as the operator last saw it.",
        [
            .optional("observedGeneration", .generation),
            .optional(
                "phase",
                .oneOf(
                    EnginePhase.self,
                    "Pending: no kernel runs it yet. Running. Degraded: it runs, but something of it cannot work. "
                        + "Suspended. Terminating.")),
            .optional("kernel", KernelStatus.schema),
            .optional("workload", WorkloadStatus.schema),
            .optional("conditions", .conditions),
        ])
}

extension KernelStatus: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "The kernel.",
        [
            .optional("host", .string("The process that runs it.", max: 253)),
            .optional("ready", .bool("Whether it schedules work now.")),
            .optional("epoch", .integer("Counts the kernels that have run this Engine.")),
        ])
}

extension WorkloadStatus: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "What the Engine's work amounts to now.",
        [
            .optional("jobs", JobWorkload.schema),
            .optional("pods", .integer("Pods that have not ended.")),
        ])
}

extension JobWorkload: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "Of its Jobs.",
        [
            .optional("declared", .integer("Jobs that name this Engine.")),
            .optional("activeRuns", .integer("Runs that have not ended.")),
            .optional("queuedTasks", .integer("Tasks that could start but wait for room.")),
            .optional("runningTasks", .integer("Tasks that run.")),
            .optional("succeededRuns", .integer("Runs that succeeded, of those that still exist.")),
            .optional("failedRuns", .integer("Runs that failed, of those that still exist.")),
        ])
}
