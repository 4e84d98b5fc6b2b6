import KubeCore
import Logging

@testable import KubeRuntime

/// A pod with little more than its metadata.
func pod(
    _ name: String, version: Int, uid: String? = nil, namespace: String = "default", labels: [String: String] = [:],
    owner: OwnerReference? = nil, generation: Int64? = nil, phase: String? = nil
) -> DynamicObject {
    var object = DynamicObject([
        "apiVersion": "v1", "kind": "Pod",
        "metadata": [
            "name": .string(name), "namespace": .string(namespace), "uid": .string(uid ?? "uid-\(name)"),
            "resourceVersion": .string(String(version)),
        ],
    ])
    if !labels.isEmpty { object.labels = labels }
    if let owner { object.ownerReferences = [owner] }
    if let generation { object.json.set(.int(generation), at: ["metadata", "generation"]) }
    if let phase { object.json.set(.string(phase), at: ["status", "phase"]) }
    return object
}

func owner(_ name: String, kind: String = "Engine", apiVersion: String = "example.com/v1") -> OwnerReference {
    OwnerReference(apiVersion: apiVersion, kind: kind, name: name, uid: "uid-\(name)", controller: true)
}

func key(_ name: String, _ namespace: String? = "default") -> ObjectKey {
    ObjectKey(namespace: namespace, name: name)
}

extension ResourceType {
    static let engines = ResourceType(
        group: "example.com", version: "v1", kind: "Engine", plural: "engines", isNamespaced: true)
}

/// A typed kind with a field that must be there.
struct Widget: KubeObject {
    struct Spec: Codable, Sendable, Hashable {
        var size: Int
    }

    struct Status: Codable, Sendable, Hashable {
        var phase: String?
        var count: Int?
    }

    static let resourceType = ResourceType(
        group: "example.com", version: "v1", kind: "Widget", plural: "widgets", isNamespaced: true)

    var metadata: ObjectMeta
    var spec: Spec
    var status: Status?
}

func widget(_ name: String, version: Int, size: Int) -> DynamicObject {
    DynamicObject([
        "metadata": [
            "name": .string(name), "namespace": "default", "uid": .string("uid-\(name)"),
            "resourceVersion": .string(String(version)),
        ],
        "spec": ["size": .int(Int64(size))],
    ])
}

/// The item that a store writer takes.
func item(_ object: DynamicObject) -> WatchedObject<DynamicObject> {
    WatchedObject(
        key: ObjectKey(namespace: object.namespace, name: object.name), uid: object.uid,
        resourceVersion: object.resourceVersion ?? "", content: .object(object))
}

let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
