import KubeCore
import Logging
import PKI
import Synchronization

package struct ClusterOptions: Sendable {
    /// The address to listen on.
    package var host: String
    /// 0 picks a free port.
    package var port: Int
    /// False serves plain HTTP.
    package var usesTLS: Bool
    /// Where to keep the objects over a restart; nil keeps them in memory only.
    package var dataDirectory: String?
    /// The bearer token of the administrator; nil makes one up.
    package var adminToken: String?
    /// Service addresses, IPv4. Within 127/8 the controllers proxy them to their endpoints.
    package var serviceRange: String
    /// False leaves the API server alone: nothing collects garbage, makes service accounts or schedules.
    package var runsControllers: Bool
    /// The node that runs pods; nil for a cluster without one.
    package var node: NodeOptions?

    package init(
        host: String = "127.0.0.1", port: Int = 0, usesTLS: Bool = true, dataDirectory: String? = nil,
        adminToken: String? = nil, serviceRange: String = "127.96.0.0/16", runsControllers: Bool = true,
        node: NodeOptions? = nil
    ) {
        self.host = host
        self.port = port
        self.usesTLS = usesTLS
        self.dataDirectory = dataDirectory
        self.adminToken = adminToken
        self.serviceRange = serviceRange
        self.runsControllers = runsControllers
        self.node = node
    }
}

/// How clients reach a running cluster.
package struct ClusterEndpoint: Sendable, Hashable {
    package var url: String
    /// Of the authority that signed the server's certificate; nil for plain HTTP.
    package var caPEM: String?
    package var adminToken: String
    package var clientCertificatePEM: String?
    package var clientKeyPEM: String?
}

/// A Kubernetes cluster in this process: an API server, its controllers, and a node that runs pods as processes.
package final class Cluster: Sendable {
    package let options: ClusterOptions
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var registry: Registry?
        var server: HTTPServer?
        /// What runs beside the server until `stop`, in the order in which it was started.
        var tasks: [Task<Void, Never>] = []
    }

    package init(options: ClusterOptions = ClusterOptions(), logger: Logger) {
        self.options = options
        self.logger = logger
    }

    /// The API in this process; nil until the cluster has started.
    package var api: (any ClusterAPI)? { state.withLock { $0.registry } }

    /// Starts everything; returns when requests are answered. Controllers and the node come up behind it.
    package func start() async throws -> ClusterEndpoint {
        let data = try options.dataDirectory.map(DataDirectory.init)
        let store = try ObjectStore(persistence: try data.map { try SQLitePersistence(path: $0.databasePath) })
        let registry = Registry(
            store: store, kinds: BuiltInKinds.all, options: RegistryOptions(serviceRange: options.serviceRange),
            logger: logger)
        try await registry.loadDefinitions()
        try await registry.createDefaultObjects()

        let token = try options.adminToken ?? Base64URL.encode(KeyedHash.randomBytes(24))
        let issuer = TokenIssuer(key: try data?.tokenKey() ?? KeyedHash.randomBytes(32))
        let node = options.node.map { node in
            var node = node
            if node.tokens == nil { node.tokens = registry.tokenSource(issuer) }
            return LocalNode(options: node, api: registry, logger: logger)
        }
        let dispatcher = Dispatcher(
            registry: registry,
            authenticator: Authenticator(tokens: [token: .admin], issuer: issuer, registry: registry), podLogs: node,
            logger: logger)
        let server = HTTPServer(dispatcher: dispatcher, logger: logger)
        let authority = try CertificateAuthority(commonName: "flowengine local cluster")
        var endpoint = ClusterEndpoint(url: "", adminToken: token)
        let tls = options.usesTLS ? try issueCertificates(authority, registry, &endpoint) : nil
        let port = try await server.start(host: options.host, port: options.port, tls: tls)
        let host = options.host.contains(":") ? "[\(options.host)]" : options.host
        endpoint.url = "\(options.usesTLS ? "https" : "http")://\(host):\(port)"

        var tasks = [Task { await registry.runDefinitionCleanup() }]
        if options.runsControllers {
            let controllers = ControllerSet(
                options: ControllerOptions(
                    rootCertificate: authority.certificatePEM, apiServer: (options.host, port),
                    schedulesPods: node != nil),
                api: registry, logger: logger)
            tasks.append(
                Task { await self.run("the controllers") { () throws(NodeError) in try await controllers.run() } })
        }
        if let node {
            tasks.append(Task { await registry.runNodeReadiness(of: node.options.name) })
            tasks.append(Task { await self.run("the node") { () throws(NodeError) in try await node.run() } })
        }
        let started = tasks
        state.withLock { $0 = State(registry: registry, server: server, tasks: started) }
        return endpoint
    }

    private func run(_ part: String, _ body: () async throws(NodeError) -> Void) async {
        do throws(NodeError) {
            try await body()
        } catch {
            logger.error("\(part) of the local cluster ended: \(error)")
        }
    }

    /// Ends the node with its pods, the controllers, all watches and all connections.
    package func stop() async {
        let parts = state.withLock { state in
            defer { state = State() }
            return state
        }
        // The node first, while it can still write what becomes of its pods.
        for task in parts.tasks.reversed() {
            task.cancel()
            await task.value
        }
        parts.registry?.store.close()
        await parts.server?.stop()
    }

    private func issueCertificates(
        _ authority: CertificateAuthority, _ registry: Registry, _ endpoint: inout ClusterEndpoint
    ) throws(PKIError) -> HTTPServer.TLS {
        let names = [
            "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local",
        ]
        var addresses = ["127.0.0.1", "::1", registry.firstServiceAddress]
        let isAddress = options.host.allSatisfy { $0.isNumber || $0 == "." } || options.host.contains(":")
        if isAddress, !addresses.contains(options.host) { addresses.append(options.host) }
        let identity = try authority.issueServer(commonName: "kube-apiserver", names: names, addresses: addresses)
        let admin = try authority.issueClient(user: "kubernetes-admin", groups: ["system:masters"])
        endpoint.caPEM = authority.certificatePEM
        endpoint.clientCertificatePEM = admin.certificatePEM
        endpoint.clientKeyPEM = admin.keyPEM
        return HTTPServer.TLS(
            certificatePEM: identity.certificatePEM, keyPEM: identity.keyPEM,
            clientAuthorityPEM: authority.certificatePEM)
    }
}

extension ClusterEndpoint {
    /// A kubeconfig for the administrator.
    package func kubeconfig(name: String) -> String {
        var cluster: JSONObject = ["server": .string(url)]
        if let caPEM { cluster["certificate-authority-data"] = .string(Base64.encode(Array(caPEM.utf8))) }
        var user: JSONObject = [:]
        if let clientCertificatePEM, let clientKeyPEM {
            user["client-certificate-data"] = .string(Base64.encode(Array(clientCertificatePEM.utf8)))
            user["client-key-data"] = .string(Base64.encode(Array(clientKeyPEM.utf8)))
        } else {
            user["token"] = .string(adminToken)
        }
        let config: JSON = [
            "apiVersion": "v1", "kind": "Config", "current-context": .string(name),
            "clusters": [["name": .string(name), "cluster": .object(cluster)]],
            "users": [["name": .string(name), "user": .object(user)]],
            "contexts": [["name": .string(name), "context": ["cluster": .string(name), "user": .string(name)]]],
        ]
        return String(decoding: YAMLBody.write(config), as: UTF8.self)
    }
}
