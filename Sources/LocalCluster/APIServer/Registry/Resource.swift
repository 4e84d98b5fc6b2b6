import KubeCore
import Synchronization

/// One version of one kind, as requests name it.
package struct Resource: Sendable {
    package let kind: KindDescription
    package let version: KindVersion
    package let type: ResourceType
    package let label: TypeLabel
    /// Where the objects are; the place of another kind when that one stores them.
    package let storage: GroupResource
    /// How objects are labelled before a strategy converts them: the storage version.
    let storedLabel: TypeLabel
    /// Objects of a custom kind written before this revision may lack defaults of the present schema.
    let definedAt: UInt64
    /// Of a custom kind.
    let customSchema: CustomResourceSchema?
    /// The definition of the custom kind is going: nothing new may be made.
    let isTerminating: Bool

    init(
        kind: KindDescription, version: KindVersion, definedAt: UInt64, customSchema: CustomResourceSchema? = nil,
        isTerminating: Bool = false
    ) {
        self.customSchema = customSchema
        self.isTerminating = isTerminating
        self.kind = kind
        self.version = version
        self.definedAt = definedAt
        let type = kind.resourceType(version: version.name)
        self.type = type
        label = TypeLabel(kind: type.kind, apiVersion: type.apiVersion)
        let stored = kind.storedAs ?? kind.resourceType(version: (kind.storageVersion ?? version).name)
        storage = GroupResource(group: stored.group, resource: stored.plural)
        storedLabel = TypeLabel(kind: stored.kind, apiVersion: stored.apiVersion)
    }

    package var strategy: any KindStrategy { kind.strategy }

    /// Whether the stored bytes are what this version shows, kind and apiVersion aside.
    func showsStoredBytes(of object: StoredObject) -> Bool {
        kind.storedAs == nil && (!kind.isCustom || object.revision >= definedAt)
    }

    /// `Pod`, `Widget.example.dev`: as messages about invalid objects call the kind.
    var qualifiedKind: String { type.group.isEmpty ? type.kind : "\(type.kind).\(type.group)" }
}

/// The kinds served now. Built-in kinds are there from the start; custom kinds come and go with their definitions.
package final class KindTable: Sendable {
    private struct Key: Hashable {
        let group: String
        let version: String
        let plural: String
    }

    private struct State {
        var kinds: [KindDescription] = []
        var resources: [Key: Resource] = [:]
        /// Rises with every change.
        var generation = 1
        /// What each custom kind was made from, by its qualified plural.
        var sources: [String: JSON] = [:]
    }

    private let state: Mutex<State>

    package init(_ kinds: [KindDescription]) {
        var state = State()
        for kind in kinds {
            state.kinds.append(kind)
            for version in kind.versions where version.isServed {
                let key = Key(group: kind.group, version: version.name, plural: kind.names.plural)
                state.resources[key] = Resource(kind: kind, version: version, definedAt: 0)
            }
        }
        self.state = Mutex(state)
    }

    /// A number that changes with every change of the table.
    package var generation: Int { state.withLock { $0.generation } }

    package var kinds: [KindDescription] { state.withLock { $0.kinds } }

    package func resource(group: String, version: String, plural: String) -> Resource? {
        state.withLock { $0.resources[Key(group: group, version: version, plural: plural)] }
    }

    package func resource(_ type: ResourceType) -> Resource? {
        resource(group: type.group, version: type.version, plural: type.plural)
    }

    /// The description of a kind by its plural, whatever the version.
    package func kind(group: String, plural: String) -> KindDescription? {
        state.withLock { state in state.kinds.first { $0.group == group && $0.names.plural == plural } }
    }

    /// A description by the kind's name.
    package func kind(group: String, kind: String) -> KindDescription? {
        state.withLock { state in state.kinds.first { $0.group == group && $0.names.kind == kind } }
    }

    /// The groups served, the core group first, each with its versions in order of preference.
    package var groups: [(name: String, versions: [String])] {
        var order: [String] = []
        var versions: [String: [String]] = [:]
        for kind in kinds {
            if versions[kind.group] == nil {
                order.append(kind.group)
                versions[kind.group] = []
            }
            for version in kind.versions where version.isServed {
                if versions[kind.group]?.contains(version.name) == false {
                    versions[kind.group]?.append(version.name)
                }
            }
        }
        return order.compactMap { group in
            let names = (versions[group] ?? []).sorted { VersionPriority($0) > VersionPriority($1) }
            return names.isEmpty ? nil : (group, names)
        }
    }

    /// Adds a custom kind or replaces its description.
    ///
    /// - Parameter definedAt: the store's revision now: what was written before is completed when it is read.
    /// - Parameter source: what the kind is made from: registering the same again changes nothing.
    /// - Returns: whether anything changed.
    @discardableResult
    func register(_ custom: CustomKind, source: JSON, definedAt: UInt64) -> Bool {
        let kind = custom.description
        return state.withLock { state in
            if state.sources[kind.qualifiedPlural] == source { return false }
            Self.remove(group: kind.group, plural: kind.names.plural, &state)
            state.sources[kind.qualifiedPlural] = source
            state.kinds.append(kind)
            for version in kind.versions where version.isServed {
                let key = Key(group: kind.group, version: version.name, plural: kind.names.plural)
                state.resources[key] = Resource(
                    kind: kind, version: version, definedAt: definedAt, customSchema: custom.schemas[version.name],
                    isTerminating: custom.isTerminating)
            }
            state.generation += 1
            return true
        }
    }

    package func unregister(group: String, plural: String) {
        state.withLock { state in
            Self.remove(group: group, plural: plural, &state)
            state.generation += 1
        }
    }

    private static func remove(group: String, plural: String, _ state: inout State) {
        for kind in state.kinds where kind.group == group && kind.names.plural == plural {
            state.sources[kind.qualifiedPlural] = nil
        }
        state.kinds.removeAll { $0.group == group && $0.names.plural == plural }
        state.resources = state.resources.filter { $0.key.group != group || $0.key.plural != plural }
    }
}

/// Kubernetes' order of version names: `v2 > v1 > v1beta2 > v1beta1 > v1alpha1`, then other names alphabetically.
package struct VersionPriority: Comparable {
    private let name: String
    /// stability 3 (general), 2 (beta), 1 (alpha), 0 (another form)
    private let rank: (stability: Int, major: Int, minor: Int)

    package init(_ name: String) {
        self.name = name
        rank = Self.rank(of: name)
    }

    private static func rank(of name: String) -> (Int, Int, Int) {
        guard name.hasPrefix("v") else { return (0, 0, 0) }
        let rest = name.dropFirst()
        for (word, stability) in [("beta", 2), ("alpha", 1)] {
            let parts = rest.split(separator: word, maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 {
                guard let major = Int(parts[0]), let minor = Int(parts[1]) else { return (0, 0, 0) }
                return (stability, major, minor)
            }
        }
        guard let major = Int(rest) else { return (0, 0, 0) }
        return (3, major, 0)
    }

    package static func == (left: VersionPriority, right: VersionPriority) -> Bool { left.name == right.name }

    package static func < (left: VersionPriority, right: VersionPriority) -> Bool {
        if left.rank != right.rank { return left.rank < right.rank }
        return left.name > right.name
    }
}
