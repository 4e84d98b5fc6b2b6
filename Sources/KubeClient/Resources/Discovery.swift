import KubeCore
import Synchronization

/// A kind that the server offers, with what commands need to know of it.
public struct DiscoveredResource: Sendable, Hashable {
    public var type: ResourceType
    /// Empty where the server gives none.
    public var singular: String
    public var shortNames: [String]
    /// Names for groups of kinds, `all` among them.
    public var categories: [String]
    public var verbs: [String]
    /// `status`, `scale`, `log`.
    public var subresources: [String]
    /// False for the other versions that the group also serves.
    public var isPreferredVersion: Bool
}

/// What kinds the API server offers, asked for when first needed and kept.
///
/// Uses aggregated discovery (`apidiscovery.k8s.io`, two requests); where the server does not know it, the older
/// documents of each group and version. A group whose own server is down is left out and listed in ``unavailable``.
public final class Discovery: Sendable {
    private struct Cache {
        var resources: [DiscoveredResource]?
        var unavailable: [String: String] = [:]
    }

    private let client: APIClient
    private let cache = Mutex(Cache())

    public init(client: APIClient) {
        self.client = client
    }

    /// Groups and versions that could not be asked, each with the reason.
    public var unavailable: [String: String] { cache.withLock { $0.unavailable } }

    /// All kinds in all versions: the core group first, then as the server ranks groups, preferred versions first.
    public func resources() async throws(ClientError) -> [DiscoveredResource] {
        if let resources = cache.withLock({ $0.resources }) { return resources }
        return try await refresh()
    }

    /// Forgets what is known and asks again, as after a CustomResourceDefinition was created.
    @discardableResult
    public func refresh() async throws(ClientError) -> [DiscoveredResource] {
        var found = DiscoveryDocuments()
        try await load("/api", into: &found)
        try await load("/apis", into: &found)
        let (resources, unavailable) = (found.resources, found.unavailable)
        cache.withLock { cache in
            cache.resources = resources
            cache.unavailable = unavailable
        }
        return resources
    }

    /// The kinds that a user's word stands for, in the forms kubectl takes: plural, singular, short name or kind in any
    /// case (`pods`, `pod`, `po`, `Pod`), with the group (`deployments.apps`), with version and group
    /// (`deployments.v1.apps`), or a category (`all`), which alone gives more than one.
    ///
    /// Asks the server again when the word is unknown, as the kind may be new.
    ///
    /// - Throws: ``ClientError/Code/unknownResource`` when it still is.
    public func resolve(_ word: String) async throws(ClientError) -> [DiscoveredResource] {
        let wasKnown = cache.withLock { $0.resources != nil }
        var known = try await resources()
        var matches = ResourceName(word).matches(in: known)
        if matches.isEmpty, wasKnown {
            known = try await refresh()
            matches = ResourceName(word).matches(in: known)
        }
        if matches.isEmpty { throw unknown(word, known) }
        return matches
    }

    /// The type of a kind (`apps/v1`, `Deployment`), as manifests name it.
    public func resolve(_ kind: GroupVersionKind) async throws(ClientError) -> DiscoveredResource {
        let wasKnown = cache.withLock { $0.resources != nil }
        if let match = try await resources().first(where: { $0.type.groupVersionKind == kind }) { return match }
        if wasKnown, let match = try await refresh().first(where: { $0.type.groupVersionKind == kind }) {
            return match
        }
        throw ClientError(
            .unknownResource,
            "The server at \(client.endpoint.displayURL) has no kind \(kind.kind) in \(kind.apiVersion). Is its "
                + "CustomResourceDefinition installed, in this version?\(unavailableText)")
    }

    private func unknown(_ word: String, _ known: [DiscoveredResource]) -> ClientError {
        let lower = word.lowercased()
        let close = known.first { resource in
            resource.isPreferredVersion
                && (resource.type.plural.hasPrefix(lower) || lower.hasPrefix(resource.type.plural.dropLast()))
        }
        let hint = close.map { " Did you mean \($0.type.qualifiedName)?" } ?? ""
        return ClientError(
            .unknownResource,
            "The server at \(client.endpoint.displayURL) has no resource type \"\(word)\".\(hint)\(unavailableText)")
    }

    private var unavailableText: String {
        let names = unavailable.keys.sorted()
        return names.isEmpty ? "" : " These groups could not be asked: \(names.joined(separator: ", "))."
    }

    // MARK: Requests

    private static let aggregated = ["v2", "v2beta1"].map {
        "application/json;g=apidiscovery.k8s.io;v=\($0);as=APIGroupDiscoveryList"
    }

    private func load(_ path: String, into found: inout DiscoveryDocuments) async throws(ClientError) {
        let accept = (Self.aggregated + ["application/json"]).joined(separator: ",")
        let request = APIRequest(method: .get, path: path, headers: [("Accept", accept)])
        let document = try await client.json(request)
        if document["kind"]?.stringValue == "APIGroupDiscoveryList" {
            found.addAggregated(document)
            return
        }
        for version in DiscoveryDocuments.versions(document) {
            let path = version.group.isEmpty ? "/api/\(version.version)" : "/apis/\(version.apiVersion)"
            do throws(ClientError) {
                let list = try await client.json(APIRequest(method: .get, path: path))
                found.addResourceList(list, version)
            } catch {
                // One group's server being down must not hide the others.
                guard error.status != nil else { throw error }
                found.unavailable[version.apiVersion] = error.message
            }
        }
    }
}

extension APIClient {
    /// What kinds this server offers.
    public func discovery() -> Discovery {
        Discovery(client: self)
    }
}

/// A user's word for a kind.
struct ResourceName {
    private let word: String

    init(_ word: String) {
        self.word = word.lowercased()
    }

    func matches(in known: [DiscoveredResource]) -> [DiscoveredResource] {
        // A custom kind's name may itself hold no dot, so that everything before the first is the name.
        let parts = word.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first.map(String.init), !name.isEmpty else { return [] }
        let rest = parts.count > 1 ? String(parts[1]) : nil
        let named = known.filter { names($0, name) }
        if let rest {
            if let match = named.first(where: { $0.type.group == rest && $0.isPreferredVersion })
                ?? named.first(where: { $0.type.group == rest })
            {
                return [match]
            }
            // `v1` or `v1.apps`
            let split = rest.split(separator: ".", maxSplits: 1).map(String.init)
            guard let version = split.first else { return [] }
            let group = split.count > 1 ? split[1] : ""
            return named.first { $0.type.version == version && $0.type.group == group }.map { [$0] } ?? []
        }
        // Plural, singular and kind go before short names, of whatever group.
        if let match = named.first(where: { $0.isPreferredVersion && !$0.shortNames.contains(name) })
            ?? named.first(where: { $0.isPreferredVersion }) ?? named.first
        {
            return [match]
        }
        return known.filter { $0.isPreferredVersion && $0.categories.contains(word) && $0.verbs.contains("list") }
    }

    private func names(_ resource: DiscoveredResource, _ name: String) -> Bool {
        resource.type.plural == name || resource.singular == name || resource.type.kind.lowercased() == name
            || resource.shortNames.contains(name)
    }
}
