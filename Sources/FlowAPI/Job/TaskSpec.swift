/// One node of a Job's graph: what runs, after what, and how often it is tried.
package struct TaskSpec: Codable, Hashable, Sendable {
    package var name: String
    /// Tasks that must have ended before this one; all of them successfully unless `if` says otherwise.
    @ZeroOmitted package var needs: [String]
    /// `container`, `shell` or `python`; absent, `container` where a container is given and `shell` where a script is.
    package var runtime: String?
    /// The program text for a runtime that takes one. It is passed on as it stands, never substituted into.
    package var script: String?
    /// What runs, where the runtime is `container`.
    package var container: ContainerSpec?
    @ZeroOmitted package var env: [EnvVar]
    /// Replaces the runtime's image; a template. Only with a script.
    package var image: String?
    /// The script's arguments; templates. Only with a script.
    @ZeroOmitted package var args: [String]
    package var map: MapSpec?
    /// A template that is one whole expression of type bool.
    package var `if`: String?
    /// Names of values that the task writes and later tasks read.
    @ZeroOmitted package var outputs: [String]
    package var retry: RetryPolicy?
    /// The longest that one attempt may take, a duration.
    package var timeout: String?
    package var resources: ResourceRequirements?
    package var serviceAccountName: String?
    @ZeroOmitted package var volumeMounts: [VolumeMount]

    package init(
        name: String, needs: [String] = [], runtime: String? = nil, script: String? = nil,
        container: ContainerSpec? = nil, env: [EnvVar] = [], image: String? = nil, args: [String] = [],
        map: MapSpec? = nil, if condition: String? = nil, outputs: [String] = [], retry: RetryPolicy? = nil,
        timeout: String? = nil, resources: ResourceRequirements? = nil, serviceAccountName: String? = nil,
        volumeMounts: [VolumeMount] = []
    ) {
        self.name = name
        self.needs = needs
        self.runtime = runtime
        self.script = script
        self.container = container
        self.env = env
        self.image = image
        self.args = args
        self.map = map
        self.if = condition
        self.outputs = outputs
        self.retry = retry
        self.timeout = timeout
        self.resources = resources
        self.serviceAccountName = serviceAccountName
        self.volumeMounts = volumeMounts
    }
}

/// A subset of core/v1 Container. Strings in `image`, `command`, `args`, `workingDir` and `env` are templates.
package struct ContainerSpec: Codable, Hashable, Sendable {
    /// The Engine's default image when absent.
    package var image: String?
    /// Required: FlowEngine's agent starts the command, and an image's own entrypoint is not visible to it.
    @ZeroOmitted package var command: [String]
    @ZeroOmitted package var args: [String]
    @ZeroOmitted package var env: [EnvVar]
    package var workingDir: String?
    package var resources: ResourceRequirements?
    package var imagePullPolicy: ImagePullPolicy?
    @ZeroOmitted package var volumeMounts: [VolumeMount]

    package init(
        image: String? = nil, command: [String] = [], args: [String] = [], env: [EnvVar] = [],
        workingDir: String? = nil, resources: ResourceRequirements? = nil, imagePullPolicy: ImagePullPolicy? = nil,
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

package enum ImagePullPolicy: String, Codable, Hashable, Sendable, CaseIterable {
    case always = "Always"
    case ifNotPresent = "IfNotPresent"
    case never = "Never"
}

/// Runs a task once for each item of a list, or `count` times. Exactly one of `over` and `count` is set.
package struct MapSpec: Codable, Hashable, Sendable {
    package static let defaultVariable = "item"

    /// A template that is one whole expression of type list.
    package var over: String?
    package var count: Int?
    /// The name that expressions (and, in capitals, the environment) know the item by; `item` when absent.
    package var `as`: String?
    /// The most items that run at a time; no limit when absent.
    package var maxParallel: Int?

    package init(over: String? = nil, count: Int? = nil, as variable: String? = nil, maxParallel: Int? = nil) {
        self.over = over
        self.count = count
        self.as = variable
        self.maxParallel = maxParallel
    }

    package var variable: String { self.as ?? Self.defaultVariable }
}
