import KubeCore
import Testing

@testable import LocalCluster

@Suite struct ApplyStatusTests {
    private static let widget = Schema { facts in
        facts.type = .object
        facts.properties["spec"] = Schema { spec in
            spec.type = .object
            spec.properties["size"] = Schema { $0.type = .string }
            spec.properties["replicas"] = Schema { $0.type = .integer }
            spec.properties["tags"] = Schema {
                $0.type = .array
                $0.listType = .set
                $0.items = Schema { $0.type = .string }
            }
            spec.properties["weights"] = Schema {
                $0.type = .array
                $0.items = Schema { $0.type = .integer }
            }
            spec.properties["config"] = Schema {
                $0.type = .object
                $0.preservesUnknownFields = true
            }
        }
        facts.properties["status"] = Schema { status in
            status.type = .object
            status.properties["phase"] = Schema { $0.type = .string }
        }
    }

    private func writer() -> Writer {
        Writer(schema: Self.widget, apiVersion: "example.dev/v1", isCustom: true, hasStatus: true)
    }

    private func widget(spec: JSON? = nil, status: JSON? = nil) -> JSON {
        var object: JSON = ["apiVersion": "example.dev/v1", "kind": "Widget", "metadata": ["name": "w"]]
        object["spec"] = spec
        object["status"] = status
        return object
    }

    @Test("Each path owns only what it writes: the main one no status, /status no spec")
    func subresources() throws {
        var writer = writer()
        try writer.apply(widget(spec: ["size": "small"], status: ["phase": "Done"]), as: "user")
        #expect(writer.fields("user") == ["f:spec": ["f:size": [:]]])
        try writer.apply(
            widget(spec: ["size": "small"], status: ["phase": "Running"]), as: "ctl", force: true, subresource: "status"
        )
        #expect(writer.fields("ctl") == ["f:status": ["f:phase": [:]]])
        #expect(writer.entry("ctl")?["subresource"] == "status")
        let error = #expect(throws: Status.self) {
            try writer.apply(widget(status: ["phase": "Done"]), as: "other", subresource: "status")
        }
        #expect(
            error?.message
                == "Apply failed with 1 conflict: conflict with \"ctl\" with subresource \"status\": .status.phase")
    }

    @Test("Sets are owned by value, atomic lists as a whole, unknown fields one by one")
    func shapes() throws {
        var writer = writer()
        try writer.apply(
            widget(spec: ["tags": ["x"], "weights": [1, 2], "config": ["free": ["deep": 1]]]), as: "alpha")
        #expect(
            writer.fields("alpha") == [
                "f:spec": [
                    "f:config": ["f:free": [".": [:], "f:deep": [:]]], "f:tags": [#"v:"x""#: [:]], "f:weights": [:],
                ]
            ])
        try writer.apply(widget(spec: ["tags": ["y"]]), as: "beta")
        #expect(writer.live?.at("spec", "tags") == ["x", "y"])
        let error = #expect(throws: Status.self) { try writer.apply(widget(spec: ["weights": [3]]), as: "beta") }
        #expect(error?.details?.causes?.map(\.field) == [".spec.weights"])
        try writer.apply(widget(spec: .object([:])), as: "beta")
        #expect(writer.fields("beta") == ["f:spec": [:]])
        #expect(writer.live?.at("spec", "tags") == ["x"])
    }

    @Test("A configuration that does not fit the schema is a 500 that says where")
    func untyped() throws {
        let cases: [(JSON, String)] = [
            (["replicas": "three"], ".spec.replicas: expected numeric (int or float), got string"),
            (["tags": ["a", "a"]], #".spec.tags: duplicate entries for key [="a"]"#),
            (["nope": 1], ".spec.nope: field not declared in schema"),
            (["tags": "a"], ".spec.tags: expected list, got string"),
        ]
        for (spec, reason) in cases {
            var writer = writer()
            let error = #expect(throws: Status.self) { try writer.apply(widget(spec: spec), as: "alpha") }
            #expect(error?.code == 500)
            #expect(error?.reason == .unknown)
            #expect(
                error?.message
                    == "failed to create typed patch object (/w; example.dev/v1, Kind=Widget): \(reason)")
        }
    }

    @Test("An apply may not bring managedFields of its own")
    func ownManagers() throws {
        var writer = writer()
        var object = widget(spec: ["size": "s"])
        object.set([["manager": "x", "operation": "Apply"]], at: ["metadata", "managedFields"])
        let error = #expect(throws: Status.self) { try writer.apply(object, as: "alpha") }
        #expect(error?.code == 400)
        #expect(error?.message == "metadata.managedFields must be nil")
    }

    @Test("One empty entry clears the managers, and without managers updates are not tracked")
    func reset() throws {
        var writer = Writer.builtIn("ConfigMap")
        try writer.apply(configMap(["k": "1"]), as: "alpha")
        writer.patch(["metadata": ["managedFields": [[:]]]], as: "upd")
        #expect(writer.managers == [])
        writer.patch(["data": ["k": "2"]], as: "upd")
        #expect(writer.managers == [])
    }

    @Test("Managers that make no sense are as good as none; those of a client that knows them are taken")
    func edited() throws {
        var writer = Writer.builtIn("ConfigMap")
        writer.update(configMap(["k": "1"]), as: "one")
        writer.patch(["metadata": ["managedFields": [["manager": "x", "operation": "Frob"]]]], as: "one")
        #expect(writer.managers == ["one"])
        let renamed: JSON = [
            [
                "manager": "two", "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1",
                "fieldsV1": ["f:data": ["f:k": [:]]],
            ]
        ]
        writer.patch(["metadata": ["managedFields": renamed]], as: "one")
        #expect(writer.managers == ["two"])
    }

    @Test("The oldest of many updating managers become ancient-changes")
    func manyManagers() {
        var writer = Writer.builtIn("ConfigMap")
        writer.update(configMap(["k0": "1"]), as: "m0")
        for index in 1..<15 {
            writer.patch(["data": [:]], as: "none");
            writer.patch(.object(["data": .object(["k\(index)": "1"])]), as: "m\(index)")
        }
        #expect(writer.managers.count == 10)
        #expect(writer.managers.contains("ancient-changes"))
        #expect(writer.fields("ancient-changes")?.at("f:data", "f:k0") == .object([:]))
    }

    @Test("A write that changes only the times of managers changes nothing")
    func times() throws {
        var writer = Writer.builtIn("ConfigMap")
        try writer.apply(configMap(["k": "1"]), as: "alpha")
        let old = try #require(writer.live)
        var new = old
        var entry = try #require(writer.entry("alpha"))
        entry["time"] = "2030-01-01T00:00:00Z"
        new.set([entry], at: ["metadata", "managedFields"])
        #expect(FieldManagement.keepingTimes(new, old: old) == old)
        new.set("2", at: ["data", "k"])
        #expect(FieldManagement.keepingTimes(new, old: old) == new)
    }

    @Test("kubectl takes over without a conflict what its own annotation says it applied")
    func lastApplied() throws {
        var writer = Writer.builtIn("ConfigMap")
        var object = configMap(["k": "1"])
        object.set(
            .string(configMap(["k": "1"]).encodedString()),
            at: ["metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"])
        writer.update(object, as: "kubectl-client-side-apply")
        #expect(throws: Status.self) { try writer.apply(configMap(["k": "2"]), as: "alpha") }
        try writer.apply(configMap(["k": "2"]), as: "kubectl")
        #expect(writer.live?.at("data", "k") == "2")
        let note = writer.live?.at("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration")
        #expect(note?.stringValue?.contains(#""k":"2""#) == true)
    }
}
