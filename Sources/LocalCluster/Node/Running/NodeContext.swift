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

/// Gives each pod a loopback address of its own: all of 127/8 is local on Linux.
final class AddressPool: Sendable {
    private struct State {
        var used: Set<UInt16> = []
        var next: UInt16 = 1
    }

    private let network: UInt8
    private let state = Mutex(State())

    init(network: UInt8) { self.network = network }

    /// Addresses are given in turn, so that one is not soon used again.
    func take() -> String {
        state.withLock { state in
            for _ in 0..<UInt16.max {
                let candidate = state.next
                state.next = candidate == .max ? 1 : candidate + 1
                // No address that looks like a network's own or a broadcast.
                if candidate & 0xff == 0 || candidate & 0xff == 0xff { continue }
                if state.used.insert(candidate).inserted { return text(candidate) }
            }
            return NodeContext.hostAddress
        }
    }

    func release(_ address: String) {
        let parts = address.split(separator: ".").compactMap { UInt16($0) }
        guard parts.count == 4, parts[1] == UInt16(network) else { return }
        state.withLock { _ = $0.used.remove(parts[2] << 8 | parts[3]) }
    }

    private func text(_ number: UInt16) -> String { "127.\(network).\(number >> 8).\(number & 0xff)" }
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
