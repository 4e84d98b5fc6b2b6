/// An object of any kind, held as the JSON the API sent: nothing that this program does not know is lost.
public struct DynamicObject: Sendable, Hashable {
    public var json: JSON

    public init(_ json: JSON) { self.json = json }

    /// Empty when missing.
    public var apiVersion: String { json["apiVersion"]?.stringValue ?? "" }
    /// Empty when missing.
    public var kind: String { json["kind"]?.stringValue ?? "" }
    public var groupVersionKind: GroupVersionKind? { GroupVersionKind(json) }

    /// Empty when missing.
    public var name: String {
        get { meta("name")?.stringValue ?? "" }
        set { setMeta("name", .string(newValue)) }
    }
    public var namespace: String? {
        get { meta("namespace")?.stringValue }
        set { setMeta("namespace", newValue.map(JSON.string)) }
    }
    public var uid: String? { meta("uid")?.stringValue }
    public var resourceVersion: String? {
        get { meta("resourceVersion")?.stringValue }
        set { setMeta("resourceVersion", newValue.map(JSON.string)) }
    }
    public var generation: Int64? { meta("generation")?.intValue }
    public var creationTimestamp: Timestamp? { timestamp("creationTimestamp") }
    public var deletionTimestamp: Timestamp? { timestamp("deletionTimestamp") }

    /// Empty when missing; setting an empty dictionary removes the field.
    public var labels: [String: String] {
        get { strings("labels") }
        set { setStrings("labels", newValue) }
    }
    /// Empty when missing; setting an empty dictionary removes the field.
    public var annotations: [String: String] {
        get { strings("annotations") }
        set { setStrings("annotations", newValue) }
    }
    /// Empty when missing; setting an empty array removes the field.
    public var finalizers: [String] {
        get { meta("finalizers")?.arrayValue?.compactMap(\.stringValue) ?? [] }
        set { setMeta("finalizers", newValue.isEmpty ? nil : .array(newValue.map(JSON.string))) }
    }
    /// References that lack a required field are left out; setting an empty array removes the field.
    public var ownerReferences: [OwnerReference] {
        get { (meta("ownerReferences")?.arrayValue ?? []).compactMap(OwnerReference.init(json:)) }
        set { setMeta("ownerReferences", newValue.isEmpty ? nil : .array(newValue.map(\.json))) }
    }

    /// The metadata as a value. What is malformed is left out when reading; writing keeps fields that `ObjectMeta` has
    /// no name for, such as `managedFields`.
    public var metadata: ObjectMeta {
        get {
            ObjectMeta(
                name: meta("name")?.stringValue, generateName: meta("generateName")?.stringValue,
                namespace: namespace, uid: uid, resourceVersion: resourceVersion, generation: generation,
                creationTimestamp: creationTimestamp, deletionTimestamp: deletionTimestamp,
                deletionGracePeriodSeconds: meta("deletionGracePeriodSeconds")?.intValue,
                labels: meta("labels").map { _ in labels }, annotations: meta("annotations").map { _ in annotations },
                finalizers: meta("finalizers").map { _ in finalizers },
                ownerReferences: meta("ownerReferences").map { _ in ownerReferences })
        }
        set {
            setMeta("name", newValue.name.map(JSON.string))
            setMeta("generateName", newValue.generateName.map(JSON.string))
            setMeta("namespace", newValue.namespace.map(JSON.string))
            setMeta("uid", newValue.uid.map(JSON.string))
            setMeta("resourceVersion", newValue.resourceVersion.map(JSON.string))
            setMeta("generation", newValue.generation.map(JSON.int))
            setMeta("creationTimestamp", newValue.creationTimestamp.map { .string($0.rfc3339) })
            setMeta("deletionTimestamp", newValue.deletionTimestamp.map { .string($0.rfc3339) })
            setMeta("deletionGracePeriodSeconds", newValue.deletionGracePeriodSeconds.map(JSON.int))
            setStrings("labels", newValue.labels ?? [:])
            setStrings("annotations", newValue.annotations ?? [:])
            finalizers = newValue.finalizers ?? []
            ownerReferences = newValue.ownerReferences ?? []
        }
    }

    private func meta(_ key: String) -> JSON? { json["metadata"]?[key] }

    private mutating func setMeta(_ key: String, _ value: JSON?) { json.set(value, at: ["metadata", key]) }

    private func timestamp(_ key: String) -> Timestamp? { meta(key)?.stringValue.flatMap(Timestamp.init(rfc3339:)) }

    private func strings(_ key: String) -> [String: String] {
        var result: [String: String] = [:]
        for (key, value) in meta(key)?.objectValue ?? [:] {
            if let text = value.stringValue { result[key] = text }
        }
        return result
    }

    private mutating func setStrings(_ key: String, _ values: [String: String]) {
        // Sorted, so that the same labels always give the same text.
        let pairs = values.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
        setMeta(key, pairs.isEmpty ? nil : .object(JSONObject(pairs)))
    }
}

extension OwnerReference {
    /// Nil when a required field is missing.
    public init?(json: JSON) {
        guard let apiVersion = json["apiVersion"]?.stringValue, let kind = json["kind"]?.stringValue,
            let name = json["name"]?.stringValue, let uid = json["uid"]?.stringValue
        else { return nil }
        self.init(
            apiVersion: apiVersion, kind: kind, name: name, uid: uid, controller: json["controller"]?.boolValue,
            blockOwnerDeletion: json["blockOwnerDeletion"]?.boolValue)
    }

    public var json: JSON {
        var object: JSONObject = [
            "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name), "uid": .string(uid),
        ]
        object["controller"] = controller.map(JSON.bool)
        object["blockOwnerDeletion"] = blockOwnerDeletion.map(JSON.bool)
        return .object(object)
    }
}
