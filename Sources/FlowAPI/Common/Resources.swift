/// The compute resources of a task's container, as in core/v1: names to quantities as text (`cpu: 500m`).
package struct ResourceRequirements: Codable, Hashable, Sendable {
    @ZeroOmitted package var requests: [String: String]
    @ZeroOmitted package var limits: [String: String]

    package init(requests: [String: String] = [:], limits: [String: String] = [:]) {
        self.requests = requests
        self.limits = limits
    }
}

/// Puts one of the Engine's data bindings at a path in a task's container.
package struct VolumeMount: Codable, Hashable, Sendable {
    /// The name of an entry of the Engine's `spec.data`.
    package var name: String
    /// An absolute path.
    package var mountPath: String
    /// A relative path inside the volume; the whole volume when absent.
    package var subPath: String?
    package var readOnly: Bool?

    package init(name: String, mountPath: String, subPath: String? = nil, readOnly: Bool? = nil) {
        self.name = name
        self.mountPath = mountPath
        self.subPath = subPath
        self.readOnly = readOnly
    }
}
