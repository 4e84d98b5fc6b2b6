import KubeCore

/// What the server serves, as clients ask for it: group by group, or all at once (aggregated).
package final class Discovery: Sendable {
    private let kinds: KindTable

    package init(_ kinds: KindTable) {
        self.kinds = kinds
    }

    package static let versionInfo: JSON = [
        "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36",
        "minCompatibilityMajor": "1", "minCompatibilityMinor": "35", "gitVersion": "v1.36.0+flowengine",
        "gitCommit": "", "gitTreeState": "clean", "buildDate": "2026-01-01T00:00:00Z", "goVersion": "none",
        "compiler": "gc", "platform": "linux/amd64",
    ]

    /// The document of `/`.
    var paths: JSON {
        var list = ["/api", "/api/v1", "/apis", "/apis/"]
        for (group, versions) in kinds.groups where !group.isEmpty {
            list.append("/apis/\(group)")
            list += versions.map { "/apis/\(group)/\($0)" }
        }
        list += ["/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"]
        return ["paths": .array(list.map(JSON.string))]
    }

    /// Whether a path without resources names something.
    func isKnown(_ segments: [String]) -> Bool {
        switch segments.first {
        case "api": return segments.count == 1 || (segments.count == 2 && segments[1] == "v1")
        case "apis":
            return segments.count == 1 || kinds.groups.contains { $0.name == segments[1] && !$0.name.isEmpty }
        case "version": return segments.count == 1
        default: return false
        }
    }

    /// The answer for a resource that is not there: plain text when nobody owns the group, else a Status.
    func unknown(group: String) -> HTTPAnswer {
        let isBuiltIn = kinds.kinds.contains { $0.group == group && !$0.isCustom }
        return isBuiltIn ? .failure(.unknownResource) : .pageNotFound
    }

    func answer(_ call: HTTPCall) throws(Status) -> HTTPAnswer {
        let segments = call.target.segments
        switch (segments[0], segments.count) {
        case ("api", 1), ("apis", 1):
            if let version = Self.aggregatedVersion(call.accept) {
                return aggregated(core: segments[0] == "api", version: version, call)
            }
            return .json(200, segments[0] == "api" ? Self.coreVersions : groupList, try format(call))
        case ("api", 2):
            return try resourceList(call, group: "", version: segments[1])
        case ("apis", 2):
            guard let group = group(segments[1]) else { return .pageNotFound }
            return .json(200, group, try format(call))
        case ("apis", 3):
            return try resourceList(call, group: segments[1], version: segments[2])
        default:
            return .pageNotFound
        }
    }

    private func format(_ call: HTTPCall) throws(Status) -> AnswerFormat {
        try Negotiation.answer(call.accept, transforms: false)
    }

    private static let coreVersions: JSON = [
        "kind": "APIVersions", "versions": ["v1"],
        "serverAddressByClientCIDRs": [["clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1"]],
    ]

    private var groupList: JSON {
        [
            "kind": "APIGroupList", "apiVersion": "v1",
            "groups": .array(kinds.groups.filter { !$0.name.isEmpty }.map(Self.describe)),
        ]
    }

    private static func describe(_ group: (name: String, versions: [String])) -> JSON {
        let versions = group.versions.map { version -> JSON in
            ["groupVersion": .string("\(group.name)/\(version)"), "version": .string(version)]
        }
        return [
            "name": .string(group.name), "versions": .array(versions), "preferredVersion": versions.first ?? .null,
        ]
    }

    private func group(_ name: String) -> JSON? {
        guard let found = kinds.groups.first(where: { $0.name == name && !name.isEmpty }) else { return nil }
        var json: JSONObject = ["kind": "APIGroup", "apiVersion": "v1"]
        for (key, value) in Self.describe(found).objectValue ?? JSONObject() { json[key] = value }
        return .object(json)
    }

    // MARK: One version

    private func resourceList(_ call: HTTPCall, group: String, version: String) throws(Status) -> HTTPAnswer {
        let served = kinds.kinds.filter { $0.group == group && $0.version(version)?.isServed == true }
        guard !served.isEmpty else { return unknown(group: group) }
        var resources: [JSON] = []
        for kind in served {
            guard let described = kind.version(version) else { continue }
            resources.append(Self.resource(kind))
            for subresource in described.subresources {
                resources.append(Self.resource(kind, subresource))
            }
        }
        var list: JSONObject = ["kind": "APIResourceList"]
        // As the real server: the core group's list says no apiVersion.
        if !group.isEmpty { list["apiVersion"] = "v1" }
        list["groupVersion"] = .string(group.isEmpty ? version : "\(group)/\(version)")
        list["resources"] = .array(resources)
        return .json(200, .object(list), try format(call))
    }

    static func verbs(_ kind: KindDescription) -> [String] {
        if kind.isCustom {
            // In the order in which the real server writes them.
            return ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]
        }
        return kind.verbs.map(\.rawValue).sorted()
    }

    private static func resource(_ kind: KindDescription) -> JSON {
        var json: JSONObject = [
            "name": .string(kind.names.plural), "singularName": .string(kind.names.singular),
            "namespaced": .bool(kind.isNamespaced), "kind": .string(kind.names.kind),
            "verbs": .array(verbs(kind).map(JSON.string)),
        ]
        if !kind.names.shortNames.isEmpty { json["shortNames"] = .array(kind.names.shortNames.map(JSON.string)) }
        if !kind.names.categories.isEmpty { json["categories"] = .array(kind.names.categories.map(JSON.string)) }
        return .object(json)
    }

    private static func resource(_ kind: KindDescription, _ subresource: Subresource) -> JSON {
        var json: JSONObject = [
            "name": .string("\(kind.names.plural)/\(subresource.name)"), "singularName": "",
            "namespaced": .bool(kind.isNamespaced),
        ]
        json["group"] = subresource.group.map(JSON.string)
        json["version"] = subresource.version.map(JSON.string)
        json["kind"] = .string(subresource.kind ?? kind.names.kind)
        json["verbs"] = .array(subresource.verbs.map(JSON.string))
        return .object(json)
    }

    // MARK: Aggregated

    /// `v2` or `v2beta1` when the client prefers the aggregated form.
    private static func aggregatedVersion(_ accept: String?) -> String? {
        guard let accept else { return nil }
        for media in Negotiation.accepted(accept) {
            guard media.type == "application/json" || media.type == "*/*" else { continue }
            guard media.parameters["as"] == "APIGroupDiscoveryList" else { return nil }
            if media.parameters["g"] == "apidiscovery.k8s.io", let version = media.parameters["v"],
                version == "v2" || version == "v2beta1"
            {
                return version
            }
        }
        return nil
    }

    private func aggregated(core: Bool, version: String, _ call: HTTPCall) -> HTTPAnswer {
        let items = kinds.groups.filter { $0.name.isEmpty == core }.map { group -> JSON in
            let versions = group.versions.map { name -> JSON in
                [
                    "version": .string(name), "resources": .array(aggregatedResources(group.name, name)),
                    "freshness": "Current",
                ]
            }
            return [
                "metadata": core
                    ? ["creationTimestamp": nil] : ["name": .string(group.name), "creationTimestamp": nil],
                "versions": .array(versions),
            ]
        }
        let document: JSON = [
            "kind": "APIGroupDiscoveryList", "apiVersion": .string("apidiscovery.k8s.io/\(version)"),
            "metadata": [:], "items": .array(items),
        ]
        let bytes = document.encoded()
        let type = "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList"
        return .tagged(bytes, contentType: type, ifNoneMatch: call.ifNoneMatch)
    }

    private func aggregatedResources(_ group: String, _ version: String) -> [JSON] {
        kinds.kinds.compactMap { kind in
            guard kind.group == group, let described = kind.version(version), described.isServed else { return nil }
            // Built-in kinds leave group and version to the list around them.
            func responseKind(_ subresource: Subresource?) -> JSON {
                [
                    "group": .string(subresource?.group ?? (kind.isCustom ? group : "")),
                    "version": .string(subresource?.version ?? (kind.isCustom ? version : "")),
                    "kind": .string(subresource?.kind ?? kind.names.kind),
                ]
            }
            var json: JSONObject = [
                "resource": .string(kind.names.plural), "responseKind": responseKind(nil),
                "scope": kind.isNamespaced ? "Namespaced" : "Cluster",
                "singularResource": .string(kind.names.singular),
                "verbs": .array(Self.verbs(kind).map(JSON.string)),
            ]
            if !kind.names.shortNames.isEmpty {
                json["shortNames"] = .array(kind.names.shortNames.map(JSON.string))
            }
            if !kind.names.categories.isEmpty {
                json["categories"] = .array(kind.names.categories.map(JSON.string))
            }
            if !described.subresources.isEmpty {
                json["subresources"] = .array(
                    described.subresources.map { subresource in
                        [
                            "subresource": .string(subresource.name), "responseKind": responseKind(subresource),
                            "verbs": .array(subresource.verbs.map(JSON.string)),
                        ]
                    })
            }
            return .object(json)
        }
    }
}
