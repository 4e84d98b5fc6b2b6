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
    /// Service addresses, IPv4.
    package var serviceRange: String
    /// A name for the kubeconfig's entries.
    package var name: String

    package init(
        host: String = "127.0.0.1", port: Int = 0, usesTLS: Bool = true, dataDirectory: String? = nil,
        adminToken: String? = nil, serviceRange: String = "10.96.0.0/16", name: String = "flowengine"
    ) {
        self.host = host
        self.port = port
        self.usesTLS = usesTLS
        self.dataDirectory = dataDirectory
        self.adminToken = adminToken
        self.serviceRange = serviceRange
        self.name = name
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

package struct ClusterError: Error, Sendable, CustomStringConvertible {
    package let description: String
}

/// A Kubernetes API in this process.
///
/// `start` brings up the store, the registry with the objects every cluster has, and the HTTP server. Controllers and a node attach
/// through `api`.
package final class Cluster: Sendable {
    package let options: ClusterOptions
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var registry: Registry?
        var server: HTTPServer?
        /// What runs beside the server until `stop`.
        var tasks: [Task<Void, Never>] = []
    }

    package init(options: ClusterOptions = ClusterOptions(), logger: Logger) {
        self.options = options
        self.logger = logger
    }

    /// The API in this process; nil until the cluster has started.
    package var api: (any ClusterAPI)? { state.withLock { $0.registry } }

    /// Starts everything; returns when requests are answered.
    package func start() async throws -> ClusterEndpoint {
        var persistence: (any StorePersistence)?
        if let directory = options.dataDirectory {
            persistence = try SQLitePersistence(path: directory + "/cluster.sqlite")
        }
        let store = try ObjectStore(persistence: persistence)
        let registry = Registry(
            store: store, kinds: BuiltInKinds.all, options: RegistryOptions(serviceRange: options.serviceRange),
            logger: logger)
        try await registry.loadDefinitions()
        try await registry.createDefaultObjects()
        let cleanup = Task { await registry.runDefinitionCleanup() }

        let token = options.adminToken ?? Self.randomToken()
        let dispatcher = Dispatcher(
            registry: registry, authenticator: Authenticator(tokens: [token: .admin]), logger: logger)
        let server = HTTPServer(dispatcher: dispatcher, logger: logger)
        var tls: HTTPServer.TLS?
        var endpoint = ClusterEndpoint(url: "", adminToken: token)
        if options.usesTLS {
            let authority = try CertificateAuthority(commonName: "flowengine local cluster")
            let names = [
                "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
                "kubernetes.default.svc.cluster.local",
            ]
            var addresses = ["127.0.0.1", "::1"]
            if options.host.allSatisfy({ $0.isNumber || $0 == "." }), !addresses.contains(options.host) {
                addresses.append(options.host)
            }
            let identity = try authority.issueServer(
                commonName: "kube-apiserver", names: names, addresses: addresses)
            let admin = try authority.issueClient(user: "kubernetes-admin", groups: ["system:masters"])
            tls = HTTPServer.TLS(
                certificatePEM: identity.certificatePEM, keyPEM: identity.keyPEM,
                clientAuthorityPEM: authority.certificatePEM)
            endpoint.caPEM = authority.certificatePEM
            endpoint.clientCertificatePEM = admin.certificatePEM
            endpoint.clientKeyPEM = admin.keyPEM
        }
        let port = try await server.start(host: options.host, port: options.port, tls: tls)
        let host = options.host.contains(":") ? "[\(options.host)]" : options.host
        endpoint.url = "\(options.usesTLS ? "https" : "http")://\(host):\(port)"
        state.withLock {
            $0.registry = registry
            $0.server = server
            $0.tasks = [cleanup]
        }
        return endpoint
    }

    /// Ends all watches and closes all connections.
    package func stop() async {
        let parts = state.withLock { state in
            defer { state = State() }
            return state
        }
        for task in parts.tasks { task.cancel() }
        parts.registry?.store.close()
        await parts.server?.stop()
        for task in parts.tasks { await task.value }
    }

    private static func randomToken() -> String {
        Base64URL.encode((0..<24).map { _ in UInt8.random(in: .min ... .max) })
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
