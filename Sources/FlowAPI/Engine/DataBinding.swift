/// Outside data under a name that the Engine's tasks use in `volumeMounts`. Exactly one source is set.
package struct DataBinding: Codable, Hashable, Sendable {
    package var name: String
    package var persistentVolumeClaim: PersistentVolumeClaimSource?
    package var configMap: ConfigMapSource?
    package var secret: SecretSource?
    package var emptyDir: EmptyDirSource?

    package init(
        name: String, persistentVolumeClaim: PersistentVolumeClaimSource? = nil, configMap: ConfigMapSource? = nil,
        secret: SecretSource? = nil, emptyDir: EmptyDirSource? = nil
    ) {
        self.name = name
        self.persistentVolumeClaim = persistentVolumeClaim
        self.configMap = configMap
        self.secret = secret
        self.emptyDir = emptyDir
    }
}

package struct PersistentVolumeClaimSource: Codable, Hashable, Sendable {
    package var claimName: String
    package var readOnly: Bool?

    package init(claimName: String, readOnly: Bool? = nil) {
        self.claimName = claimName
        self.readOnly = readOnly
    }
}

package struct ConfigMapSource: Codable, Hashable, Sendable {
    package var name: String
    @ZeroOmitted package var items: [KeyToPath]
    package var optional: Bool?

    package init(name: String, items: [KeyToPath] = [], optional: Bool? = nil) {
        self.name = name
        self.items = items
        self.optional = optional
    }
}

package struct SecretSource: Codable, Hashable, Sendable {
    package var secretName: String
    @ZeroOmitted package var items: [KeyToPath]
    package var optional: Bool?

    package init(secretName: String, items: [KeyToPath] = [], optional: Bool? = nil) {
        self.secretName = secretName
        self.items = items
        self.optional = optional
    }
}

/// A directory that lives as long as one task attempt.
package struct EmptyDirSource: Codable, Hashable, Sendable {
    /// The most it may hold, a quantity such as `1Gi`.
    package var sizeLimit: String?

    package init(sizeLimit: String? = nil) {
        self.sizeLimit = sizeLimit
    }
}

package struct KeyToPath: Codable, Hashable, Sendable {
    package var key: String
    package var path: String

    package init(key: String, path: String) {
        self.key = key
        self.path = path
    }
}
