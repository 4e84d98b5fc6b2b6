/// What a list or a watch is to contain.
public struct ListOptions: Sendable, Hashable {
    /// In the syntax of `kubectl -l`; see `LabelSelector`.
    public var labelSelector: String?
    /// In the syntax of `kubectl --field-selector`; see `FieldSelector`.
    public var fieldSelector: String?
    /// At most so many objects a page; the answer's `metadata.continue` asks for the next.
    public var limit: Int64?
    public var continueToken: String?
    /// Of a list: how fresh it has to be (`0`: anything the server has cached). Of a watch: where to begin, exclusive.
    public var resourceVersion: String?
    /// `NotOlderThan` or `Exact`.
    public var resourceVersionMatch: String?
    /// After this the server ends the watch, or gives up the list.
    public var timeoutSeconds: Int64?
    public var allowWatchBookmarks: Bool
    /// Of a watch: begin with the present objects and mark their end by a bookmark (a streaming list).
    public var sendInitialEvents: Bool?

    public init(
        labelSelector: String? = nil, fieldSelector: String? = nil, limit: Int64? = nil, continueToken: String? = nil,
        resourceVersion: String? = nil, resourceVersionMatch: String? = nil, timeoutSeconds: Int64? = nil,
        allowWatchBookmarks: Bool = false, sendInitialEvents: Bool? = nil
    ) {
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
        self.limit = limit
        self.continueToken = continueToken
        self.resourceVersion = resourceVersion
        self.resourceVersionMatch = resourceVersionMatch
        self.timeoutSeconds = timeoutSeconds
        self.allowWatchBookmarks = allowWatchBookmarks
        self.sendInitialEvents = sendInitialEvents
    }

    var query: [(String, String)] {
        var query: [(String, String)] = []
        func add(_ name: String, _ value: String?) {
            if let value, !value.isEmpty { query.append((name, value)) }
        }
        add("labelSelector", labelSelector)
        add("fieldSelector", fieldSelector)
        add("limit", limit.map { String($0) })
        add("continue", continueToken)
        add("resourceVersion", resourceVersion)
        add("resourceVersionMatch", resourceVersionMatch)
        add("timeoutSeconds", timeoutSeconds.map { String($0) })
        if allowWatchBookmarks { add("allowWatchBookmarks", "true") }
        add("sendInitialEvents", sendInitialEvents.map { $0 ? "true" : "false" })
        return query
    }
}

/// Options of a create, a replace or a patch.
public struct WriteOptions: Sendable, Hashable {
    /// Everything but storing.
    public var dryRun: Bool
    /// Who owns the fields that are written; the user agent's name when not given.
    public var fieldManager: String?
    /// What to do with unknown and repeated fields: `Ignore`, `Warn` (the server's default) or `Strict`.
    public var fieldValidation: String?

    public init(dryRun: Bool = false, fieldManager: String? = nil, fieldValidation: String? = nil) {
        self.dryRun = dryRun
        self.fieldManager = fieldManager
        self.fieldValidation = fieldValidation
    }

    var query: [(String, String)] {
        var query: [(String, String)] = []
        if dryRun { query.append(("dryRun", "All")) }
        if let fieldManager { query.append(("fieldManager", fieldManager)) }
        if let fieldValidation { query.append(("fieldValidation", fieldValidation)) }
        return query
    }
}

public enum PropagationPolicy: String, Sendable, Hashable {
    /// Dependents stay and lose their owner.
    case orphan = "Orphan"
    /// Dependents go afterwards.
    case background = "Background"
    /// Dependents go first.
    case foreground = "Foreground"
}

public struct DeleteOptions: Sendable, Hashable {
    public var gracePeriodSeconds: Int64?
    public var propagationPolicy: PropagationPolicy?
    /// Delete only this very object, not a later one of the same name.
    public var preconditionUID: String?
    public var preconditionResourceVersion: String?
    public var dryRun: Bool

    public init(
        gracePeriodSeconds: Int64? = nil, propagationPolicy: PropagationPolicy? = nil, preconditionUID: String? = nil,
        preconditionResourceVersion: String? = nil, dryRun: Bool = false
    ) {
        self.gracePeriodSeconds = gracePeriodSeconds
        self.propagationPolicy = propagationPolicy
        self.preconditionUID = preconditionUID
        self.preconditionResourceVersion = preconditionResourceVersion
        self.dryRun = dryRun
    }

    /// The body of the request.
    public var json: JSON {
        var object: JSONObject = ["kind": "DeleteOptions", "apiVersion": "v1"]
        object["gracePeriodSeconds"] = gracePeriodSeconds.map(JSON.int)
        object["propagationPolicy"] = propagationPolicy.map { .string($0.rawValue) }
        var preconditions = JSONObject()
        preconditions["uid"] = preconditionUID.map(JSON.string)
        preconditions["resourceVersion"] = preconditionResourceVersion.map(JSON.string)
        if !preconditions.isEmpty { object["preconditions"] = .object(preconditions) }
        if dryRun { object["dryRun"] = ["All"] }
        return .object(object)
    }
}

/// How the body of a patch is meant.
public enum PatchType: Sendable, Hashable {
    /// RFC 7386.
    case merge
    /// RFC 6902.
    case json
    /// Kubernetes' own, by the merge keys of built-in kinds; custom kinds have none.
    case strategic
    /// Server-side apply: the body is all that the manager wants; `force` takes fields from other managers.
    case apply(manager: String, force: Bool)

    public var contentType: String {
        switch self {
        case .merge: "application/merge-patch+json"
        case .json: "application/json-patch+json"
        case .strategic: "application/strategic-merge-patch+json"
        // JSON is YAML.
        case .apply: "application/apply-patch+yaml"
        }
    }
}
