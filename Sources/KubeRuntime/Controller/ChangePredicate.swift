import KubeCore

/// Which changes of an object are worth a reconciliation.
///
/// A predicate saves work and must not be relied on for correctness: what it drops is not seen before the next change.
public struct ChangePredicate<Object: Sendable>: Sendable {
    let matches: @Sendable (ObjectChange<Object>, ObjectKind<Object>) -> Bool

    /// - Parameter matches: whether the change counts.
    public init(_ matches: @escaping @Sendable (ObjectChange<Object>) -> Bool) {
        self.matches = { change, _ in matches(change) }
    }

    private init(
        onUpdate matches: @escaping @Sendable (_ old: ObjectMeta, _ new: ObjectMeta) -> Bool
    ) {
        self.matches = { change, kind in
            guard let old = change.old else { return true }
            return matches(kind.metadata(old), kind.metadata(change.object))
        }
    }

    /// Every change.
    public static var always: ChangePredicate {
        ChangePredicate { (_: ObjectChange<Object>) in true }
    }

    /// Additions, deletions, the beginning of a deletion, and changes of the desired state; not those of the status or
    /// of annotations. Kinds without a generation count always.
    public static var generationChanged: ChangePredicate {
        ChangePredicate(onUpdate: { old, new in
            new.generation == nil || old.generation != new.generation
                || old.deletionTimestamp != new.deletionTimestamp || old.finalizers != new.finalizers
        })
    }

    /// Additions, deletions, and changes of labels.
    public static var labelsChanged: ChangePredicate {
        ChangePredicate(onUpdate: { old, new in old.labels != new.labels })
    }

    /// Additions, deletions, and changes of annotations.
    public static var annotationsChanged: ChangePredicate {
        ChangePredicate(onUpdate: { old, new in old.annotations != new.annotations })
    }

    public func or(_ other: ChangePredicate) -> ChangePredicate {
        combined { [self] in matches($0, $1) || other.matches($0, $1) }
    }

    public func and(_ other: ChangePredicate) -> ChangePredicate {
        combined { [self] in matches($0, $1) && other.matches($0, $1) }
    }

    private func combined(
        _ matches: @escaping @Sendable (ObjectChange<Object>, ObjectKind<Object>) -> Bool
    ) -> ChangePredicate {
        ChangePredicate(exactly: matches)
    }

    private init(exactly matches: @escaping @Sendable (ObjectChange<Object>, ObjectKind<Object>) -> Bool) {
        self.matches = matches
    }
}
