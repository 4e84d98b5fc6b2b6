import KubeCore

/// One page of a list, as states in storage.
package struct ListPage: Sendable {
    package var objects: [StoredObject]
    package var revision: UInt64
    package var continueToken: String?
    package var remaining: Int64?
}

package enum ListOutcome: Sendable {
    case page(ListPage)
    /// The continue token's revision is gone; the token given goes on at the present.
    case continueExpired(token: String)
}

/// What a list or watch selects.
struct Selection: Sendable {
    /// Empty for all.
    var namespace: String
    var labels: LabelSelector?
    var fields: FieldSelector?

    var selectsAll: Bool { labels == nil && fields == nil }

    func matches(_ object: StoredObject) -> Bool {
        if !namespace.isEmpty, object.key.namespace != namespace { return false }
        if let labels, !labels.matches(object.attributes.labels) { return false }
        if let fields {
            return fields.matches { path in
                switch path {
                case "metadata.name": object.key.name
                case "metadata.namespace": object.key.namespace
                default: object.attributes.fields[path] ?? ""
                }
            }
        }
        return true
    }
}

extension Registry {
    /// A single object.
    ///
    /// - Parameter resourceVersion: the answer must not be older; "" and "0" ask for nothing.
    package func get(
        _ resource: Resource, namespace: String?, name: String, resourceVersion: String = ""
    ) throws(Status) -> StoredObject {
        if !resourceVersion.isEmpty {
            guard let wanted = UInt64(resourceVersion) else {
                throw .plain(Self.badVersion(resourceVersion))
            }
            let current = store.revision
            if wanted > current { throw .resourceVersionTooLarge(wanted, current: current) }
        }
        guard let object = store.get(resource.storage, ObjectKey(namespace: namespace, name: name)) else {
            throw .notFound(resource.type, name)
        }
        return object
    }

    static func badVersion(_ text: String) -> String {
        let why = "strconv.ParseUint: parsing \(FieldError.quoted(text)): invalid syntax"
        return "resourceVersion: Invalid value: \(FieldError.quoted(text)): \(why)"
    }

    func selection(_ resource: Resource, namespace: String?, _ options: ServerListOptions) throws(Status) -> Selection {
        for requirement in options.fieldSelector?.requirements ?? [] {
            let path = requirement.path
            if path == "metadata.name" || (path == "metadata.namespace" && resource.type.isNamespaced) { continue }
            if path == "metadata.namespace", !resource.kind.isCustom { continue }
            if !resource.version.selectableFields.contains(path) {
                throw .badRequest(Self.unsupportedField(path, resource))
            }
        }
        return Selection(
            namespace: namespace ?? "", labels: options.labelSelector, fields: options.fieldSelector)
    }

    private static func unsupportedField(_ path: String, _ resource: Resource) -> String {
        if !resource.kind.isCustom, resource.version.selectableFields.isEmpty {
            return
                "\(FieldError.quoted(path)) is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
        }
        return "field label not supported: \(path)"
    }

    /// A page of a list.
    package func list(
        _ resource: Resource, namespace: String?, _ options: ServerListOptions
    ) throws(Status) -> ListOutcome {
        let selection = try selection(resource, namespace: namespace, options)
        if let text = options.continueToken {
            if !options.resourceVersion.isEmpty, options.resourceVersion != "0" {
                throw .badRequest("specifying resource version is not allowed when using continue")
            }
            let token = try ContinueToken(parsing: text)
            let start = selection.namespace.isEmpty ? token.start : "\(selection.namespace)/\(token.start)"
            let at = token.revision < 0 ? nil : UInt64(clamping: token.revision)
            switch store.snapshot(resource.storage, at: at) {
            case .expired:
                return .continueExpired(token: ContinueToken(revision: -1, start: token.start).text)
            case .future(let current):
                throw .resourceVersionTooLarge(at ?? 0, current: current)
            case .objects(let objects, let revision):
                return .page(page(objects, revision, selection, start: start, limit: options.limit))
            }
        }
        var exact: UInt64?
        if !options.resourceVersion.isEmpty, options.resourceVersion != "0" {
            guard let wanted = UInt64(options.resourceVersion) else {
                throw .badRequest("invalid resource version: \(Self.badVersion(options.resourceVersion))")
            }
            let current = store.revision
            if wanted > current { throw .resourceVersionTooLarge(wanted, current: current) }
            if options.match == .exact { exact = wanted }
        }
        switch store.snapshot(resource.storage, at: exact) {
        case .expired: throw .expired("The resourceVersion for the provided list is too old.")
        case .future(let current): throw .resourceVersionTooLarge(exact ?? 0, current: current)
        case .objects(let objects, let revision):
            return .page(page(objects, revision, selection, start: nil, limit: options.limit))
        }
    }

    private func page(
        _ objects: [StoredObject], _ revision: UInt64, _ selection: Selection, start: String?, limit: Int
    ) -> ListPage {
        var first = start.map { start in Self.firstIndex(of: objects, notBefore: start) } ?? 0
        var end = objects.count
        if !selection.namespace.isEmpty {
            // Names hold no character before "/" that would put another namespace between.
            first = max(first, Self.firstIndex(of: objects, notBefore: selection.namespace + "/"))
            end = Self.firstIndex(of: objects, notBefore: selection.namespace + "0")
        }
        guard first < end else { return ListPage(objects: [], revision: revision) }
        let range = objects[first..<end]
        var matching =
            selection.selectsAll
            ? Array(range) : range.filter { selection.matches($0) }
        guard limit > 0, matching.count > limit, let last = matching.prefix(limit).last else {
            return ListPage(objects: matching, revision: revision)
        }
        let rest = matching.count - limit
        matching.removeLast(rest)
        let relative = selection.namespace.isEmpty ? last.path : last.key.name
        let token = ContinueToken(revision: Int64(clamping: revision), start: relative + "\0")
        return ListPage(
            objects: matching, revision: revision, continueToken: token.text,
            remaining: selection.selectsAll ? Int64(rest) : nil)
    }

    private static func firstIndex(of objects: [StoredObject], notBefore path: String) -> Int {
        var low = 0
        var high = objects.count
        while low < high {
            let middle = (low + high) / 2
            if objects[middle].path < path { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
