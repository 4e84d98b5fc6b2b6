/// An environment variable of a task: a value, or a reference to a key of a Secret or ConfigMap in the namespace.
package struct EnvVar: Codable, Hashable, Sendable {
    package var name: String
    /// A template; see `Template`.
    package var value: String?
    package var valueFrom: EnvVarSource?

    package init(name: String, value: String? = nil, valueFrom: EnvVarSource? = nil) {
        self.name = name
        self.value = value
        self.valueFrom = valueFrom
    }
}

/// Where the value of an environment variable comes from. Exactly one of the two is set.
package struct EnvVarSource: Codable, Hashable, Sendable {
    package var secretKeyRef: KeyReference?
    package var configMapKeyRef: KeyReference?

    package init(secretKeyRef: KeyReference? = nil, configMapKeyRef: KeyReference? = nil) {
        self.secretKeyRef = secretKeyRef
        self.configMapKeyRef = configMapKeyRef
    }
}

/// A key of a Secret or ConfigMap.
package struct KeyReference: Codable, Hashable, Sendable {
    package var name: String
    package var key: String
    /// When true, a missing object or key leaves the variable unset; otherwise the pod waits for it.
    package var optional: Bool?

    package init(name: String, key: String, optional: Bool? = nil) {
        self.name = name
        self.key = key
        self.optional = optional
    }
}
