import KubeCore

/// Finds out who makes a request: by client certificate, by a token of the administrator, or by a service account's token.
package struct Authenticator: Sendable {
    /// Users by bearer token.
    package var tokens: [String: UserInfo]
    package let issuer: TokenIssuer
    private let registry: Registry

    package init(tokens: [String: UserInfo], issuer: TokenIssuer, registry: Registry) {
        self.tokens = tokens
        self.issuer = issuer
        self.registry = registry
    }

    package enum Outcome: Sendable {
        case user(UserInfo)
        /// No credentials came.
        case anonymous
        /// Credentials came that nobody issued.
        case refused
    }

    package func authenticate(authorization: String?, certificateUser: (name: String, groups: [String])?) -> Outcome {
        if let certificateUser {
            return .user(
                UserInfo(name: certificateUser.name, groups: certificateUser.groups + ["system:authenticated"]))
        }
        guard let authorization else { return .anonymous }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return .anonymous }
        let token = String(parts[1].drop { $0 == " " })
        guard let user = user(of: token, audiences: [TokenIssuer.ownAudience])?.user else { return .refused }
        return .user(user)
    }

    /// Whose token it is, if it is for one of the audiences, and for which of them.
    package func user(of token: String, audiences: [String]) -> (user: UserInfo, audiences: [String])? {
        let bytes = Array(token.utf8)
        for (known, user) in tokens where Self.isSame(Array(known.utf8), bytes) {
            return audiences.contains(TokenIssuer.ownAudience) ? (user, [TokenIssuer.ownAudience]) : nil
        }
        guard let claims = issuer.claims(of: token, now: registry.now()), registry.isLive(claims) else { return nil }
        let common = claims.audiences.filter(audiences.contains)
        return common.isEmpty ? nil : (claims.user, common)
    }

    /// Takes the same time wherever the bytes differ.
    static func isSame(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        var difference: UInt8 = 0
        for (x, y) in zip(a, b) { difference |= x ^ y }
        return difference == 0
    }
}
