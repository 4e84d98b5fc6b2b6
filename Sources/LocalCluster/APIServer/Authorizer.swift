/// Who makes a request.
package struct UserInfo: Sendable, Hashable {
    package var name: String
    package var uid: String
    package var groups: [String]
    package var extra: [String: [String]]

    package init(name: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:]) {
        self.name = name
        self.uid = uid
        self.groups = groups
        self.extra = extra
    }

    /// May do everything.
    package static let admin = UserInfo(name: "kubernetes-admin", groups: ["system:masters", "system:authenticated"])
}

/// What a request wants to do.
package struct AccessAttributes: Sendable, Hashable {
    package var user: UserInfo
    /// get, list, watch, create, update, patch, delete, deletecollection for resources; the lower-case HTTP method for other paths.
    package var verb: String
    /// nil for a path that names no resource.
    package var resource: ResourcePath?
    package var path: String

    package init(user: UserInfo, verb: String, resource: ResourcePath?, path: String) {
        self.user = user
        self.verb = verb
        self.resource = resource
        self.path = path
    }
}

/// Decides whether a request may go on.
package protocol Authorizer: Sendable {
    /// nil allows it; otherwise the reason, which may be empty.
    func denial(_ attributes: AccessAttributes) async -> String?
}

/// Everybody who is known may do everything.
package struct AllowAll: Authorizer {
    package init() {}
    package func denial(_ attributes: AccessAttributes) async -> String? { nil }
}

/// Finds out who makes a request.
package struct Authenticator: Sendable {
    /// Users by bearer token.
    package var tokens: [String: UserInfo]

    package init(tokens: [String: UserInfo]) {
        self.tokens = tokens
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
        let token = parts[1].drop { $0 == " " }
        for (known, user) in tokens where Self.isSame(known, String(token)) { return .user(user) }
        return .refused
    }

    /// Takes the same time wherever the texts differ.
    private static func isSame(_ left: String, _ right: String) -> Bool {
        let a = Array(left.utf8)
        let b = Array(right.utf8)
        guard a.count == b.count else { return false }
        var difference: UInt8 = 0
        for (x, y) in zip(a, b) { difference |= x ^ y }
        return difference == 0
    }
}
