extension TaskSpec: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "One task.",
        [
            .required(
                "name", .name("Its name; expressions see it as `tasks.NAME`, or `tasks['NAME']` with a dash in it.")),
            .optional(
                "needs",
                .set(
                    "Tasks that come before: it starts when all have succeeded, unless `if` says otherwise.",
                    max: JobSpec.maxNeeds, of: .name("The name of another task."))),
            .optional(
                "runtime",
                .oneOf(
                    Runtimes.names,
                    "What runs it. Default: container with a `container`, shell with a `script`.")),
            .optional(
                "script",
                .string(
                    "The program text. No expressions are evaluated in it: it gets values through `env` and `args`.",
                    max: 262_144
                ).notEmpty()),
            .optional("container", ContainerSpec.schema),
            .optional("env", .env("Its environment.")),
            .optional(
                "image", .string("The image, in place of the runtime's; with a script only.", max: 1024).notEmpty()),
            .optional(
                "args",
                .list(
                    "The script's arguments.", max: 256,
                    of: .string("An argument, with `${{ }}` expressions.", max: 32_768))),
            .optional("map", MapSpec.schema),
            .optional(
                "if",
                .string(
                    "Whether it runs: one `${{ }}` expression that is true or false. False skips the task.", max: 4096
                )
                .rule(
                    "self.contains('${{')",
                    "must be an expression such as ${{ tasks.build.status == 'Succeeded' }}")),
            .optional(
                "outputs",
                .set(
                    "Values that it writes, each to the file $FLOWENGINE_OUTPUTS/NAME; later tasks read them as "
                        + "`tasks.TASK.outputs.NAME`.",
                    max: 64, of: .identifier("The name of a value."))),
            .optional("retry", RetryPolicy.schema),
            .optional("timeout", .duration("The longest that one attempt may take.")),
            .optional("resources", ResourceRequirements.schema),
            .optional("serviceAccountName", .objectName("The service account of its pods.")),
            .optional("volumeMounts", .volumeMounts),
        ]
    ).rule(
        "has(self.container) != has(self.script)",
        "must have exactly one of container and script"
    ).rule(
        "!has(self.runtime) || (self.runtime == 'container') == has(self.container)",
        "runtime container takes a container; the runtimes shell and python take a script", field: ".runtime"
    ).rule(
        "!has(self.container) || !(has(self.image) || has(self.args))",
        "image and args are for scripts; move them into container"
    ).rule(
        "!has(self.needs) || !(self.name in self.needs)",
        "a task cannot need itself; remove its own name from needs", field: ".needs")
}

extension ContainerSpec: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "The container to run, a part of a Pod's container. `${{ }}` expressions are evaluated in its texts.",
        [
            .optional("image", .string("The image; the Engine's default when absent.", max: 1024).notEmpty()),
            .required(
                "command",
                .list(
                    "The program and its first arguments. It must be given: FlowEngine's agent starts it, and cannot "
                        + "see the entrypoint of an image.",
                    max: 256, of: .string("A word.", max: 32_768)
                ).notEmpty()),
            .optional("args", .list("Further arguments.", max: 256, of: .string("A word.", max: 32_768))),
            .optional("env", .env("Its environment.")),
            .optional("workingDir", .string("The directory it starts in.", max: 1024)),
            .optional("resources", ResourceRequirements.schema),
            .optional("imagePullPolicy", .oneOf(ImagePullPolicy.self, "When to pull the image.")),
            .optional("volumeMounts", .volumeMounts),
        ])
}

extension MapSpec: SchemaDescribed {
    package static let schema = CRDSchema.object(
        "Runs the task once for each item, side by side.",
        [
            .optional(
                "over",
                .string("The items: one `${{ }}` expression that is a list.", max: 4096)
                    .rule(
                        "self.contains('${{')",
                        "must be an expression that is a list, such as ${{ tasks.split.outputs.parts }}")),
            .optional("count", .integer("How many times; the items are the numbers from 0.", 1...10_000)),
            .optional(
                "as",
                .identifier(
                    "The name of the item in expressions and, in capitals, in the environment. Its place in the "
                        + "list is `index`."
                ).defaulting(to: .string(defaultVariable))),
            .optional("maxParallel", .integer("The most items that run at a time.", 1...10_000)),
        ]
    ).rule("has(self.over) != has(self.count)", "must have exactly one of over and count")
}
