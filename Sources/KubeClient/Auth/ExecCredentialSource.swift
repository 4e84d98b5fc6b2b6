import KubeCore
import Logging
import Synchronization

/// What an exec plugin printed.
struct ExecCredential: Sendable, Equatable {
    var token: String?
    var certificate: [UInt8]?
    var key: [UInt8]?
    /// When it should be asked again; nil means not before the server refuses.
    var freshUntil: ContinuousClock.Instant?
}

/// Runs an exec plugin, once at a time however many requests wait for it.
final class ExecCredentialSource: Sendable {
    private typealias Outcome = Result<ExecCredential, ClientError>

    private struct State {
        var isRunning = false
        var waiters: [UInt64: CheckedContinuation<Outcome, Never>] = [:]
        var nextID: UInt64 = 0
    }

    private let state = Mutex(State())
    private let plugin: ExecPlugin
    private let configuration: ClientConfiguration
    private let logger: Logger

    init(_ plugin: ExecPlugin, configuration: ClientConfiguration, logger: Logger) {
        self.plugin = plugin
        self.configuration = configuration
        self.logger = logger
    }

    /// Waits for the run under way, or starts one, until `deadline`.
    func credential(deadline: ContinuousClock.Instant?) async throws(ClientError) -> ExecCredential {
        guard let deadline else { return try await wait().get() }
        let first = await withTaskGroup(of: Outcome?.self) { group in
            group.addTask { await self.wait() }
            group.addTask {
                try? await Task.sleep(until: deadline, clock: .continuous)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        if let first { return try first.get() }
        if Task.isCancelled { throw cancelled }
        throw ClientError(
            .timeout,
            "The exec plugin `\(plugin.command)` of \(configuration.origin) did not answer before the request's "
                + "deadline.")
    }

    /// A cancelled waiter leaves at once; the run goes on for the others.
    private func wait() async -> Outcome {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustStart = state.withLock { state in
                    state.waiters[id] = continuation
                    defer { state.isRunning = true }
                    return !state.isRunning
                }
                if mustStart { start() }
                // The handler may have run before the waiter was there.
                if Task.isCancelled { leave(id) }
            }
        } onCancel: {
            leave(id)
        }
    }

    private func leave(_ id: UInt64) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
        waiter?.resume(returning: .failure(cancelled))
    }

    private var cancelled: ClientError {
        ClientError(.cancelled, "Waiting for the exec plugin `\(plugin.command)` was cancelled.")
    }

    private func start() {
        logger.debug("running the exec credential plugin", metadata: ["command": "\(plugin.command)"])
        let failure = startThread(name: "exec-credential") { [self] in finish(run()) }
        if let failure {
            finish(.failure(error("could not be started: \(FileError(code: failure).reason)")))
        }
    }

    private func finish(_ outcome: Outcome) {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            state.isRunning = false
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume(returning: outcome) }
    }

    private func error(_ what: String, cause: (any Error)? = nil) -> ClientError {
        ClientError(
            .authentication, "The exec plugin `\(plugin.command)` of \(configuration.origin) \(what).", cause: cause)
    }

    // MARK: On the thread

    private func run() -> Outcome {
        let isInteractive: Bool
        switch plugin.interactiveMode {
        case .never: isInteractive = false
        case .ifAvailable: isInteractive = ChildProcess.hasTerminal
        case .always:
            isInteractive = ChildProcess.hasTerminal
            if !isInteractive {
                return .failure(error("needs a terminal (interactiveMode: Always), and standard input is none"))
            }
        }
        let info = ExecCredentialFormat.request(plugin, configuration, isInteractive: isInteractive)
        let environment = plugin.environment + [("KUBERNETES_EXEC_INFO", info)]
        do throws(ChildProcess.Failure) {
            let output = try ChildProcess.run(
                plugin.command, plugin.arguments, adding: environment, inheritsInput: isInteractive,
                timeout: plugin.timeout)
            guard output.status == 0 else {
                let said = bodyExcerpt(Array(output.errors.suffix(400)))
                return .failure(error("failed with \(output.ending) and said \(said). Run it by hand to see more"))
            }
            return ExecCredentialFormat.parse(output.output, plugin).mapError { error($0.message) }
        } catch {
            switch error {
            case .notFound:
                let hint = plugin.installHint.map { " \($0.trimmingBlanks)" } ?? " Install it, or correct `command`."
                return .failure(self.error("was not found.\(hint)"))
            case .launch(let why):
                return .failure(self.error("could not be started: \(why)"))
            case .timeout:
                return .failure(self.error("did not end within \(plugin.timeout) and was killed"))
            case .tooMuchOutput:
                return .failure(self.error("printed more than a credential can be, and was killed"))
            }
        }
    }
}

/// `client.authentication.k8s.io/v1` and `v1beta1`: what goes to a plugin and what comes back.
enum ExecCredentialFormat {
    struct Complaint: Error {
        let message: String
    }

    static func request(_ plugin: ExecPlugin, _ configuration: ClientConfiguration, isInteractive: Bool) -> String {
        var spec: JSON = ["interactive": .bool(isInteractive)]
        if plugin.providesClusterInfo {
            var cluster: JSON = ["server": .string(configuration.server)]
            if let name = configuration.tls.serverName { cluster["tls-server-name"] = .string(name) }
            if configuration.tls.isInsecure { cluster["insecure-skip-tls-verify"] = true }
            if let authority = (try? CredentialSources(configuration).read())?.tls.authorities {
                cluster["certificate-authority-data"] = .string(Base64.encode(authority))
            }
            if case .url(let proxy) = configuration.proxy { cluster["proxy-url"] = .string(proxy) }
            if let config = plugin.clusterConfig { cluster["config"] = config }
            spec["cluster"] = cluster
        }
        let request: JSON = [
            "kind": "ExecCredential", "apiVersion": .string(plugin.apiVersion), "spec": spec,
        ]
        return request.encodedString()
    }

    static func parse(_ output: [UInt8], _ plugin: ExecPlugin) -> Result<ExecCredential, Complaint> {
        func fail(_ message: String) -> Result<ExecCredential, Complaint> { .failure(Complaint(message: message)) }
        let json: JSON
        do {
            json = try JSON.parse(output)
        } catch {
            return fail("printed something that is not JSON (\(error))")
        }
        guard json["kind"]?.stringValue == "ExecCredential" else {
            return fail("printed no ExecCredential (`kind` is \(json["kind"]?.encodedString() ?? "missing"))")
        }
        let apiVersion = json["apiVersion"]?.stringValue ?? ""
        guard apiVersion == plugin.apiVersion else {
            return fail(
                "printed an ExecCredential of \"\(apiVersion)\", while the kubeconfig asks for "
                    + "\(plugin.apiVersion): correct `exec.apiVersion`")
        }
        guard let status = json["status"], status.objectValue != nil else {
            return fail("printed an ExecCredential without `status`")
        }
        var credential = ExecCredential()
        if let token = status["token"]?.stringValue?.trimmingBlanks, !token.isEmpty {
            guard !token.utf8.contains(where: { $0 < 33 || $0 == 127 }) else {
                return fail("printed a token with blanks in it")
            }
            credential.token = token
        }
        let certificate = status["clientCertificateData"]?.stringValue ?? ""
        let key = status["clientKeyData"]?.stringValue ?? ""
        guard certificate.isEmpty == key.isEmpty else {
            return fail("printed only one of `clientCertificateData` and `clientKeyData`")
        }
        if !certificate.isEmpty {
            credential.certificate = Array(certificate.utf8)
            credential.key = Array(key.utf8)
        }
        guard credential.token != nil || credential.certificate != nil else {
            return fail("printed neither `status.token` nor a client certificate")
        }
        if let text = status["expirationTimestamp"]?.stringValue {
            guard let expiry = Timestamp(rfc3339: text) else {
                return fail("printed an `expirationTimestamp` that is no time: \"\(text)\"")
            }
            credential.freshUntil = .now + freshness(until: expiry, now: .now())
        }
        return .success(credential)
    }

    /// Asked again a little early, so that a token does not expire on its way.
    static func freshness(until expiry: Timestamp, now: Timestamp) -> Duration {
        let (left, overflow) = expiry.seconds.subtractingReportingOverflow(now.seconds)
        if overflow || left <= 0 { return .zero }
        return .seconds(left > 60 ? min(left, 1 << 40) - 10 : left / 2)
    }
}
