import KubeCore

/// Collects kinds from discovery documents, old and new.
struct DiscoveryDocuments {
    private(set) var resources: [DiscoveredResource] = []
    var unavailable: [String: String] = [:]
    /// Versions are added in the order of preference: the first that has a kind is the preferred one for it.
    private var preferred: Set<GroupResource> = []

    private struct GroupResource: Hashable {
        let group: String
        let plural: String
    }

    /// `apidiscovery.k8s.io/v2 APIGroupDiscoveryList`; versions come in the order of preference.
    mutating func addAggregated(_ document: JSON) {
        for group in document["items"]?.arrayValue ?? [] {
            let name = group.at("metadata", "name")?.stringValue ?? ""
            for version in group["versions"]?.arrayValue ?? [] {
                guard let versionName = version["version"]?.stringValue else { continue }
                let groupVersion = GroupVersion(group: name, version: versionName)
                for resource in version["resources"]?.arrayValue ?? [] {
                    addAggregated(resource, groupVersion)
                }
            }
        }
    }

    private mutating func addAggregated(_ resource: JSON, _ groupVersion: GroupVersion) {
        guard let plural = resource["resource"]?.stringValue,
            let kind = resource.at("responseKind", "kind")?.stringValue
        else { return }
        let subresources = resource["subresources"]?.arrayValue ?? []
        add(
            ResourceType(
                group: groupVersion.group, version: groupVersion.version, kind: kind, plural: plural,
                isNamespaced: resource["scope"]?.stringValue == "Namespaced"),
            singular: resource["singularResource"], resource,
            subresources: subresources.compactMap { $0["subresource"]?.stringValue })
    }

    /// `v1 APIResourceList`; subresources are entries of their own, `pods/status`.
    mutating func addResourceList(_ list: JSON, _ groupVersion: GroupVersion) {
        let entries = list["resources"]?.arrayValue ?? []
        var subresources: [String: [String]] = [:]
        for entry in entries {
            let parts = (entry["name"]?.stringValue ?? "").split(separator: "/", maxSplits: 1)
            if parts.count == 2 { subresources[String(parts[0]), default: []].append(String(parts[1])) }
        }
        for entry in entries {
            guard let plural = entry["name"]?.stringValue, !plural.contains("/"),
                let kind = entry["kind"]?.stringValue
            else { continue }
            add(
                ResourceType(
                    group: groupVersion.group, version: groupVersion.version, kind: kind, plural: plural,
                    isNamespaced: entry["namespaced"]?.boolValue ?? false),
                singular: entry["singularName"], entry, subresources: subresources[plural] ?? [])
        }
    }

    private mutating func add(_ type: ResourceType, singular: JSON?, _ entry: JSON, subresources: [String]) {
        let isPreferred = preferred.insert(GroupResource(group: type.group, plural: type.plural)).inserted
        func strings(_ key: String) -> [String] { entry[key]?.arrayValue?.compactMap(\.stringValue) ?? [] }
        resources.append(
            DiscoveredResource(
                type: type, singular: singular?.stringValue ?? "", shortNames: strings("shortNames"),
                categories: strings("categories"), verbs: strings("verbs"), subresources: subresources,
                isPreferredVersion: isPreferred))
    }

    /// What an `APIVersions` or an `APIGroupList` names, each group's preferred version first.
    static func versions(_ document: JSON) -> [GroupVersion] {
        if let versions = document["versions"]?.arrayValue {
            return versions.compactMap(\.stringValue).map { GroupVersion(group: "", version: $0) }
        }
        return (document["groups"]?.arrayValue ?? []).flatMap { group in
            let preferred = group.at("preferredVersion", "groupVersion")?.stringValue
            let names = (group["versions"]?.arrayValue ?? []).compactMap { $0["groupVersion"]?.stringValue }
            let ordered = names.filter { $0 == preferred } + names.filter { $0 != preferred }
            return ordered.compactMap(GroupVersion.init(apiVersion:))
        }
    }
}
