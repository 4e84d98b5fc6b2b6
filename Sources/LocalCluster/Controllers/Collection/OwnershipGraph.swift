import KubeCore

/// Who owns whom, over all kinds: the memory of the garbage collector. A value without I/O.
struct OwnershipGraph: Sendable {
    struct Node: Sendable, Equatable {
        var type: ResourceType
        var namespace: String
        var name: String
        var owners: [OwnerReference]
        /// Whether it waits for its dependents to be deleted, or to be let go.
        var isForeground: Bool
        var isOrphaning: Bool
        var isBeingDeleted: Bool
    }

    private(set) var nodes: [String: Node] = [:]
    private(set) var dependents: [String: Set<String>] = [:]

    /// Takes in an object as it is now.
    ///
    /// - Returns: the uids to look at.
    mutating func put(_ object: JSON, type: ResourceType) -> Set<String> {
        let view = DynamicObject(object)
        guard let uid = view.uid else { return [] }
        let isBeingDeleted = view.deletionTimestamp != nil
        let finalizers = isBeingDeleted ? view.finalizers : []
        let node = Node(
            type: type, namespace: view.namespace ?? "", name: view.name, owners: view.ownerReferences,
            isForeground: finalizers.contains("foregroundDeletion"), isOrphaning: finalizers.contains("orphan"),
            isBeingDeleted: isBeingDeleted)
        let old = nodes[uid]
        if old == node { return [] }
        unlink(uid)
        nodes[uid] = node
        for owner in node.owners { dependents[owner.uid, default: []].insert(uid) }
        var affected: Set<String> = []
        if node.isForeground || node.isOrphaning || !node.owners.isEmpty { affected.insert(uid) }
        // An owner that waits for this one may have lost it.
        for owner in old?.owners ?? [] where nodes[owner.uid]?.isForeground == true { affected.insert(owner.uid) }
        for owner in node.owners where nodes[owner.uid]?.isForeground == true { affected.insert(owner.uid) }
        return affected
    }

    /// Takes out an object that is gone.
    mutating func remove(_ uid: String) -> Set<String> {
        guard let old = nodes[uid] else { return [] }
        unlink(uid)
        nodes[uid] = nil
        var affected = dependents[uid] ?? []
        for owner in old.owners where nodes[owner.uid] != nil { affected.insert(owner.uid) }
        return affected
    }

    /// All of a kind as they are now; those that are not among them are gone.
    mutating func replace(_ objects: [JSON], type: ResourceType) -> Set<String> {
        var affected: Set<String> = []
        let present = Set(objects.compactMap { DynamicObject($0).uid })
        for (uid, node) in nodes where node.type == type && !present.contains(uid) { affected.formUnion(remove(uid)) }
        for object in objects { affected.formUnion(put(object, type: type)) }
        return affected
    }

    private mutating func unlink(_ uid: String) {
        for owner in nodes[uid]?.owners ?? [] {
            dependents[owner.uid]?.remove(uid)
            if dependents[owner.uid]?.isEmpty == true { dependents[owner.uid] = nil }
        }
    }

    /// Whether this is the object that the reference of an object in `namespace` means. A uid from another namespace is none.
    func holds(_ owner: OwnerReference, from namespace: String) -> Node? {
        guard let node = nodes[owner.uid], node.name == owner.name, node.type.kind == owner.kind,
            node.namespace.isEmpty || node.namespace == namespace
        else { return nil }
        return node
    }
}
