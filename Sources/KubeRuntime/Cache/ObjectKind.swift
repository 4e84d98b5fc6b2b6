import KubeCore

/// How objects of one kind are read: what a store has to know of its element type.
///
/// Typed kinds come from ``typed(_:)``; anything else is a `DynamicObject`, from ``dynamic(_:)``.
public struct ObjectKind<Object: Sendable>: Sendable {
    public let type: ResourceType
    let decode: @Sendable (JSON) throws -> Object
    let metadata: @Sendable (Object) -> ObjectMeta

    /// - Parameters:
    ///   - decode: makes the value from the JSON of the object. What it throws puts the object into quarantine.
    ///   - metadata: the metadata of the value, for indexes and predicates.
    public init(
        type: ResourceType, decode: @escaping @Sendable (JSON) throws -> Object,
        metadata: @escaping @Sendable (Object) -> ObjectMeta
    ) {
        self.type = type
        self.decode = decode
        self.metadata = metadata
    }
}

extension ObjectKind where Object: KubeObject {
    public static func typed(_ type: Object.Type = Object.self) -> ObjectKind {
        ObjectKind(
            type: Object.resourceType, decode: { try JSONTreeDecoder().decode(Object.self, from: $0) },
            metadata: { $0.metadata })
    }
}

extension ObjectKind<DynamicObject> {
    public static func dynamic(_ type: ResourceType) -> ObjectKind {
        ObjectKind(type: type, decode: { DynamicObject($0) }, metadata: { $0.metadata })
    }
}

/// An object as a list or a watch brought it.
public struct WatchedObject<Object: Sendable>: WatchedElement {
    public enum Content: Sendable {
        case object(Object)
        /// It has a name, but is not what the program takes this kind to be. The text says why.
        case undecodable(String)
    }

    public let key: ObjectKey
    /// nil when the server left it out, as test doubles do.
    public let uid: String?
    public let resourceVersion: String
    public let content: Content

    public init(key: ObjectKey, uid: String?, resourceVersion: String, content: Content) {
        self.key = key
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.content = content
    }
}

extension ObjectKind {
    /// Reads an object: nil when it lacks even a name.
    ///
    /// List items come without `apiVersion` and `kind`; they are added, so that an object looks the same from a list
    /// and from a watch. `managedFields`, often half of an object, are dropped.
    func read(_ json: JSON) -> WatchedObject<Object>? {
        guard let metadata = json["metadata"], let name = metadata["name"]?.stringValue, !name.isEmpty else {
            return nil
        }
        var json = json
        if json["kind"] == nil { json["kind"] = .string(type.kind) }
        if json["apiVersion"] == nil { json["apiVersion"] = .string(type.apiVersion) }
        if metadata["managedFields"] != nil { json.set(nil, at: ["metadata", "managedFields"]) }
        let content: WatchedObject<Object>.Content
        do {
            content = .object(try decode(json))
        } catch {
            content = .undecodable(String(describing: error))
        }
        return WatchedObject(
            key: ObjectKey(namespace: metadata["namespace"]?.stringValue, name: name),
            uid: metadata["uid"]?.stringValue, resourceVersion: metadata["resourceVersion"]?.stringValue ?? "",
            content: content)
    }
}
