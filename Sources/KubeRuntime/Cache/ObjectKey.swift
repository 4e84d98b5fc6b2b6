/// The name of an object among those of its kind.
public struct ObjectKey: Sendable, Hashable, Comparable, Codable {
    /// nil for cluster-scoped kinds.
    public let namespace: String?
    public let name: String

    /// An empty namespace counts as none.
    public init(namespace: String? = nil, name: String) {
        self.namespace = namespace?.isEmpty == true ? nil : namespace
        self.name = name
    }

    public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        (left.namespace ?? "", left.name) < (right.namespace ?? "", right.name)
    }
}

extension ObjectKey: CustomStringConvertible {
    /// `namespace/name`, or `name`.
    public var description: String { namespace.map { "\($0)/\(name)" } ?? name }
}
