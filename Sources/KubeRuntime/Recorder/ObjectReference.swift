import KubeCore

/// What an event is about.
public struct ObjectReference: Sendable, Hashable {
    public var apiVersion: String
    public var kind: String
    public var namespace: String?
    public var name: String
    public var uid: String?
    public var resourceVersion: String?
    /// A part of the object, such as `spec.containers{main}`.
    public var fieldPath: String?

    public init(
        apiVersion: String, kind: String, namespace: String? = nil, name: String, uid: String? = nil,
        resourceVersion: String? = nil, fieldPath: String? = nil
    ) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.fieldPath = fieldPath
    }

    public init(_ type: ResourceType, _ metadata: ObjectMeta) {
        self.init(
            apiVersion: type.apiVersion, kind: type.kind, namespace: metadata.namespace, name: metadata.name ?? "",
            uid: metadata.uid, resourceVersion: metadata.resourceVersion)
    }

    public init<Object: KubeObject>(_ object: Object) {
        self.init(Object.resourceType, object.metadata)
    }

    public init(_ object: DynamicObject) {
        self.init(
            apiVersion: object.apiVersion, kind: object.kind, namespace: object.namespace, name: object.name,
            uid: object.uid, resourceVersion: object.resourceVersion)
    }

    var json: JSON {
        var json: JSONObject = [
            "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name),
        ]
        json["namespace"] = namespace.map(JSON.string)
        json["uid"] = uid.map(JSON.string)
        json["resourceVersion"] = resourceVersion.map(JSON.string)
        json["fieldPath"] = fieldPath.map(JSON.string)
        return .object(json)
    }
}

/// Whether an event is worth a worry.
public enum EventType: String, Sendable, Hashable {
    case normal = "Normal"
    case warning = "Warning"
}

/// Something that happened to an object, to be told in an event.
public struct EventOccurrence: Sendable, Hashable {
    public var type: EventType
    public var regarding: ObjectReference
    /// Another object that had a part in it.
    public var related: ObjectReference?
    /// Why, as one CamelCase word: `Started`, `QuotaExceeded`. At most 128 characters.
    public var reason: String
    /// What was done or tried, as one CamelCase word: `StartTask`. At most 128 characters.
    public var action: String
    /// For people. Cut at 1,024 bytes.
    public var note: String

    public init(
        type: EventType = .normal, regarding: ObjectReference, related: ObjectReference? = nil, reason: String,
        action: String, note: String
    ) {
        self.type = type
        self.regarding = regarding
        self.related = related
        self.reason = String(reason.prefix(128))
        self.action = String(action.prefix(128))
        self.note = Self.cut(note, toBytes: 1_024)
    }

    /// The server counts bytes; a character is not cut in two.
    private static func cut(_ text: String, toBytes limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        let ellipsis = "…"
        var kept = ""
        var size = ellipsis.utf8.count
        for character in text {
            size += character.utf8.count
            if size > limit { break }
            kept.append(character)
        }
        return kept + ellipsis
    }
}
