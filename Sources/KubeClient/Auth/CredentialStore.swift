import KubeCore
import Logging
import Synchronization

/// What a request carries to say who sends it.
struct CredentialSnapshot: Sendable {
    let headers: [(name: String, value: String)]
    let settings: ConnectionSettings
    /// Counts changes, so that the answer to an older credential does not make a newer one be thrown away.
    let generation: UInt64
    /// When the sources are looked at again; nil means never.
    let freshUntil: ContinuousClock.Instant?
}

/// The current credentials, read again when they age, when their files change, or when the server refuses them.
final class CredentialStore: Sendable {
    private struct State {
        var snapshot: CredentialSnapshot?
        var material: CredentialMaterial?
    }

    private let state = Mutex(State())
    private let sources: CredentialSources
    private let plugin: ExecCredentialSource?
    private let logger: Logger
    private let makeSettings: @Sendable (ConnectionSettings.TLS) -> ConnectionSettings
    /// Empty when connections are direct.
    let proxy: String

    /// Reads the files the configuration names; an exec plugin runs with the first request.
    init(_ configuration: ClientConfiguration, endpoint: Endpoint, logger: Logger) throws(ClientError) {
        let proxy = try ProxyRule.proxy(for: endpoint, configuration.proxy)
        self.proxy = proxy
        self.logger = logger
        sources = CredentialSources(configuration)
        makeSettings = { tls in
            ConnectionSettings(
                tls: tls, proxy: proxy, connectTo: endpoint.connectTo, userAgent: configuration.userAgent,
                connectTimeout: configuration.timeouts.connect, tcpUserTimeout: configuration.timeouts.unacknowledged,
                isHTTP1Only: configuration.isHTTP1Only)
        }
        if case .exec(let exec) = configuration.authentication {
            plugin = ExecCredentialSource(exec, configuration: configuration, logger: logger)
            // Files that are wrong are found now, not with the first request.
            _ = try sources.read()
        } else {
            plugin = nil
            _ = store(try sources.read(), plugin: nil)
        }
    }

    /// - Throws: ``ClientError``, after `deadline` with ``ClientError/Code/timeout``.
    func current(deadline: ContinuousClock.Instant?) async throws(ClientError) -> CredentialSnapshot {
        if let snapshot = state.withLock({ $0.snapshot }), snapshot.freshUntil.map({ .now < $0 }) ?? true {
            return snapshot
        }
        return try await load(deadline: deadline)
    }

    /// After the server refused the credentials of that generation. False when they are still the same, so that
    /// another attempt is useless.
    func reload(rejected generation: UInt64, deadline: ContinuousClock.Instant?) async throws(ClientError) -> Bool {
        if isNewer(than: generation) { return true }
        return try await load(deadline: deadline).generation > generation
    }

    /// The same for files alone, after a TLS failure: a plugin is not asked.
    func rereadFiles(rejected generation: UInt64) -> Bool {
        if isNewer(than: generation) { return true }
        guard plugin == nil, let read = try? sources.read() else { return false }
        return store(read, plugin: nil).generation > generation
    }

    private func isNewer(than generation: UInt64) -> Bool {
        state.withLock { $0.snapshot.map { $0.generation > generation } ?? false }
    }

    private func load(deadline: ContinuousClock.Instant?) async throws(ClientError) -> CredentialSnapshot {
        if let plugin {
            let credential = try await plugin.credential(deadline: deadline)
            return store(try sources.read(), plugin: credential)
        }
        do throws(ClientError) {
            return store(try sources.read(), plugin: nil)
        } catch {
            // A file that is being replaced may be missing for a moment: what was read before may still be good.
            guard let old = state.withLock({ $0.snapshot }) else { throw error }
            logger.warning("credentials could not be read again", metadata: ["error": "\(error.message)"])
            return old
        }
    }

    private func store(_ read: CredentialMaterial, plugin: ExecCredential?) -> CredentialSnapshot {
        var material = read
        if let token = plugin?.token { material.authorization = "Bearer \(token)" }
        if let certificate = plugin?.certificate, let key = plugin?.key {
            material.tls.certificate = certificate
            material.tls.key = key
        }
        let freshUntil = plugin.map(\.freshUntil) ?? sources.rereadInterval.map { .now + $0 }
        return state.withLock { state in
            let old = state.snapshot
            let isSame = state.material == material
            let settings = state.material?.tls == material.tls ? old?.settings : nil
            let snapshot = CredentialSnapshot(
                headers: material.headers, settings: settings ?? makeSettings(material.tls),
                generation: (old?.generation ?? 0) + (isSame ? 0 : 1), freshUntil: freshUntil)
            state.snapshot = snapshot
            state.material = material
            return snapshot
        }
    }
}

/// The secrets themselves.
struct CredentialMaterial: Sendable, Equatable {
    var tls: ConnectionSettings.TLS
    /// The value of the Authorization header.
    var authorization: String?
    var impersonation: ClientConfiguration.Impersonation?

    var headers: [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        if let authorization { headers.append(("Authorization", authorization)) }
        if let impersonation {
            headers.append(("Impersonate-User", impersonation.user))
            if let uid = impersonation.uid { headers.append(("Impersonate-Uid", uid)) }
            for group in impersonation.groups { headers.append(("Impersonate-Group", group)) }
            for (key, values) in impersonation.extra.sorted(by: { $0.key < $1.key }) {
                for value in values { headers.append(("Impersonate-Extra-\(key)", value)) }
            }
        }
        return headers
    }
}
