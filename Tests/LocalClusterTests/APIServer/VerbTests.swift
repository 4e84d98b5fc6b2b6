import KubeCore
import Testing

@testable import LocalCluster

@Suite("Verbs of the API")
struct VerbTests {
    private let maps = APIHarness.maps

    @Test("A created object has what the server adds, and what it owns cannot be set")
    func create() async throws {
        let api = try await APIHarness()
        let made = await api.create(
            api.configMap(
                "a", metadata: ["uid": "mine", "creationTimestamp": "2001-01-01T00:00:00Z", "selfLink": "/x"]))
        #expect(made.status == 201)
        #expect(made.json.metaUID.count == 36 && made.json.metaNamespace == "default" && !made.version.isEmpty)
        #expect(made.json.meta("creationTimestamp") != "2001-01-01T00:00:00Z" && made.json.meta("selfLink") == nil)
        let again = await api.create(api.configMap("a"))
        #expect(again.status == 409 && again.reason == "AlreadyExists")
        let versioned = await api.create(api.configMap("b", metadata: ["resourceVersion": "5"]))
        #expect(versioned.status == 500 && versioned.reason.isEmpty)
    }

    @Test("generateName makes names that differ")
    func generateName() async throws {
        let api = try await APIHarness()
        var object = api.configMap("")
        object.set(nil, at: ["metadata", "name"])
        object.set("g-", at: ["metadata", "generateName"])
        let first = await api.create(object)
        let second = await api.create(object)
        #expect(first.name.hasPrefix("g-") && first.name.utf8.count == 7)
        #expect(first.name != second.name)
    }

    @Test("Nothing is made in a namespace that is not there, and lists there are empty")
    func missingNamespace() async throws {
        let api = try await APIHarness()
        let made = await api.call("POST", "/api/v1/namespaces/none/configmaps", api.configMap("a"))
        #expect(made.status == 404 && made.json.at("details", "kind") == "namespaces")
        let list = await api.call("GET", "/api/v1/namespaces/none/configmaps")
        #expect(list.status == 200 && list.itemNames.isEmpty)
    }

    @Test("A replace with an old version is a conflict, without one it is unconditional")
    func replace() async throws {
        let api = try await APIHarness()
        let first = await api.create(api.configMap("a"))
        let second = await api.call("PUT", maps + "/a", api.configMap("a", ["k": "2"]))
        #expect(second.status == 200 && second.version != first.version)
        let stale = await api.call(
            "PUT", maps + "/a", api.configMap("a", ["k": "3"], metadata: ["resourceVersion": .string(first.version)]))
        #expect(stale.status == 409 && stale.reason == "Conflict")
        let other = await api.call("PUT", maps + "/b", api.configMap("a"))
        #expect(other.status == 400)
    }

    @Test("A write that changes nothing moves no version, by any verb")
    func noChange() async throws {
        let api = try await APIHarness()
        let made = await api.create(api.configMap("a"))
        let before = api.registry.store.revision
        let answers = [
            await api.call("PUT", maps + "/a", api.configMap("a")),
            await api.call("PATCH", maps + "/a", ["data": ["k": "1"]], type: "application/merge-patch+json"),
            await api.call("PATCH", maps + "/a", ["data": ["k": "1"]], type: "application/strategic-merge-patch+json"),
            await api.call(
                "PATCH", maps + "/a", [["op": "replace", "path": "/data/k", "value": "1"]],
                type: "application/json-patch+json"),
        ]
        for answer in answers { #expect(answer.status == 200 && answer.version == made.version) }
        #expect(api.registry.store.revision == before)
    }

    @Test("A dry run answers as the write would and stores nothing")
    func dryRun() async throws {
        let api = try await APIHarness()
        let before = api.registry.store.revision
        let made = await api.call("POST", maps + "?dryRun=All", api.configMap("a"))
        #expect(made.status == 201 && made.version.isEmpty)
        #expect(await api.call("GET", maps + "/a").status == 404)
        #expect(api.registry.store.revision == before)
    }

    @Test("Finalizers hold an object, marked; the last one gone, it is gone")
    func finalizers() async throws {
        let api = try await APIHarness()
        await api.create(api.configMap("a", metadata: ["finalizers": ["example.com/x"]]))
        let marked = await api.call("DELETE", maps + "/a")
        #expect(marked.json.isBeingDeleted && marked.json.finalizers == ["example.com/x"])
        let again = await api.call("DELETE", maps + "/a")
        #expect(again.version == marked.version)
        let refused = await api.call(
            "PATCH", maps + "/a", ["metadata": ["finalizers": ["example.com/x", "example.com/y"]]],
            type: "application/merge-patch+json")
        #expect(refused.status == 422)
        let released = await api.call(
            "PATCH", maps + "/a", ["metadata": ["finalizers": nil]], type: "application/merge-patch+json")
        #expect(released.status == 200 && released.version == marked.version)
        #expect(await api.call("GET", maps + "/a").status == 404)
    }

    @Test("Preconditions keep a deletion from another object of the name")
    func preconditions() async throws {
        let api = try await APIHarness()
        await api.create(api.configMap("a"))
        let wrong = await api.call("DELETE", maps + "/a", ["preconditions": ["uid": "other"]])
        #expect(wrong.status == 409)
        #expect(await api.call("GET", maps + "/a").status == 200)
        let done = await api.call("DELETE", maps + "/a")
        #expect(done.json["status"] == "Success" && done.json.at("details", "kind") == "configmaps")
    }

    @Test("A collection is deleted by selector and answered with what was there")
    func deleteCollection() async throws {
        let api = try await APIHarness()
        for (name, group) in [("a", "1"), ("b", "1"), ("c", "2")] {
            await api.create(api.configMap(name, metadata: ["labels": ["g": .string(group)]]))
        }
        let deleted = await api.call("DELETE", maps + "?labelSelector=g%3D1")
        #expect(deleted.itemNames == ["a", "b"])
        #expect(await api.call("GET", maps).itemNames == ["c"])
    }

    @Test("A bound Pod is marked with its grace period, which can only be shortened; an unbound one goes at once")
    func gracefulDeletion() async throws {
        let api = try await APIHarness()
        await api.create(
            ["apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": "default"]], in: "serviceaccounts")
        func pod(_ name: String, node: String?) -> JSON {
            var pod: JSON = [
                "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name)],
                "spec": ["containers": [["name": "c", "image": "i"]], "terminationGracePeriodSeconds": 10],
            ]
            pod.set(node.map(JSON.string), at: ["spec", "nodeName"])
            return pod
        }
        let path = "/api/v1/namespaces/default/pods"
        await api.create(pod("free", node: nil), in: "pods")
        #expect(await api.call("DELETE", path + "/free").status == 200)
        #expect(await api.call("GET", path + "/free").status == 404)

        #expect(await api.create(pod("bound", node: "n"), in: "pods").status == 201)
        let marked = await api.call("DELETE", path + "/bound")
        #expect(marked.json.meta("deletionGracePeriodSeconds") == 10)
        let longer = await api.call("DELETE", path + "/bound?gracePeriodSeconds=20")
        #expect(longer.json.meta("deletionGracePeriodSeconds") == 10)
        let shorter = await api.call("DELETE", path + "/bound?gracePeriodSeconds=5")
        #expect(shorter.json.meta("deletionGracePeriodSeconds") == 5)
        #expect(await api.call("DELETE", path + "/bound?gracePeriodSeconds=0").status == 200)
        #expect(await api.call("GET", path + "/bound").status == 404)
    }

    @Test("Binding gives a Pod its node once")
    func binding() async throws {
        let api = try await APIHarness()
        await api.create(
            ["apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": "default"]], in: "serviceaccounts")
        await api.create(
            [
                "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "p"],
                "spec": ["containers": [["name": "c", "image": "i"]]],
            ], in: "pods")
        let path = "/api/v1/namespaces/default/pods/p"
        let body: JSON = ["metadata": ["name": "p"], "target": ["kind": "Node", "name": "n"]]
        #expect(await api.call("POST", path + "/binding", body).status == 201)
        let pod = await api.call("GET", path)
        #expect(pod.json.at("spec", "nodeName") == "n")
        #expect(pod.json.at("status", "conditions")?[0]?["type"] == "PodScheduled")
        #expect(await api.call("POST", path + "/binding", body).status == 409)
    }
}
