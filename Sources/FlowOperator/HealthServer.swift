import Hummingbird
import Logging
import ServiceLifecycle

/// Answers the kubelet's probes: `/healthz` while the process works, `/readyz` once it takes work.
struct HealthServer: Service {
    let port: Int
    let readiness: OperatorReadiness
    let logger: Logger

    func run() async throws {
        let router = Router()
        router.get("/healthz") { _, _ in "ok\n" }
        let readiness = readiness
        router.get("/readyz") { _, _ -> Response in
            let isReady = readiness.isReady
            return Response(
                status: isReady ? .ok : .serviceUnavailable,
                body: .init(byteBuffer: .init(string: isReady ? "ok\n" : "not every kind has been listed yet\n")))
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("0.0.0.0", port: port)), logger: logger)
        try await application.run()
    }
}
