/// Which objects of a kind are watched.
public struct WatchScope: Sendable, Hashable {
    /// nil for every namespace, and for cluster-scoped kinds.
    public var namespace: String?
    /// As in a request: `app=web,tier in (a,b)`.
    public var labelSelector: String?
    /// As in a request: `spec.nodeName=n1`.
    public var fieldSelector: String?

    public init(namespace: String? = nil, labelSelector: String? = nil, fieldSelector: String? = nil) {
        self.namespace = namespace
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
    }

    /// All objects of the kind.
    public static let everything = WatchScope()
}
