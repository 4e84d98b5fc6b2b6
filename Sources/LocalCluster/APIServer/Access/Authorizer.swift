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

    /// Nobody in particular.
    package static let anonymous = UserInfo(name: "system:anonymous", groups: ["system:unauthenticated"])

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

/// Everybody who is known may do everything; the unknown may ask for the version.
package struct AllowAuthenticated: Authorizer {
    package init() {}

    package func denial(_ attributes: AccessAttributes) async -> String? {
        if attributes.user.groups.contains("system:authenticated") { return nil }
        let isOpen = attributes.resource == nil && ["/version", "/version/"].contains(attributes.path)
        return isOpen ? nil : ""
    }
}
