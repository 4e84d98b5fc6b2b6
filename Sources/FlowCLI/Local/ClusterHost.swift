import LocalCluster
import Logging
import ServiceLifecycle

/// The local cluster as a service: its API server, and around it the controllers and the node.
struct ClusterHost: Service {
    let cluster: Cluster
    let logger: Logger

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await gracefulShutdown()
        }
    }
}
