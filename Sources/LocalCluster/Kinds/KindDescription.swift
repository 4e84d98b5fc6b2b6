import KubeCore

/// Everything the API server needs to serve one kind, built-in or custom.
///
/// The server is one generic registry: it stores, versions, lists and watches; what differs between kinds is here. A
/// custom definition becomes a description with `CustomKindStrategy`; the built-in ones are in `BuiltInKinds.all`.
package struct KindDescription: Sendable {
    package var group: String
    package var names: KindNames
    package var isNamespaced: Bool
    /// In order of preference; exactly one is the storage version.
    package var versions: [KindVersion]
    package var strategy: any KindStrategy
    /// False for built-in kinds. Custom kinds differ in: strategic merge patch refused, kind and apiVersion needed in
    /// bodies.
    package var isCustom: Bool
    /// What main-resource requests are served. A kind with no `get` is virtual: it is answered, never stored
    /// (reviews, bindings).
    package var verbs: Set<KindVerb>
    /// Another description whose objects these are (events.k8s.io events are v1 events); `strategy.fromStored` and
    /// `toStored` convert. nil when the kind has storage of its own.
    package var storedAs: ResourceType?

    package init(
        group: String, names: KindNames, isNamespaced: Bool, versions: [KindVersion], strategy: any KindStrategy,
        isCustom: Bool = false, verbs: Set<KindVerb> = KindVerb.all, storedAs: ResourceType? = nil
    ) {
        self.group = group
        self.names = names
        self.isNamespaced = isNamespaced
        self.versions = versions
        self.strategy = strategy
        self.isCustom = isCustom
        self.verbs = verbs
        self.storedAs = storedAs
    }

    package func version(_ name: String) -> KindVersion? { versions.first { $0.name == name } }

    package var storageVersion: KindVersion? { versions.first { $0.isStorage } }

    package var isVirtual: Bool { !verbs.contains(.get) }

    /// `pods`, `deployments.apps`: as error messages name the resource.
    package var qualifiedPlural: String { group.isEmpty ? names.plural : "\(names.plural).\(group)" }

    package func resourceType(version: String) -> ResourceType {
        ResourceType(group: group, version: version, kind: names.kind, plural: names.plural, isNamespaced: isNamespaced)
    }
}

package struct KindNames: Sendable, Hashable {
    package var kind: String
    package var listKind: String
    package var plural: String
    package var singular: String
    package var shortNames: [String]
    package var categories: [String]

    /// `listKind` and `singular` follow from `kind` when nil.
    package init(
        kind: String, plural: String, listKind: String? = nil, singular: String? = nil, shortNames: [String] = [],
        categories: [String] = []
    ) {
        self.kind = kind
        self.listKind = listKind ?? kind + "List"
        self.plural = plural
        self.singular = singular ?? kind.lowercased()
        self.shortNames = shortNames
        self.categories = categories
    }
}

package enum KindVerb: String, Sendable, Hashable, CaseIterable {
    case create, delete, deletecollection, get, list, patch, update, watch

    package static let all = Set(KindVerb.allCases)
}

package struct KindVersion: Sendable {
    package var name: String
    package var isServed: Bool
    package var isStorage: Bool
    package var schema: Schema
    package var subresources: [Subresource]
    package var printerColumns: [PrinterColumn]
    /// Dotted paths (`spec.nodeName`) that field selectors may name besides metadata.name and metadata.namespace.
    package var selectableFields: [String]
    package var isDeprecated: Bool
    package var deprecationWarning: String?

    package init(
        name: String, isServed: Bool = true, isStorage: Bool = true, schema: Schema, subresources: [Subresource] = [],
        printerColumns: [PrinterColumn] = [], selectableFields: [String] = [], isDeprecated: Bool = false,
        deprecationWarning: String? = nil
    ) {
        self.name = name
        self.isServed = isServed
        self.isStorage = isStorage
        self.schema = schema
        self.subresources = subresources
        self.printerColumns = printerColumns
        self.selectableFields = selectableFields
        self.isDeprecated = isDeprecated
        self.deprecationWarning = deprecationWarning
    }

    package func subresource(_ name: String) -> Subresource? { subresources.first { $0.name == name } }

    package var hasStatus: Bool { subresource("status") != nil }

    package var scale: ScalePaths? { subresource("scale")?.scale }
}

/// A path under an object: `status`, `scale`, `binding` …
package struct Subresource: Sendable, Hashable {
    package var name: String
    /// The kind that its bodies have, when it is not the parent's: (`policy`, `v1`, `Eviction`).
    package var group: String?
    package var version: String?
    package var kind: String?
    /// Of `get`, `patch`, `update`, `create`, sorted.
    package var verbs: [String]
    package var scale: ScalePaths?

    package init(
        _ name: String, group: String? = nil, version: String? = nil, kind: String? = nil, verbs: [String],
        scale: ScalePaths? = nil
    ) {
        self.name = name
        self.group = group
        self.version = version
        self.kind = kind
        self.verbs = verbs
        self.scale = scale
    }

    package static let status = Subresource("status", verbs: ["get", "patch", "update"])

    package static func scale(_ paths: ScalePaths) -> Subresource {
        Subresource(
            "scale", group: "autoscaling", version: "v1", kind: "Scale", verbs: ["get", "patch", "update"], scale: paths
        )
    }
}

/// Where the numbers of autoscaling/v1 Scale live in the object, as key paths without a leading dot.
package struct ScalePaths: Sendable, Hashable {
    package var specReplicas: [String]
    package var statusReplicas: [String]
    /// A string (custom kinds) or a LabelSelector (built-in kinds).
    package var labelSelector: [String]?

    package init(specReplicas: [String], statusReplicas: [String], labelSelector: [String]? = nil) {
        self.specReplicas = specReplicas
        self.statusReplicas = statusReplicas
        self.labelSelector = labelSelector
    }

    package static let usual = ScalePaths(
        specReplicas: ["spec", "replicas"], statusReplicas: ["status", "replicas"], labelSelector: ["spec", "selector"])
}

/// A column of `kubectl get` for custom kinds (`additionalPrinterColumns`).
package struct PrinterColumn: Sendable, Hashable {
    package var name: String
    /// integer, number, string, boolean or date.
    package var type: String
    package var format: String
    package var description: String
    /// 0 is always shown, greater only with `-o wide`.
    package var priority: Int
    package var jsonPath: String

    package init(
        name: String, type: String, format: String = "", description: String = "", priority: Int = 0, jsonPath: String
    ) {
        self.name = name
        self.type = type
        self.format = format
        self.description = description
        self.priority = priority
        self.jsonPath = jsonPath
    }
}
