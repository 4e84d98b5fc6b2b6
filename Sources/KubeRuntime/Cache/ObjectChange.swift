/// A change of one object in a store.
///
/// Changes of one key come in order. They are level-triggered news: several changes on the server may arrive as one,
/// and a handler must not depend on seeing each of them.
public struct ObjectChange<Object: Sendable>: Sendable {
    public enum Kind: Sendable, Hashable {
        case added
        case updated
        case deleted
    }

    public let kind: Kind
    public let key: ObjectKey
    /// The object as it is now or, when it was deleted, as it last was known.
    public let object: Object
    /// The object as it was before an update.
    public let old: Object?
    /// True for what was there when the store was first filled or when the subscription began.
    public let isInitial: Bool

    public init(kind: Kind, key: ObjectKey, object: Object, old: Object? = nil, isInitial: Bool = false) {
        self.kind = kind
        self.key = key
        self.object = object
        self.old = old
        self.isInitial = isInitial
    }
}
