/// Numbers that shape how a reflector lists and watches.
public struct ReflectorOptions: Sendable, Hashable {
    /// Try streaming lists first (`WatchList`, on by default in Kubernetes since 1.34).
    public var streamingList: Bool
    /// The size of a page of a paged list; nil lists everything at once.
    public var pageSize: Int?
    public var backoff: Backoff
    /// Each watch asks the server to end it after this many seconds up to twice as many.
    public var watchTimeoutSeconds: Int
    /// A watch that has brought nothing, not even a bookmark, for this long is taken for dead. Servers send a bookmark
    /// about once a minute.
    public var idleTimeout: Duration

    public init(
        streamingList: Bool = true, pageSize: Int? = 500, backoff: Backoff = .reflector,
        watchTimeoutSeconds: Int = 300, idleTimeout: Duration = .seconds(150)
    ) {
        self.streamingList = streamingList
        self.pageSize = pageSize
        self.backoff = backoff
        self.watchTimeoutSeconds = max(watchTimeoutSeconds, 1)
        self.idleTimeout = idleTimeout
    }
}
