import KubeCore

/// `metadata.managedFields`, decoded: who manages which fields by which operation.
struct ManagedFields {
    /// What tells managers apart. For Apply, the version is not part of it: a manager applies one configuration, in
    /// whatever version.
    struct Identity: Hashable {
        var manager: String
        var operation: String
        var apiVersion: String
        var subresource: String

        init(manager: String, operation: String, apiVersion: String, subresource: String) {
            self.manager = manager
            self.operation = operation
            self.apiVersion = operation == ManagedFields.apply ? "" : apiVersion
            self.subresource = subresource
        }

        /// As conflicts name it: `"kubectl" with subresource "status" using v1`.
        var text: String {
            var text = FieldError.quoted(manager)
            if !subresource.isEmpty { text += " with subresource \(FieldError.quoted(subresource))" }
            if operation == ManagedFields.update { text += " using \(apiVersion)" }
            return text
        }
    }

    struct Entry {
        var set: FieldSet
        var apiVersion: String
        /// RFC 3339; nil until a write of this manager changed something.
        var time: String?
    }

    static let apply = "Apply"
    static let update = "Update"

    var entries: [Identity: Entry] = [:]

    init() {}

    /// nil when an entry is not of the form that a server writes.
    init?(_ json: JSON?) {
        guard let json, !json.isNull else { return }
        guard let list = json.arrayValue else { return nil }
        for item in list {
            let operation = item.text("operation")
            guard operation == Self.apply || operation == Self.update,
                ["", "FieldsV1"].contains(item.text("fieldsType")),
                let set = FieldSet(fieldsV1: item["fieldsV1"] ?? .object([:]))
            else { return nil }
            let identity = Identity(
                manager: item.text("manager"), operation: operation, apiVersion: item.text("apiVersion"),
                subresource: item.text("subresource"))
            entries[identity] = Entry(set: set, apiVersion: item.text("apiVersion"), time: item["time"]?.stringValue)
        }
    }

    /// Sorted by operation, time and name; nil when there are none.
    var json: JSON? {
        guard !entries.isEmpty else { return nil }
        let sorted = entries.sorted { left, right in
            let (a, b) = (left.key, right.key)
            if a.operation != b.operation { return a.operation < b.operation }
            if left.value.time != right.value.time { return (left.value.time ?? "") < (right.value.time ?? "") }
            return (a.manager, left.value.apiVersion, a.subresource) < (
                b.manager, right.value.apiVersion, b.subresource
            )
        }
        return .array(
            sorted.map { identity, entry in
                var item: JSON = ["manager": .string(identity.manager), "operation": .string(identity.operation)]
                item["apiVersion"] = .string(entry.apiVersion)
                if let time = entry.time { item["time"] = .string(time) }
                item["fieldsType"] = "FieldsV1"
                item["fieldsV1"] = entry.set.fieldsV1
                if !identity.subresource.isEmpty { item["subresource"] = .string(identity.subresource) }
                return item
            })
    }

    /// Removes paths from a manager's set, and the manager when nothing is left.
    mutating func take(_ paths: FieldSet, from identity: Identity, recursively: Bool) {
        guard var entry = entries[identity] else { return }
        entry.set = recursively ? entry.set.recursiveDifference(paths) : entry.set.difference(paths)
        entries[identity] = entry.set.isEmpty ? nil : entry
    }

    /// More than `limit` managers of updates: the oldest are joined to one named `ancient-changes` for each version.
    mutating func limitUpdateManagers(to limit: Int = 10) {
        let updates = entries.filter { $0.key.operation == Self.update }
        guard updates.count > limit else { return }
        let oldest = updates.sorted {
            ($0.value.time ?? "", $0.key.manager) < ($1.value.time ?? "", $1.key.manager)
        }
        var surplus = updates.count - limit
        var bucketIsNew: Set<Identity> = []
        for (identity, entry) in oldest where surplus > 0 {
            let bucket = Identity(
                manager: "ancient-changes", operation: Self.update, apiVersion: entry.apiVersion, subresource: "")
            if identity == bucket { continue }
            entries[identity] = nil
            if var joined = entries[bucket] {
                joined.set = joined.set.union(entry.set)
                joined.time = max(joined.time ?? "", entry.time ?? "")
                entries[bucket] = joined
                surplus -= 1
            } else {
                entries[bucket] = entry
                bucketIsNew.insert(bucket)
            }
        }
    }
}
