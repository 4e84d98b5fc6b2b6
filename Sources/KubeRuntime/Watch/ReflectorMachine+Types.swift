extension ReflectorMachine {
    /// One page of a list.
    public struct Page: Sendable {
        public var items: [Element]
        public var resourceVersion: String
        /// nil or empty on the last page.
        public var continueToken: String?

        public init(items: [Element], resourceVersion: String, continueToken: String? = nil) {
            self.items = items
            self.resourceVersion = resourceVersion
            self.continueToken = continueToken
        }
    }

    /// What has happened.
    public enum Input: Sendable {
        case start
        case page(Page)
        /// An ADDED or MODIFIED event: one way to say that the object is now like this.
        case changed(Element)
        case deleted(Element)
        /// - Parameter endOfInitialEvents: the bookmark carries `k8s.io/initial-events-end`.
        case bookmark(resourceVersion: String, endOfInitialEvents: Bool)
        /// A list failed, a watch could not be opened or broke, or an ERROR event came.
        case failed(WatchFailure)
        /// The server ended the watch in good order.
        case ended
        /// The wait that was asked for is over.
        case waited
    }

    /// What to do. The actions of one step come in order; at most the last one is of the kind that leads to an input:
    /// `list`, `watch` or `wait`. When there is none, go on reading the current watch.
    public enum Action: Sendable {
        /// The current watch, if any, is to be abandoned first.
        case list(ListRequest)
        /// The current watch, if any, is to be abandoned first.
        case watch(WatchRequest)
        case wait(Duration)
        /// These are all objects: what the cache has beside them is gone.
        case replace([Element], resourceVersion: String)
        case upsert(Element)
        case delete(Element)
        /// The cache is as new as this, although no object changed.
        case progress(resourceVersion: String)
        /// Tell the people who operate this. The machine goes on by itself.
        case report(WatchFailure, consecutive: Int)
    }
}

/// What the machine has to know of an object.
public protocol WatchedElement: Sendable {
    var key: ObjectKey { get }
    var resourceVersion: String { get }
}

/// Why a list or a watch failed, as far as it decides what to do next.
public struct WatchFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// 410 Gone, as an HTTP status or an ERROR event: the resourceVersion or the continue token is too old.
        case expired
        /// The server does not know this state: its storage was restored from a backup, or it lags far behind.
        case unknownResourceVersion
        /// The server refuses the parameters of a streaming list.
        case streamingListUnsupported
        /// The server was not reached at all.
        case unreachable
        /// The line broke after it was open, or was silent for too long.
        case disconnected
        /// Anything else that the server said: forbidden, overloaded, no such kind (yet), an internal error.
        case refused
    }

    public let kind: Kind
    public let message: String
    /// How long the server asked to be left alone.
    public let retryAfter: Duration?

    public init(_ kind: Kind, _ message: String, retryAfter: Duration? = nil) {
        self.kind = kind
        self.message = message
        self.retryAfter = retryAfter
    }

    public var description: String { message }
}
