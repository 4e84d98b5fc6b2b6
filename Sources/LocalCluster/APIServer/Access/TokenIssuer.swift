import KubeCore
import PKI

/// Issues and checks the tokens of service accounts: JSON web tokens that only this server can make.
package struct TokenIssuer: Sendable {
    package static let issuer = "https://kubernetes.default.svc"
    /// The audience of tokens that ask for none.
    package static let ownAudience = "https://kubernetes.default.svc"

    private let key: [UInt8]

    /// - Parameter key: a secret; tokens made with another are refused.
    package init(key: [UInt8]) {
        self.key = key
    }

    /// What a token stands for.
    package struct Claims: Sendable, Hashable {
        package var namespace: String
        package var serviceAccount: String
        package var serviceAccountUID: String
        package var audiences: [String]
        package var expires: Int64
        package var issued: Int64
        package var id: String
        /// The Pod or Secret the token ends with.
        package var boundKind: String?
        package var boundName: String?
        package var boundUID: String?

        package var user: UserInfo {
            var user = UserInfo(
                name: "system:serviceaccount:\(namespace):\(serviceAccount)", uid: serviceAccountUID,
                groups: ["system:serviceaccounts", "system:serviceaccounts:\(namespace)", "system:authenticated"])
            user.extra["authentication.kubernetes.io/credential-id"] = ["JTI=\(id)"]
            if boundKind == "Pod", let boundName, let boundUID {
                user.extra["authentication.kubernetes.io/pod-name"] = [boundName]
                user.extra["authentication.kubernetes.io/pod-uid"] = [boundUID]
            }
            return user
        }
    }

    package func token(_ claims: Claims) -> String {
        let header: JSON = ["alg": "HS256", "typ": "JWT"]
        var kubernetes: JSONObject = [
            "namespace": .string(claims.namespace),
            "serviceaccount": ["name": .string(claims.serviceAccount), "uid": .string(claims.serviceAccountUID)],
        ]
        if let kind = claims.boundKind, let name = claims.boundName {
            kubernetes[kind.lowercased()] = ["name": .string(name), "uid": .string(claims.boundUID ?? "")]
        }
        let body: JSON = [
            "aud": .array(claims.audiences.map(JSON.string)), "exp": .int(claims.expires), "iat": .int(claims.issued),
            "iss": .string(Self.issuer), "jti": .string(claims.id), "kubernetes.io": .object(kubernetes),
            "nbf": .int(claims.issued),
            "sub": .string("system:serviceaccount:\(claims.namespace):\(claims.serviceAccount)"),
        ]
        let signed = Base64URL.encode(header.encoded()) + "." + Base64URL.encode(body.encoded())
        return signed + "." + Base64URL.encode(KeyedHash.sha256(key: key, Array(signed.utf8)))
    }

    /// The claims of a token that this issuer made and that has not expired; nil for any other text.
    package func claims(of token: String, now: Timestamp) -> Claims? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let signature = Base64URL.decode(String(parts[2])) else { return nil }
        let expected = KeyedHash.sha256(key: key, Array("\(parts[0]).\(parts[1])".utf8))
        guard Authenticator.isSame(signature, expected), let bytes = Base64URL.decode(String(parts[1])),
            let body = try? JSON.parse(bytes), let expires = body["exp"]?.intValue, now.seconds < expires,
            let own = body["kubernetes.io"], let account = own["serviceaccount"]
        else { return nil }
        var claims = Claims(
            namespace: own["namespace"]?.stringValue ?? "", serviceAccount: account["name"]?.stringValue ?? "",
            serviceAccountUID: account["uid"]?.stringValue ?? "",
            audiences: (body["aud"]?.arrayValue ?? []).compactMap(\.stringValue), expires: expires,
            issued: body["iat"]?.intValue ?? 0, id: body["jti"]?.stringValue ?? "")
        for kind in ["Pod", "Secret"] {
            guard let bound = own[kind.lowercased()] else { continue }
            claims.boundKind = kind
            claims.boundName = bound["name"]?.stringValue
            claims.boundUID = bound["uid"]?.stringValue
        }
        return claims
    }
}

extension Registry {
    private static let serviceAccounts = GroupResource(group: "", resource: "serviceaccounts")
    private static let secrets = GroupResource(group: "", resource: "secrets")

    /// Whether what a token stands for is still there.
    func isLive(_ claims: TokenIssuer.Claims) -> Bool {
        let key = ObjectKey(namespace: claims.namespace, name: claims.serviceAccount)
        guard store.get(Self.serviceAccounts, key)?.uid == claims.serviceAccountUID else { return false }
        guard let kind = claims.boundKind, let name = claims.boundName else { return true }
        let bound = store.get(
            kind == "Pod" ? Self.pods : Self.secrets, ObjectKey(namespace: claims.namespace, name: name))
        return bound?.uid == claims.boundUID
    }

    /// `serviceaccounts/NAME/token`: fills in the status of a TokenRequest.
    func requestToken(
        _ issuer: TokenIssuer, namespace: String, name: String, _ request: JSON
    ) throws(Status) -> JSON {
        guard let account = store.get(Self.serviceAccounts, ObjectKey(namespace: namespace, name: name)) else {
            throw .notFound(.serviceAccounts, name)
        }
        let seconds = request.at("spec", "expirationSeconds")?.intValue ?? 3_600
        var errors: [FieldError] = []
        let field = "spec.expirationSeconds"
        if seconds < 600 {
            errors.append(.invalid(field, .int(seconds), "may not specify a duration less than 10 minutes"))
        } else if seconds > 1 << 32 {
            errors.append(.invalid(field, .int(seconds), "may not specify a duration larger than 2^32 seconds"))
        }
        if !errors.isEmpty {
            throw .invalid(kind: "TokenRequest", group: "authentication.k8s.io", name: "", errors)
        }
        var audiences = (request.at("spec", "audiences")?.arrayValue ?? []).compactMap(\.stringValue)
        if audiences.isEmpty { audiences = [TokenIssuer.ownAudience] }
        let now = now()
        var claims = TokenIssuer.Claims(
            namespace: namespace, serviceAccount: name, serviceAccountUID: account.uid, audiences: audiences,
            expires: now.seconds + seconds, issued: now.seconds, id: Names.uid())
        if let reference = request.at("spec", "boundObjectRef"), !reference.isNull {
            try bind(&claims, to: reference)
        }
        let json = account.json(typed: nil)
        var metadata: JSONObject = ["name": .string(name), "namespace": .string(namespace)]
        for field in ["uid", "creationTimestamp"] { metadata[field] = json.meta(field) }
        let expiration = Timestamp(seconds: claims.expires).rfc3339
        return [
            "kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "metadata": .object(metadata),
            "spec": [
                "audiences": .array(audiences.map(JSON.string)), "expirationSeconds": .int(seconds),
                "boundObjectRef": request.at("spec", "boundObjectRef") ?? .null,
            ],
            "status": ["token": .string(issuer.token(claims)), "expirationTimestamp": .string(expiration)],
        ]
    }

    private func bind(_ claims: inout TokenIssuer.Claims, to reference: JSON) throws(Status) {
        let kind = reference["kind"]?.stringValue ?? ""
        let name = reference["name"]?.stringValue ?? ""
        guard kind == "Pod" || kind == "Secret" else {
            throw .badRequest("cannot bind token to object of type \(kind)")
        }
        let type: ResourceType = kind == "Pod" ? .pods : .secrets
        let key = ObjectKey(namespace: claims.namespace, name: name)
        guard let bound = store.get(kind == "Pod" ? Self.pods : Self.secrets, key) else {
            throw .notFound(type, name)
        }
        if let uid = reference["uid"]?.stringValue, !uid.isEmpty, uid != bound.uid {
            throw .conflict(
                type, name,
                "the UID in the bound object reference (\(uid)) does not match the UID in record. "
                    + "The object might have been deleted and then recreated")
        }
        claims.boundKind = kind
        claims.boundName = name
        claims.boundUID = bound.uid
    }
}

extension Registry {
    /// How the node gets the tokens that pods mount.
    func tokenSource(_ issuer: TokenIssuer) -> ServiceAccountTokenSource {
        { request in
            let wanted: JSON = [
                "spec": [
                    "audiences": .array(request.audiences.map(JSON.string)),
                    "expirationSeconds": .int(max(600, request.expirationSeconds)),
                    "boundObjectRef": [
                        "kind": "Pod", "apiVersion": "v1", "name": .string(request.podName),
                        "uid": .string(request.podUID),
                    ],
                ]
            ]
            let answer = try self.requestToken(
                issuer, namespace: request.namespace, name: request.serviceAccount, wanted)
            return answer.at("status", "token")?.stringValue ?? ""
        }
    }
}
