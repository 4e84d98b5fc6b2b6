extension EnvVar: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "An environment variable.",
        [
            .required(
                "name",
                .string("Its name.", max: 128).notEmpty().matching("^[A-Za-z_][A-Za-z0-9_]*$")
                    .rule(
                        "!self.startsWith('FLOWENGINE_')",
                        "names that begin with FLOWENGINE_ are FlowEngine's own; choose another name")),
            .optional(
                "value",
                .string("Its value; `${{ }}` expressions are evaluated, `$${{` stands for a literal `${{`.", max: 32768)
            ),
            .optional("valueFrom", EnvVarSource.schema),
        ]
    ).rule(
        "!(has(self.value) && has(self.valueFrom))",
        "has both value and valueFrom; remove one of them")
}

extension EnvVarSource: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "Where the value comes from.",
        [
            .optional("secretKeyRef", KeyReference.schema.described("A key of a Secret in the same namespace.")),
            .optional("configMapKeyRef", KeyReference.schema.described("A key of a ConfigMap in the same namespace.")),
        ]
    ).rule(
        "has(self.secretKeyRef) != has(self.configMapKeyRef)",
        "must have exactly one of secretKeyRef and configMapKeyRef")
}

extension KeyReference: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "A key of an object.",
        [
            .required("name", .objectName("The object's name.")),
            .required("key", .string("The key.", max: 253).notEmpty().matching("^[-._a-zA-Z0-9]+$")),
            .optional(
                "optional",
                .bool("Leave the variable unset when object or key do not exist; otherwise the pod waits for them.")),
        ])
}

extension CRDSchema {
    static func env(_ description: String) -> CRDSchema {
        list(description, max: 100, keyedBy: "name", of: EnvVar.schema)
    }

    static let volumeMounts = list(
        "Entries of the Engine's `spec.data` to mount.", max: 32, keyedBy: "mountPath", of: VolumeMount.schema)
}

extension ResourceRequirements: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "Compute resources, as in a Pod's container.",
        [
            .optional(
                "requests",
                .map(
                    "What is set aside for it, such as `cpu: 500m` and `memory: 1Gi`.", max: 16,
                    of: .quantity("An amount."))),
            .optional("limits", .map("The most that it may use.", max: 16, of: .quantity("An amount."))),
        ])
}

extension VolumeMount: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "Mounts a data binding.",
        [
            .required("name", .name("The `name` in the Engine's `spec.data`.")),
            .required(
                "mountPath",
                .string("Where it appears in the container; an absolute path.", max: 1024).matching("^/[^:]*$")),
            .optional(
                "subPath",
                .string("A relative path inside the volume; the whole volume when absent.", max: 1024)
                    .matching("^[^/]")
                    .rule("!self.contains('..')", "must not contain '..'; name a path inside the volume")),
            .optional("readOnly", .bool("Forbid writing.")),
        ])
}

extension RetryPolicy: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "Whether a failed attempt is followed by another one.",
        [
            .required("limit", .integer("How many attempts may follow the first.", 0...100)),
            .optional(
                "on",
                .set(
                    "Which failures are retried. Error: the command failed. Timeout: it ran longer than `timeout`. "
                        + "Lost: its pod was evicted or deleted, or its node went away. StartFailed: it could not be "
                        + "started. OutputInvalid: a declared output was missing or too large.",
                    max: FailureReason.allCases.count, of: .oneOf(FailureReason.self, "A reason.")
                ).notEmpty().defaulting(to: .array(defaultReasons.map { .string($0.rawValue) }))),
            .optional("backoff", Backoff.schema),
        ])
}

extension Backoff: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "How long to wait between attempts: base, base·factor, base·factor², and so on, up to max.",
        [
            .optional("base", .duration("The first wait.").defaulting(to: .string(defaultBase))),
            .optional("factor", .number("What each further wait is multiplied by.", 1...100).defaulting(to: 2)),
            .optional("max", .duration("The longest wait.").defaulting(to: .string(defaultMax))),
        ])
}
