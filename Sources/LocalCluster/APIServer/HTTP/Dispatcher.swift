import KubeCore
import Logging

/// Turns requests into answers: authentication, authorization, then the handler of the path.
package final class Dispatcher: Sendable {
    let registry: Registry
    let discovery: Discovery
    private let authenticator: Authenticator
    private let authorizer: any Authorizer
    let podLogs: (any PodLogSource)?
    let logger: Logger

    package init(
        registry: Registry, authenticator: Authenticator, authorizer: any Authorizer = AllowAuthenticated(),
        podLogs: (any PodLogSource)? = nil, logger: Logger
    ) {
        self.registry = registry
        discovery = Discovery(registry.kinds)
        self.authenticator = authenticator
        self.authorizer = authorizer
        self.podLogs = podLogs
        self.logger = logger
    }

    package func answer(_ call: HTTPCall) async -> HTTPAnswer {
        let target = call.target
        if let health = health(target) { return health }
        do throws(Status) {
            let user: UserInfo
            switch authenticator.authenticate(
                authorization: call.authorization, certificateUser: call.certificateUser)
            {
            case .user(let known): user = known
            case .anonymous: user = .anonymous
            case .refused: throw .unauthorized()
            }
            return try await route(call, user)
        } catch {
            return .failure(error, Negotiation.errorFormat(call.accept))
        }
    }

    private func health(_ target: RequestTarget) -> HTTPAnswer? {
        guard let first = target.segments.first, ["healthz", "livez", "readyz"].contains(first) else { return nil }
        if target.segments.count > 2 { return .pageNotFound }
        if target.segments.count == 2, !["ping", "log", "etcd"].contains(target.segments[1]) { return .pageNotFound }
        if target.first("verbose") != nil, target.segments.count == 1 {
            return .text(200, "[+]ping ok\n[+]log ok\n[+]etcd ok\n\(first) check passed\n")
        }
        return .text(200, "ok")
    }

    private func authorize(_ call: HTTPCall, _ user: UserInfo, verb: String, _ path: ResourcePath?) async throws(Status)
    {
        let attributes = AccessAttributes(user: user, verb: verb, resource: path, path: call.target.path)
        guard let reason = await authorizer.denial(attributes) else { return }
        throw Self.forbidden(attributes, reason)
    }

    static func forbidden(_ attributes: AccessAttributes, _ reason: String) -> Status {
        let user = FieldError.quoted(attributes.user.name)
        let tail = reason.isEmpty ? "" : ": \(reason)"
        guard let path = attributes.resource else {
            return Status(
                code: 403, reason: .forbidden,
                message:
                    "forbidden: User \(user) cannot \(attributes.verb) path \(FieldError.quoted(attributes.path))\(tail)",
                details: Status.Details())
        }
        let resource = path.subresource.map { "\(path.plural)/\($0)" } ?? path.plural
        let scope = path.namespace.map { "in the namespace \(FieldError.quoted($0))" } ?? "at the cluster scope"
        let qualified = path.group.isEmpty ? path.plural : "\(path.plural).\(path.group)"
        let name = path.name.map { " \(FieldError.quoted($0))" } ?? ""
        return Status(
            code: 403, reason: .forbidden,
            message: "\(qualified)\(name) is forbidden: User \(user) cannot \(attributes.verb) resource "
                + "\(FieldError.quoted(resource)) in API group \(FieldError.quoted(path.group)) \(scope)\(tail)",
            details: Status.Details(
                name: path.name, group: path.group.isEmpty ? nil : path.group, kind: path.plural))
    }

    private func route(_ call: HTTPCall, _ user: UserInfo) async throws(Status) -> HTTPAnswer {
        let segments = call.target.segments
        switch segments.first {
        case "api":
            if segments.count >= 3 {
                return try await resource(call, user, group: "", version: segments[1], rest: segments[2...])
            }
        case "apis":
            if segments.count >= 4 {
                return try await resource(
                    call, user, group: segments[1], version: segments[2], rest: segments[3...])
            }
        default: break
        }
        try await authorize(call, user, verb: call.method.lowercased(), nil)
        guard call.method == "GET" else {
            if call.method == "HEAD" { throw .methodNotAllowed }
            return discovery.isKnown(segments) ? .failure(.methodNotAllowed) : .pageNotFound
        }
        switch segments.first {
        case "api", "apis": return try discovery.answer(call)
        case "version": return .json(200, Discovery.versionInfo)
        case "openapi": return try discovery.openAPI(call, registry)
        case nil: return .json(200, discovery.paths)
        default: return .pageNotFound
        }
    }

    private func resource(
        _ call: HTTPCall, _ user: UserInfo, group: String, version: String, rest: ArraySlice<String>
    ) async throws(Status) -> HTTPAnswer {
        guard let path = ResourcePath(group: group, version: version, segments: rest) else {
            throw .unknownResource
        }
        let verb = ResourceHandler.verb(call, path)
        try await authorize(call, user, verb: verb, path)
        guard let served = registry.kinds.resource(group: group, version: version, plural: path.plural) else {
            return discovery.unknown(group: group)
        }
        if served.kind.isCustom, served.type.isNamespaced != (path.namespace != nil),
            !(served.type.isNamespaced && path.name == nil)
        {
            return .pageNotFound
        }
        if !served.type.isNamespaced, path.namespace != nil { throw .unknownResource }
        if served.type.isNamespaced, path.namespace == nil, path.name != nil { throw .unknownResource }
        let warnings = WarningList()
        if served.version.isDeprecated {
            let type = served.type
            let preferred = served.kind.versions.first { !$0.isDeprecated && $0.isServed }?.name
            let replacement = preferred.map { "; use \(type.group)/\($0) \(type.kind)" } ?? ""
            warnings.add([
                served.version.deprecationWarning ?? "\(type.apiVersion) \(type.kind) is deprecated\(replacement)"
            ])
        }
        let handler = ResourceHandler(
            registry: registry, call: call, path: path, resource: served, podLogs: podLogs, user: user,
            warnings: warnings,
            access: ResourceHandler.Access(authenticator: authenticator, authorizer: authorizer))
        var answer: HTTPAnswer
        do throws(Status) {
            answer = try await handler.answer(verb: verb)
        } catch {
            answer = .failure(error, Negotiation.errorFormat(call.accept))
        }
        answer.add(warnings: warnings.texts)
        return answer
    }
}
