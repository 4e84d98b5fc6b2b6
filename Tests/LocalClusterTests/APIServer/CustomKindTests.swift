import KubeCore
import Testing

@testable import LocalCluster

@Suite("Custom kinds")
struct CustomKindTests {
    private let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    private let things = "/apis/example.com/v1/namespaces/default/things"

    private func definition(default color: String? = "red") -> JSON {
        var property: JSON = ["type": "string"]
        property["default"] = color.map(JSON.string)
        let schema: JSON = [
            "type": "object",
            "properties": [
                "spec": [
                    "type": "object", "required": ["size"],
                    "properties": ["size": ["type": "integer", "minimum": 1], "color": property],
                ],
                "status": ["type": "object", "properties": ["ok": ["type": "boolean"]]],
            ],
        ]
        func version(_ name: String, storage: Bool) -> JSON {
            [
                "name": .string(name), "served": true, "storage": .bool(storage), "schema": ["openAPIV3Schema": schema],
                "subresources": ["status": [:]], "selectableFields": [["jsonPath": ".spec.color"]],
            ]
        }
        return [
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": ["name": "things.example.com"],
            "spec": [
                "group": "example.com", "scope": "Namespaced", "names": ["plural": "things", "kind": "Thing"],
                "versions": [version("v1", storage: true), version("v1alpha1", storage: false)],
            ],
        ]
    }

    private func thing(_ name: String, _ spec: JSON = ["size": 1]) -> JSON {
        ["apiVersion": "example.com/v1", "kind": "Thing", "metadata": ["name": .string(name)], "spec": spec]
    }

    @Test("A definition is established at once, and its kind is served, completed and checked")
    func lifecycle() async throws {
        let api = try await APIHarness()
        #expect(await api.call("GET", things).status == 404)
        #expect(await api.call("POST", definitions, definition()).status == 201)
        let stored = await api.call("GET", definitions + "/things.example.com")
        let conditions = stored.json.at("status", "conditions")?.arrayValue ?? []
        #expect(conditions.map { $0["type"] } == ["NamesAccepted", "Established"])
        #expect(stored.json.at("status", "storedVersions") == ["v1"])

        let made = await api.call("POST", things, thing("a"))
        #expect(made.status == 201 && made.json["spec"] == ["size": 1, "color": "red"])
        #expect(made.json.meta("generation") == 1)
        let bad = await api.call("POST", things, thing("b", ["size": 0]))
        #expect(bad.status == 422)
        let pruned = await api.call("POST", things, thing("c", ["size": 2, "odd": 1]))
        #expect(pruned.json["spec"] == ["size": 2, "color": "red"])
        #expect(pruned.headers["Warning"] == [#"299 - "unknown field \"spec.odd\"""#])
        let blue = await api.call("GET", things + "?fieldSelector=spec.color%3Dblue")
        #expect(blue.status == 200 && blue.itemNames.isEmpty)
        let other = await api.call("GET", "/apis/example.com/v1alpha1/namespaces/default/things/a")
        #expect(other.json["apiVersion"] == "example.com/v1alpha1" && other.json["spec"] == made.json["spec"])
    }

    @Test("A spec moves the generation, a status does not and is written through its path alone")
    func status() async throws {
        let api = try await APIHarness()
        _ = await api.call("POST", definitions, definition())
        _ = await api.call("POST", things, thing("a"))
        let patch = "application/merge-patch+json"
        let ignored = await api.call("PATCH", things + "/a", ["status": ["ok": true]], type: patch)
        #expect(ignored.json["status"] == nil && ignored.json.meta("generation") == 1)
        let set = await api.call(
            "PATCH", things + "/a/status", ["status": ["ok": true], "spec": ["size": 9]], type: patch)
        #expect(set.json["status"] == ["ok": true] && set.json.at("spec", "size") == 1)
        #expect(set.json.meta("generation") == 1)
        let moved = await api.call("PATCH", things + "/a", ["spec": ["size": 3]], type: patch)
        #expect(moved.json.meta("generation") == 2 && moved.json["status"] == ["ok": true])
        let unconditional = await api.call("PUT", things + "/a", thing("a"))
        #expect(unconditional.status == 422)
        let strategic = await api.call("PATCH", things + "/a", [:], type: "application/strategic-merge-patch+json")
        #expect(strategic.status == 415)
    }

    @Test("A default that comes later shows on what was there before")
    func laterDefault() async throws {
        let api = try await APIHarness()
        _ = await api.call("POST", definitions, definition(default: nil))
        let before = await api.call("POST", things, thing("a"))
        #expect(before.json["spec"] == ["size": 1])
        var changed = definition(default: "green")
        let version = await api.call("GET", definitions + "/things.example.com").version
        changed.set(.string(version), at: ["metadata", "resourceVersion"])
        #expect(await api.call("PUT", definitions + "/things.example.com", changed).status == 200)
        let after = await api.call("GET", things + "/a")
        #expect(after.json["spec"] == ["size": 1, "color": "green"] && after.version == before.version)
        #expect(await api.call("GET", things + "?fieldSelector=spec.color%3Dgreen").itemNames == ["a"])
    }

    @Test("Deleting a definition deletes its objects first; one that is held keeps it")
    func deletion() async throws {
        let api = try await APIHarness()
        _ = await api.call("POST", definitions, definition())
        _ = await api.call("POST", things, thing("a"))
        var held = thing("b")
        held.set(["example.com/hold"], at: ["metadata", "finalizers"])
        _ = await api.call("POST", things, held)
        let registry = api.registry
        let cleanup = Task { await registry.runDefinitionCleanup() }
        let resource = try #require(registry.kinds.resource(group: "example.com", version: "v1", plural: "things"))
        let events = try registry.watch(
            resource, namespace: "default",
            ServerListOptions(RequestTarget("/?resourceVersion=\(registry.store.revision)"), isWatch: true))
        let marked = await api.call("DELETE", definitions + "/things.example.com")
        #expect(marked.json.isBeingDeleted)
        #expect(await api.call("POST", things, thing("new")).status == 403)
        // "a" goes, "b" is marked: two changes.
        var seen = 0
        while seen < 2, let outputs = await events.next() { seen += outputs.count }
        #expect(await api.call("GET", things + "/a").status == 404)
        #expect(await api.call("GET", things + "/b").json.isBeingDeleted)

        let waker = Waker()
        registry.store.register(waker, for: Registry.definitions)
        _ = await api.call(
            "PATCH", things + "/b", ["metadata": ["finalizers": nil]], type: "application/merge-patch+json")
        while registry.store.count(Registry.definitions) > 0 { await waker.wait() }
        cleanup.cancel()
        await cleanup.value
        #expect(await api.call("GET", things).status == 404)
    }

    @Test("Two definitions cannot have the same names")
    func nameConflict() async throws {
        let api = try await APIHarness()
        _ = await api.call("POST", definitions, definition())
        var second = definition()
        second.set("stuffs.example.com", at: ["metadata", "name"])
        second.set("stuffs", at: ["spec", "names", "plural"])
        _ = await api.call("POST", definitions, second)
        let stored = await api.call("GET", definitions + "/stuffs.example.com")
        let accepted = (stored.json.at("status", "conditions")?.arrayValue ?? []).first {
            $0["type"] == "NamesAccepted"
        }
        #expect(accepted?["status"] == "False")
        #expect(await api.call("GET", "/apis/example.com/v1/stuffs").status == 404)
    }
}
