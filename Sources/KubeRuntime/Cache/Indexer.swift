import KubeCore

/// A way to find the objects of a store by a value that is computed from them.
public struct Indexer<Object: Sendable>: Sendable {
    /// The name to look it up by; one store has one index of a name.
    public let name: String
    let values: @Sendable (Object, ObjectMeta) -> [String]

    /// - Parameter values: under which values the object is found; none leaves it out. It must depend on the object
    ///   alone.
    public init(name: String, values: @escaping @Sendable (Object, ObjectMeta) -> [String]) {
        self.name = name
        self.values = values
    }

    /// Objects by the UIDs of all their owners. Name: ``IndexName/ownerUID``.
    public static var ownerUID: Indexer {
        Indexer(name: IndexName.ownerUID) { _, metadata in metadata.ownerReferences?.map(\.uid) ?? [] }
    }

    /// Objects by the value of a label. Name: ``IndexName/label(_:)``.
    public static func label(_ label: String) -> Indexer {
        Indexer(name: IndexName.label(label)) { _, metadata in metadata.labels?[label].map { [$0] } ?? [] }
    }
}

/// The names of the indexes that come with this module.
public enum IndexName {
    public static let ownerUID = "owner-uid"

    public static func label(_ label: String) -> String { "label:\(label)" }
}
