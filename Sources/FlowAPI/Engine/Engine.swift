import KubeCore

/// An independent unit of a scenario: it owns Jobs and the kernel that runs them.
package struct Engine: KubeObject, Hashable {
    package static let resourceType = ResourceType.engines

    package var apiVersion: String?
    package var kind: String?
    package var metadata: ObjectMeta
    package var spec: EngineSpec
    package var status: EngineStatus?

    package init(metadata: ObjectMeta, spec: EngineSpec = EngineSpec(), status: EngineStatus? = nil) {
        self.apiVersion = FlowGroup.apiVersion
        self.kind = Self.resourceType.kind
        self.metadata = metadata
        self.spec = spec
        self.status = status
    }

    /// An Engine without a spec is one with an empty spec, as the API server takes it.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        apiVersion = try container.decode(String.self, forKey: .apiVersion)
        kind = try container.decode(String.self, forKey: .kind)
        metadata = try container.decode(ObjectMeta.self, forKey: .metadata)
        spec = try container.decodeIfPresent(EngineSpec.self, forKey: .spec) ?? EngineSpec()
        status = try container.decodeIfPresent(EngineStatus.self, forKey: .status)
    }
}

package struct EngineSpec: Codable, Hashable, Sendable {
    package var description: String?
    package var kernel: KernelSpec?
    /// While true nothing new starts in this Engine; what runs goes on to its end.
    @ZeroOmitted package var suspend: Bool
    package var defaults: EngineDefaults?
    @ZeroOmitted package var data: [DataBinding]

    package init(
        description: String? = nil, kernel: KernelSpec? = nil, suspend: Bool = false, defaults: EngineDefaults? = nil,
        data: [DataBinding] = []
    ) {
        self.description = description
        self.kernel = kernel
        self.suspend = suspend
        self.defaults = defaults
        self.data = data
    }
}

package struct KernelSpec: Codable, Hashable, Sendable {
    package var mode: KernelMode?

    package init(mode: KernelMode? = nil) {
        self.mode = mode
    }
}

/// Where an Engine's kernel runs.
package enum KernelMode: String, Codable, Hashable, Sendable, CaseIterable {
    /// In the operator's process, beside the kernels of other Engines.
    case shared = "Shared"
}

/// What the tasks of an Engine's Jobs get unless they say otherwise.
package struct EngineDefaults: Codable, Hashable, Sendable {
    /// The image of tasks that name none, in place of their runtime's own.
    package var image: String?
    @ZeroOmitted package var env: [EnvVar]
    package var resources: ResourceRequirements?
    package var serviceAccountName: String?
    package var retry: RetryPolicy?
    /// The longest that one attempt of a task may take, a duration.
    package var timeout: String?

    package init(
        image: String? = nil, env: [EnvVar] = [], resources: ResourceRequirements? = nil,
        serviceAccountName: String? = nil, retry: RetryPolicy? = nil, timeout: String? = nil
    ) {
        self.image = image
        self.env = env
        self.resources = resources
        self.serviceAccountName = serviceAccountName
        self.retry = retry
        self.timeout = timeout
    }
}
