import KubeCore

/// How the local node is set up.
package struct NodeOptions: Sendable {
    package enum IsolationChoice: String, Sendable, CaseIterable {
        /// The best that this host allows.
        case automatic
        /// Containers share the host's files and process ids; mount paths in commands and environment are translated.
        case shared
    }

    package var name: String
    /// Where pods have their files. Made when it is not there; emptied at the start and removed at the end.
    package var directory: String
    /// Where persistent volume claims keep theirs, which outlive pods and the node.
    package var claimDirectory: String
    package var images: ImageTable
    package var isolation: IsolationChoice
    /// The second number of the pods' addresses, which are `127.NUMBER.x.y` in turn; nil takes one from 64 to 95 that no other
    /// node on this host has.
    package var podNetwork: UInt8?
    /// Without one, pods that mount a service account token stay in ContainerCreating.
    package var tokens: ServiceAccountTokenSource?
    package var restartBackOff: (initial: Duration, longest: Duration)
    /// The size at which a log file is closed and another begun; one older one is kept.
    package var logCap: Int
    /// False ends all pods with the node.
    package var leavesPodsRunning: Bool
    /// Pods at one time, as the node's status tells.
    package var podLimit: Int64

    package init(
        name: String = "local", directory: String, claimDirectory: String, images: ImageTable,
        isolation: IsolationChoice = .automatic, podNetwork: UInt8? = nil, tokens: ServiceAccountTokenSource? = nil,
        restartBackOff: (initial: Duration, longest: Duration) = (.seconds(10), .seconds(300)),
        logCap: Int = 10 << 20, leavesPodsRunning: Bool = false, podLimit: Int64 = 1000
    ) {
        self.name = name
        self.directory = directory
        self.claimDirectory = claimDirectory
        self.images = images
        self.isolation = isolation
        self.podNetwork = podNetwork
        self.tokens = tokens
        self.restartBackOff = restartBackOff
        self.logCap = logCap
        self.leavesPodsRunning = leavesPodsRunning
        self.podLimit = podLimit
    }
}
