import KubeCore
import Logging

/// Which controllers run, and what they have to know.
package struct ControllerOptions: Sendable {
    /// The authority that signed the API server's certificate, for `kube-root-ca.crt`.
    package var rootCertificate: String?
    /// Where the Service `kubernetes` leads: the API server's own address and port.
    package var apiServer: (address: String, port: Int)?
    package var schedulesPods: Bool
    package var proxiesServices: Bool

    package init(
        rootCertificate: String? = nil, apiServer: (address: String, port: Int)? = nil, schedulesPods: Bool = true,
        proxiesServices: Bool = true
    ) {
        self.rootCertificate = rootCertificate
        self.apiServer = apiServer
        self.schedulesPods = schedulesPods
        self.proxiesServices = proxiesServices
    }
}

/// The controllers that users of a cluster take for granted.
///
/// Garbage collection, the life of namespaces, service accounts, endpoints, scheduling, claims, and proxies for Services. `run()`
/// works until its task is cancelled, and leaves no thread, socket or task behind.
package struct ControllerSet: Sendable {
    private let options: ControllerOptions
    private let api: any ClusterAPI & PodBinding
    private let logger: Logger

    package init(options: ControllerOptions = ControllerOptions(), api: any ClusterAPI & PodBinding, logger: Logger) {
        self.options = options
        self.api = api
        self.logger = logger
    }

    /// - Throws: when the proxies cannot be set up on this host.
    package func run() async throws(NodeError) {
        let proxy = options.proxiesServices ? try ServiceProxy(api: api, logger: logger) : nil
        let events = EventRecorder(component: Scheduler.name, host: "")
        await withDiscardingTaskGroup { group in
            group.addTask { await GarbageCollector(api: api, logger: logger).run() }
            group.addTask {
                await NamespaceController(api: api, logger: logger, rootCertificate: options.rootCertificate).run()
            }
            group.addTask { await EndpointController(api: api, logger: logger).run() }
            group.addTask { await VolumeClaimController(api: api, logger: logger).run() }
            if options.schedulesPods {
                group.addTask { await events.run(api: api, logger: logger) }
                group.addTask { await Scheduler(api: api, binding: api, events: events, logger: logger).run() }
            }
            if let proxy { group.addTask { await proxy.run() } }
            if let server = options.apiServer {
                group.addTask {
                    await APIServerEndpoints(api: api, logger: logger).publish(server.address, server.port)
                }
            }
        }
    }
}
