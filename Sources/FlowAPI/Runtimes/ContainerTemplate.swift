import KubeCore

/// The container of a task before its expressions have values.
package struct ContainerTemplate: Sendable {
    package struct Variable: Sendable {
        package var name: String
        /// Used when `valueFrom` is nil.
        package var value: Template
        package var valueFrom: EnvVarSource?
    }

    package var image: Template
    package var command: [Template] = []
    package var args: [Template] = []
    package var env: [Variable]
    package var workingDir: Template?
    package var resources: ResourceRequirements?
    package var imagePullPolicy: ImagePullPolicy?
    package var volumeMounts: [VolumeMount]
    package var serviceAccountName: String?
    package var retry: RetryPolicy?
    package var timeout: String?

    /// The container under the values of one attempt.
    ///
    /// - Parameter environment: variables that FlowEngine sets, see `TaskEnvironment`; the task's own win.
    /// - Throws: the first expression without a value, with its field relative to the task.
    package func evaluate(
        _ context: ExpressionContext, environment: [EnvVar] = []
    ) throws(FieldProblem) -> ContainerPlan {
        var plan = ContainerPlan(
            image: try Self.text(image, "image", context),
            resources: resources, imagePullPolicy: imagePullPolicy, volumeMounts: volumeMounts)
        plan.command = try Self.texts(command, "command", context)
        plan.args = try Self.texts(args, "args", context)
        if let workingDir {
            plan.workingDir = try Self.text(workingDir, "workingDir", context)
        }
        let own = Set(env.map(\.name))
        plan.env = environment.filter { !own.contains($0.name) }
        for variable in env {
            if let source = variable.valueFrom {
                plan.env.append(EnvVar(name: variable.name, valueFrom: source))
            } else {
                let value = try Self.text(variable.value, "env '\(variable.name)'", context)
                plan.env.append(EnvVar(name: variable.name, value: value))
            }
        }
        return plan
    }

    private static func texts(
        _ templates: [Template], _ field: String, _ context: ExpressionContext
    ) throws(FieldProblem) -> [String] {
        var result: [String] = []
        for (index, template) in templates.enumerated() {
            result.append(try text(template, "\(field)[\(index)]", context))
        }
        return result
    }

    private static func text(
        _ template: Template, _ field: String, _ context: ExpressionContext
    ) throws(FieldProblem) -> String {
        do {
            return try template.evaluateText(context)
        } catch {
            throw FieldProblem(field: field, message: error.description)
        }
    }
}

/// The container of one attempt: all texts are final.
package struct ContainerPlan: Hashable, Sendable {
    package var image: String
    package var command: [String]
    package var args: [String]
    package var env: [EnvVar]
    package var workingDir: String?
    package var resources: ResourceRequirements?
    package var imagePullPolicy: ImagePullPolicy?
    package var volumeMounts: [VolumeMount]

    package init(
        image: String, command: [String] = [], args: [String] = [], env: [EnvVar] = [], workingDir: String? = nil,
        resources: ResourceRequirements? = nil, imagePullPolicy: ImagePullPolicy? = nil,
        volumeMounts: [VolumeMount] = []
    ) {
        self.image = image
        self.command = command
        self.args = args
        self.env = env
        self.workingDir = workingDir
        self.resources = resources
        self.imagePullPolicy = imagePullPolicy
        self.volumeMounts = volumeMounts
    }
}
