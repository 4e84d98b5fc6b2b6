import KubeCore

extension JSON {
    /// A field of the metadata.
    func meta(_ field: String) -> JSON? { self["metadata"]?[field] }

    mutating func setMeta(_ field: String, _ value: JSON?) {
        if value == nil, meta(field) == nil { return }
        set(value, at: ["metadata", field])
    }

    var metaName: String { meta("name")?.stringValue ?? "" }
    var metaNamespace: String { meta("namespace")?.stringValue ?? "" }
    var metaUID: String { meta("uid")?.stringValue ?? "" }
    var metaResourceVersion: String { meta("resourceVersion")?.stringValue ?? "" }
    var finalizers: [String] { meta("finalizers")?.arrayValue?.compactMap(\.stringValue) ?? [] }
    var isBeingDeleted: Bool { meta("deletionTimestamp")?.stringValue != nil }

    mutating func setFinalizers(_ finalizers: [String]) {
        setMeta("finalizers", finalizers.isEmpty ? nil : .array(finalizers.map(JSON.string)))
    }

    var metaLabels: [String: String] {
        var labels: [String: String] = [:]
        for (key, value) in meta("labels")?.objectValue ?? JSONObject() { labels[key] = value.stringValue ?? "" }
        return labels
    }
}
