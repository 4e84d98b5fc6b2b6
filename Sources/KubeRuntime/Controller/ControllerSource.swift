import KubeCore

/// Something whose changes lead to keys being reconciled.
public struct ControllerSource: Sendable {
    /// For logs and errors.
    let name: String
    let waitUntilSynced: @Sendable () async throws -> Void
    let subscribe: @Sendable (_ enqueue: @escaping @Sendable (ObjectKey, QueuePriority) -> Void) -> StoreSubscription

    /// The kind that the controller reconciles: the key is the object's own.
    public static func primary<Object>(
        _ informer: Informer<Object>, when predicate: ChangePredicate<Object> = .always
    ) -> ControllerSource {
        mapped(informer, when: predicate) { change in [change.key] }
    }

    /// A kind that the controller makes: the key is that of the controller in the object's `ownerReferences`, if it is
    /// of the kind `owner`. When an update moves the object from one owner to another, both are reconciled.
    public static func owned<Object>(
        _ informer: Informer<Object>, by owner: ResourceType, when predicate: ChangePredicate<Object> = .always
    ) -> ControllerSource {
        let kind = informer.store.kind
        return mapped(informer, when: predicate) { change in
            var keys: [ObjectKey] = []
            for object in [change.object, change.old].compactMap({ $0 }) {
                let metadata = kind.metadata(object)
                guard let reference = metadata.controller, owner.isReferred(toBy: reference) else { continue }
                let key = ObjectKey(namespace: owner.isNamespaced ? metadata.namespace : nil, name: reference.name)
                if !keys.contains(key) { keys.append(key) }
            }
            return keys
        }
    }

    /// Any kind, with the keys that a change of it concerns.
    ///
    /// - Parameter keys: called in the reflector's task; it must be quick, and may read stores.
    public static func mapped<Object>(
        _ informer: Informer<Object>, when predicate: ChangePredicate<Object> = .always,
        to keys: @escaping @Sendable (ObjectChange<Object>) -> [ObjectKey]
    ) -> ControllerSource {
        let store = informer.store
        return ControllerSource(
            name: store.kind.type.qualifiedName,
            waitUntilSynced: { try await store.waitUntilSynced() },
            subscribe: { enqueue in
                store.subscribe { change in
                    guard predicate.matches(change, store.kind) else { return }
                    for key in keys(change) { enqueue(key, change.isInitial ? .low : .normal) }
                }
            })
    }
}

extension ResourceType {
    /// Whether the reference is to this kind, in whatever version of its group.
    func isReferred(toBy reference: OwnerReference) -> Bool {
        reference.kind == kind && GroupVersion(apiVersion: reference.apiVersion)?.group == group
    }
}
