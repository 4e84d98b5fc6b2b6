import Glibc
import KubeCore
import Logging
import Synchronization

/// Listens on the address of every Service in 127/8 and passes connections on to its ready endpoints in turn: what kube-proxy does
/// with packet filters, for loopback addresses and TCP.
final class ServiceProxy: Sendable {
    /// A Service's address and port.
    struct Front: Hashable, Sendable {
        var address: String
        var port: UInt16
    }

    struct Back: Hashable, Sendable {
        var address: String
        var port: UInt16
    }

    private struct State {
        var services: [String: JSON] = [:]
        var slices: [String: JSON] = [:]
        var listeners: [Front: Poller.Registration] = [:]
        var backs: [Front: [Back]] = [:]
        var turns: [Front: Int] = [:]
        var failed: Set<Front> = []
    }

    private let api: any ClusterAPI
    private let logger: Logger
    private let poller: Poller
    private let state = Mutex(State())
    private let connections = ProxyConnections()

    init(api: any ClusterAPI, logger: Logger) throws(NodeError) {
        self.api = api
        self.logger = logger
        poller = try Poller()
    }

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                await ResourceFeed(api: self.api, type: .endpointSlices, logger: self.logger).run { change in
                    self.apply(change, to: \.slices)
                }
            }
            await ResourceFeed(api: api, type: .services, logger: logger).run { change in
                self.apply(change, to: \.services)
            }
            group.cancelAll()
        }
        poller.stop()
        connections.closeAll()
    }

    private func apply(_ change: ResourceChange, to place: WritableKeyPath<State, [String: JSON]> & Sendable) {
        state.withLock { state in
            switch change {
            case .listed(let items):
                state[keyPath: place] = [:]
                for item in items { state[keyPath: place][DynamicObject(item).uid ?? ""] = item }
            case .changed(let item): state[keyPath: place][DynamicObject(item).uid ?? ""] = item
            case .removed(let item): state[keyPath: place][DynamicObject(item).uid ?? ""] = nil
            }
            state.backs = Self.table(services: Array(state.services.values), slices: Array(state.slices.values))
        }
        listen()
    }

    /// Which endpoints are behind which address and port. A Service that has none is in the table too.
    static func table(services: [JSON], slices: [JSON]) -> [Front: [Back]] {
        var table: [Front: [Back]] = [:]
        for service in services {
            let object = DynamicObject(service)
            let address = service["spec"]?.text("clusterIP") ?? ""
            guard address.hasPrefix("127.") else { continue }
            let own = slices.filter {
                let slice = DynamicObject($0)
                return slice.namespace == object.namespace
                    && slice.labels["kubernetes.io/service-name"] == object.name
            }
            for port in service["spec"]?.list("ports") ?? [] where (port["protocol"]?.stringValue ?? "TCP") == "TCP" {
                guard let number = port["port"]?.intValue.flatMap(UInt16.init(exactly:)) else { continue }
                table[Front(address: address, port: number)] = own.flatMap { backs(of: $0, port: port.text("name")) }
            }
        }
        return table
    }

    private static func backs(of slice: JSON, port name: String) -> [Back] {
        guard
            let port = slice.list("ports").first(where: { $0.text("name") == name })?["port"]?.intValue.flatMap(
                UInt16.init(exactly:))
        else { return [] }
        return slice.list("endpoints").filter { $0.at("conditions", "ready")?.boolValue ?? true }
            .flatMap { $0.list("addresses").compactMap(\.stringValue) }.map { Back(address: $0, port: port) }
    }

    // MARK: - Listening

    /// Opens and closes listeners so that there is one for each Service with a ready endpoint.
    ///
    /// Not before: a pod that listens on all addresses could not take its port while the Service's own is held.
    private func listen() {
        state.withLock { state in
            let wanted = Set(state.backs.filter { !$0.value.isEmpty }.keys)
            for (front, registration) in state.listeners where !wanted.contains(front) {
                poller.remove(registration)
                state.listeners[front] = nil
            }
            state.failed.formIntersection(wanted)
            for front in wanted where state.listeners[front] == nil && !state.failed.contains(front) {
                switch ProxySocket.listen(front.address, front.port) {
                case .success(let socket):
                    state.listeners[front] = poller.watch(socket) { [weak self] in
                        self?.accept(socket, front) ?? .close
                    }
                case .failure(let error):
                    state.failed.insert(front)
                    logger.warning(
                        "\(error.message): the Service there is not served; another local cluster may have the address"
                    )
                }
            }
        }
    }

    private func accept(_ socket: Int32, _ front: Front) -> Poller.Verdict {
        let client = Glibc.accept(socket, nil, nil)
        guard client >= 0 else { return .keep }
        _ = fcntl(client, F_SETFD, FD_CLOEXEC)
        let backs = state.withLock { state -> [Back] in
            let backs = state.backs[front] ?? []
            guard !backs.isEmpty else { return [] }
            let turn = (state.turns[front] ?? 0) % backs.count
            state.turns[front] = turn + 1
            return Array(backs[turn...] + backs[..<turn])
        }
        connections.serve(client, backs)
        return .keep
    }
}
