import Glibc
import KubeCore
import Logging
import Synchronization

/// What all pods of the node share.
struct NodeContext: Sendable {
    let options: NodeOptions
    let api: any ClusterAPI
    let logger: Logger
    let isolation: HostIsolation
    let host: HostFileSystem
    /// nil when this host allows no limits.
    let controlGroups: ControlGroups?
    let poller: Poller
    let work: BlockingWork
    /// For probes, which may block for as long as their time limit.
    let probes: BlockingWork
    let images: ImageStore
    let services: ServiceCache
    let addresses: AddressPool
    let events: EventRecorder
    /// What containers without limits may have.
    let resources: [String: Quantity]

    static let hostAddress = "127.0.0.1"

    var stagingDirectory: String { "\(options.directory)/root" }
    var podsDirectory: String { "\(options.directory)/pods" }
    var isRoot: Bool { geteuid() == 0 }
}

/// The Services of the cluster as last seen.
final class ServiceCache: Sendable {
    private let services = Mutex<[String: JSON]>([:])

    var all: [JSON] { services.withLock { Array($0.values) } }

    func apply(_ change: ResourceChange) {
        services.withLock { services in
            switch change {
            case .listed(let items):
                services = [:]
                for item in items { services[Self.key(item)] = item }
            case .changed(let item): services[Self.key(item)] = item
            case .removed(let item): services[Self.key(item)] = nil
            }
        }
    }

    private static func key(_ service: JSON) -> String {
        let object = DynamicObject(service)
        return "\(object.namespace ?? "")/\(object.name)"
    }
}

/// Reads ConfigMaps and Secrets from the API.
struct APIConfigSource: ConfigSource {
    let api: any ClusterAPI

    func object(_ type: ResourceType, namespace: String, name: String) async throws(Status) -> JSON? {
        do {
            return try await api.get(type, namespace: namespace, name: name)
        } catch {
            if error.reason == .notFound { return nil }
            throw error
        }
    }
}
