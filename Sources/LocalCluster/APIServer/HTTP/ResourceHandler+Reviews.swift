import KubeCore

/// Kinds that are answered and never stored.
extension ResourceHandler {
    /// What the handlers of reviews look into.
    struct Access: Sendable {
        let authenticator: Authenticator
        let authorizer: any Authorizer
    }

    /// Answers a POST of a virtual kind.
    func review() async throws(Status) -> HTTPAnswer {
        let format = try objectFormat()
        let options = try writeOptions("CreateOptions")
        var object = try BodyDecoder.object(try await objectBody(), resource, options).object
        if object["metadata"] == nil { object["metadata"] = [:] }
        switch (resource.type.group, resource.type.plural) {
        case ("", "bindings"):
            let status = try await registry.bind(
                try pods(), namespace: path.namespace ?? "", name: object.metaName, body: RequestBody(object), options)
            return .json(201, status, format)
        case ("authentication.k8s.io", "selfsubjectreviews"):
            object["status"] = ["userInfo": Self.describe(user)]
        case ("authentication.k8s.io", "tokenreviews"):
            object["status"] = try reviewToken(object)
        case ("authorization.k8s.io", "selfsubjectaccessreviews"):
            object["status"] = try await decide(user, object["spec"] ?? .null)
        case ("authorization.k8s.io", "subjectaccessreviews"), ("authorization.k8s.io", "localsubjectaccessreviews"):
            object["status"] = try await decide(Self.subject(object["spec"] ?? .null), object["spec"] ?? .null)
        default:
            throw Status(
                code: 501, reason: StatusReason(rawValue: "NotImplemented"),
                message: "the local cluster does not answer \(resource.type.qualifiedName)")
        }
        return try render(object, 201, format)
    }

    private func pods() throws(Status) -> Resource {
        guard let pods = registry.kinds.resource(.pods) else { throw .unknownResource }
        return pods
    }

    private static func describe(_ user: UserInfo) -> JSON {
        var json: JSONObject = ["username": .string(user.name)]
        if !user.uid.isEmpty { json["uid"] = .string(user.uid) }
        if !user.groups.isEmpty { json["groups"] = .array(user.groups.map(JSON.string)) }
        if !user.extra.isEmpty {
            let pairs = user.extra.sorted { $0.key < $1.key }
            json["extra"] = .object(JSONObject(pairs.map { ($0.key, .array($0.value.map(JSON.string))) }))
        }
        return .object(json)
    }

    private static func subject(_ spec: JSON) -> UserInfo {
        UserInfo(
            name: spec["user"]?.stringValue ?? "", uid: spec["uid"]?.stringValue ?? "",
            groups: (spec["groups"]?.arrayValue ?? []).compactMap(\.stringValue))
    }

    private func reviewToken(_ object: JSON) throws(Status) -> JSON {
        let token = object.at("spec", "token")?.stringValue ?? ""
        if token.isEmpty { throw .badRequest("token is required for TokenReview in authentication") }
        let wanted = (object.at("spec", "audiences")?.arrayValue ?? []).compactMap(\.stringValue)
        let audiences = wanted.isEmpty ? [TokenIssuer.ownAudience] : wanted
        guard let found = access.authenticator.user(of: token, audiences: audiences) else {
            let isKnown = access.authenticator.issuer.claims(of: token, now: registry.now()) != nil
            return isKnown ? ["user": [:]] : ["user": [:], "error": "invalid bearer token"]
        }
        return [
            "authenticated": true, "user": Self.describe(found.user),
            "audiences": .array(found.audiences.map(JSON.string)),
        ]
    }

    private func decide(_ user: UserInfo, _ spec: JSON) async throws(Status) -> JSON {
        var path: ResourcePath?
        var verb = ""
        var raw = ""
        if let wanted = spec["resourceAttributes"], !wanted.isNull {
            let text = { (key: String) in wanted[key]?.stringValue ?? "" }
            verb = text("verb")
            path = ResourcePath(
                group: text("group"), version: text("version"), segments: [text("resource")])
            path?.namespace = text("namespace").isEmpty ? nil : text("namespace")
            path?.name = text("name").isEmpty ? nil : text("name")
            path?.subresource = text("subresource").isEmpty ? nil : text("subresource")
        } else if let wanted = spec["nonResourceAttributes"], !wanted.isNull {
            verb = wanted["verb"]?.stringValue ?? ""
            raw = wanted["path"]?.stringValue ?? ""
        } else {
            throw .invalid(
                kind: resource.type.kind, group: resource.type.group, name: "",
                [
                    .invalid(
                        "spec.resourceAttributes", .null,
                        "exactly one of nonResourceAttributes or resourceAttributes must be specified")
                ])
        }
        let attributes = AccessAttributes(user: user, verb: verb, resource: path, path: raw)
        guard let reason = await access.authorizer.denial(attributes) else { return ["allowed": true] }
        return reason.isEmpty ? ["allowed": false] : ["allowed": false, "reason": .string(reason)]
    }

    /// `serviceaccounts/NAME/token`
    func token() async throws(Status) -> HTTPAnswer {
        let (request, _) = try BodyDecoder.tree(try await objectBody(), mustBe: "TokenRequest")
        let answer = try registry.requestToken(
            access.authenticator.issuer, namespace: path.namespace ?? "", name: name, request)
        return .json(201, answer)
    }
}
