import KubeCore
import Testing

@testable import LocalCluster

/// Writes to one object, one after the other, as the server would do them.
struct Writer {
    var schema: Schema
    var apiVersion = "v1"
    var isCustom = false
    var hasStatus = false
    var live: JSON?
    var clock = Timestamp(seconds: 1_700_000_000)

    static func builtIn(_ name: String, hasStatus: Bool = false) -> Writer {
        Writer(schema: SchemaLibrary.shared.schema("io.k8s.api.core.v1.\(name)"), hasStatus: hasStatus)
    }

    private func management(_ subresource: String?) -> FieldManagement {
        FieldManagement(
            apiVersion: apiVersion, schema: schema, isCustom: isCustom, hasStatus: hasStatus, subresource: subresource,
            now: clock)
    }

    private mutating func store(_ object: JSON) {
        live = isCustom ? object : TypedForm.normalize(object, schema)
        clock.seconds += 1
    }

    mutating func apply(
        _ configuration: JSON, as manager: String, force: Bool = false, subresource: String? = nil
    ) throws(Status) {
        store(try management(subresource).apply(configuration, live: live, manager: manager, force: force))
    }

    mutating func update(_ object: JSON, as manager: String, subresource: String? = nil) {
        let object = isCustom ? object : TypedForm.normalize(object, schema)
        store(management(subresource).update(object, live: live, manager: manager))
    }

    mutating func patch(_ patch: JSON, as manager: String, subresource: String? = nil) {
        update(MergePatch.apply(patch, to: live ?? .object([:])), as: manager, subresource: subresource)
    }

    func entry(_ manager: String) -> JSON? {
        live?.at("metadata", "managedFields")?.arrayValue?.first { $0["manager"]?.stringValue == manager }
    }

    func fields(_ manager: String) -> JSON? { entry(manager)?["fieldsV1"] }

    var managers: [String] {
        (live?.at("metadata", "managedFields")?.arrayValue ?? []).compactMap { $0["manager"]?.stringValue }
    }
}

func configMap(_ data: JSON? = nil, labels: JSON? = nil) -> JSON {
    var object: JSON = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a"]]
    object["data"] = data
    if let labels { object.set(labels, at: ["metadata", "labels"]) }
    return object
}

@Suite struct ApplyTests {
    @Test("An apply that creates owns exactly what it says")
    func create() throws {
        var writer = Writer.builtIn("ConfigMap")
        try writer.apply(configMap(["k": "1", "l": "2"], labels: ["x": "y"]), as: "alpha")
        #expect(
            writer.fields("alpha") == [
                "f:data": ["f:k": [:], "f:l": [:]], "f:metadata": ["f:labels": ["f:x": [:]]],
            ])
        #expect(writer.entry("alpha")?["operation"] == "Apply")
        #expect(writer.entry("alpha")?["time"] == .string(Timestamp(seconds: 1_700_000_000).rfc3339))
    }

    @Test("Empty maps and nulls are owned, empty lists are not")
    func empty() throws {
        var writer = Writer.builtIn("ConfigMap")
        var object = configMap(["k": ""])
        object.set(.object([:]), at: ["metadata", "labels"])
        object.set(.null, at: ["metadata", "annotations"])
        object.set([], at: ["metadata", "finalizers"])
        try writer.apply(object, as: "alpha")
        #expect(
            writer.fields("alpha") == [
                "f:data": ["f:k": [:]], "f:metadata": ["f:annotations": [:], "f:labels": [:]],
            ])
        #expect(writer.live?.at("metadata", "labels") == nil)
    }

    @Test("Changing what another manager applied is a conflict that names the field")
    func conflict() throws {
        var writer = Writer.builtIn("ConfigMap")
        try writer.apply(configMap(["k": "1", "l": "2", "m": "3"]), as: "alpha")
        let before = writer.live
        let error = #expect(throws: Status.self) { try writer.apply(configMap(["k": "9", "l": "8"]), as: "beta") }
        #expect(error?.code == 409)
        #expect(error?.reason == .conflict)
        #expect(
            error?.message == "Apply failed with 2 conflicts: conflicts with \"alpha\":\n- .data.k\n- .data.l")
        #expect(error?.details?.causes?.map(\.field) == [".data.k", ".data.l"])
        #expect(error?.details?.causes?.first?.reason == "FieldManagerConflict")
        #expect(writer.live == before)
    }

    @Test("Force takes the fields over")
    func force() throws {
        var writer = Writer.builtIn("ConfigMap")
        try writer.apply(configMap(["k": "1", "l": "2"]), as: "alpha")
        try writer.apply(configMap(["k": "9"]), as: "beta", force: true)
        #expect(writer.fields("alpha") == ["f:data": ["f:l": [:]]])
        #expect(writer.fields("beta") == ["f:data": ["f:k": [:]]])
        #expect(writer.live?["data"] == ["k": "9", "l": "2"])
    }

    @Test("Applying the same value shares the field; it goes when its last applier leaves it out")
    func sharing() throws {
        var writer = Writer.builtIn("ConfigMap")
        try writer.apply(configMap(["k": "1", "l": "2"]), as: "alpha")
        try writer.apply(configMap(["k": "1"]), as: "beta")
        #expect(writer.entry("beta")?["time"] == nil, "a write that changes nothing has no time")
        try writer.apply(configMap(["l": "2"]), as: "alpha")
        #expect(writer.live?["data"] == ["k": "1", "l": "2"])
        try writer.apply(configMap(), as: "beta")
        #expect(writer.live?["data"] == ["l": "2"])
        #expect(writer.managers == ["alpha"])
    }

    @Test("Fields no longer applied go, with the maps and lists that held them")
    func removal() throws {
        var writer = Writer.builtIn("ConfigMap")
        var object = configMap(["k": "1"], labels: ["x": "y"])
        object.set(["example.com/a"], at: ["metadata", "finalizers"])
        try writer.apply(object, as: "alpha")
        #expect(writer.fields("alpha")?.at("f:metadata", "f:finalizers") == ["v:\"example.com/a\"": [:]])
        try writer.apply(configMap(), as: "alpha")
        #expect(writer.live?["data"] == nil)
        #expect(writer.live?.at("metadata", "labels") == nil)
        #expect(writer.live?.at("metadata", "finalizers") == nil)
        #expect(writer.managers == [])
    }

    @Test("What was there before the first apply belongs to before-first-apply")
    func beforeFirstApply() throws {
        var writer = Writer.builtIn("ConfigMap")
        writer.live = configMap(["k": "1"])
        try writer.apply(configMap(["k": "1"]), as: "alpha")
        #expect(writer.fields("before-first-apply") == ["f:data": [".": [:], "f:k": [:]]])
        #expect(writer.entry("before-first-apply")?["operation"] == "Update")
    }

    @Test("An update owns maps it made and takes over what it changes; what it removes nobody owns")
    func updates() {
        var writer = Writer.builtIn("ConfigMap")
        writer.update(configMap(["k": "1", "l": "1"], labels: ["x": "1"]), as: "one")
        #expect(
            writer.fields("one") == [
                "f:data": [".": [:], "f:k": [:], "f:l": [:]], "f:metadata": ["f:labels": [".": [:], "f:x": [:]]],
            ])
        writer.patch(["data": ["l": "2"], "metadata": ["labels": ["x": "2"]]], as: "two")
        #expect(
            writer.fields("one") == ["f:data": [".": [:], "f:k": [:]], "f:metadata": ["f:labels": [:]]])
        #expect(writer.fields("two") == ["f:data": ["f:l": [:]], "f:metadata": ["f:labels": ["f:x": [:]]]])
        writer.patch(["data": ["l": nil]], as: "three")
        #expect(writer.managers == ["one", "two"])
        #expect(writer.fields("two") == ["f:metadata": ["f:labels": ["f:x": [:]]]])
    }

    @Test("An update conflicts with nobody, an apply after it names its version")
    func applyAfterUpdate() throws {
        var writer = Writer.builtIn("ConfigMap")
        writer.update(configMap(["k": "1"]), as: "creator")
        let error = #expect(throws: Status.self) { try writer.apply(configMap(["k": "2"]), as: "alpha") }
        #expect(error?.message == "Apply failed with 1 conflict: conflict with \"creator\" using v1: .data.k")
    }

    @Test("Elements of a list-map are owned by their keys, with defaults for keys left out")
    func listMaps() throws {
        var writer = Writer.builtIn("Service", hasStatus: true)
        func service(_ ports: JSON) -> JSON {
            ["apiVersion": "v1", "kind": "Service", "metadata": ["name": "s"], "spec": ["ports": ports]]
        }
        try writer.apply(service([["name": "http", "port": 80, "targetPort": 8080]]), as: "alpha")
        try writer.apply(service([["name": "metrics", "port": 9100, "protocol": "TCP"]]), as: "beta")
        #expect(writer.live?.at("spec", "ports")?.arrayValue?.count == 2)
        let key = #"k:{"port":80,"protocol":"TCP"}"#
        #expect(
            writer.fields("alpha")?.at("f:spec", "f:ports", key) == [
                ".": [:], "f:name": [:], "f:port": [:], "f:targetPort": [:],
            ])
        let error = #expect(throws: Status.self) {
            try writer.apply(service([["port": 80, "protocol": "TCP", "targetPort": 9]]), as: "beta")
        }
        #expect(error?.details?.causes?.first?.field == #".spec.ports[port=80,protocol="TCP"].targetPort"#)
        try writer.apply(service([]), as: "beta")
        #expect(writer.live?.at("spec", "ports")?.arrayValue?.count == 1)
        #expect(writer.managers == ["alpha"])
    }

    @Test("Owner references are pieces of their own")
    func atomicElements() throws {
        var writer = Writer.builtIn("ConfigMap")
        var object = configMap()
        let owner: JSON = ["apiVersion": "v1", "kind": "Secret", "name": "o", "uid": "u-1"]
        object.set([owner], at: ["metadata", "ownerReferences"])
        try writer.apply(object, as: "alpha")
        #expect(
            writer.fields("alpha") == ["f:metadata": ["f:ownerReferences": [#"k:{"uid":"u-1"}"#: [:]]]])
        object.set([MergePatch.apply(["controller": true], to: owner)], at: ["metadata", "ownerReferences"])
        let error = #expect(throws: Status.self) { try writer.apply(object, as: "beta") }
        #expect(error?.details?.causes?.first?.field == #".metadata.ownerReferences[uid="u-1"]"#)
    }
}
