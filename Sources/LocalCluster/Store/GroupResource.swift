/// The identity of a kind in storage: its plural name and its API group, whatever version it is served at.
package struct GroupResource: Hashable, Sendable, CustomStringConvertible {
    package let group: String
    package let resource: String

    package init(group: String, resource: String) {
        self.group = group
        self.resource = resource
    }

    /// `pods` in the core group, `leases.coordination.k8s.io` elsewhere: the form error messages use.
    package var description: String { group.isEmpty ? resource : "\(resource).\(group)" }

    /// Reads what `description` wrote. A plural has no dot, so the first one ends it.
    package init(description: String) {
        if let dot = description.firstIndex(of: ".") {
            self.init(
                group: String(description[description.index(after: dot)...]), resource: String(description[..<dot]))
        } else {
            self.init(group: "", resource: description)
        }
    }
}

/// The place of an object among those of its kind.
package struct ObjectKey: Hashable, Sendable {
    /// Empty for cluster-wide kinds.
    package let namespace: String
    package let name: String

    package init(namespace: String?, name: String) {
        self.namespace = namespace ?? ""
        self.name = name
    }

    /// `namespace/name`, or `name` alone. Lists are in the byte order of this, as in etcd.
    package var path: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }
}
