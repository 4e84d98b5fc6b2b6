import KubeCore
import Testing

@testable import LocalCluster

@Suite("Lists and watches")
struct ListAndWatchTests {
    private let maps = APIHarness.maps

    @Test("Pages show the state as of the first, whatever changes between them")
    func pages() async throws {
        let api = try await APIHarness()
        for name in ["a", "b", "c", "d"] { await api.create(api.configMap(name)) }
        let first = await api.call("GET", maps + "?limit=2")
        #expect(first.itemNames == ["a", "b"] && first.json.meta("remainingItemCount") == 2)
        let token = try #require(first.json.meta("continue")?.stringValue)
        _ = await api.call("DELETE", maps + "/d")
        await api.create(api.configMap("cc"))
        let second = await api.call("GET", maps + "?limit=2&continue=\(token)")
        #expect(second.itemNames == ["c", "d"] && second.json.meta("continue") == nil)
        #expect(second.version == first.version)
    }

    @Test("A continue token whose revision is gone is 410 with a token to go on from the present")
    func expiredPage() async throws {
        let api = try await APIHarness(limits: HistoryLimits(events: 2))
        for name in ["a", "b", "c"] { await api.create(api.configMap(name)) }
        let first = await api.call("GET", maps + "?limit=1")
        let token = try #require(first.json.meta("continue")?.stringValue)
        for name in ["d", "e", "f"] { await api.create(api.configMap(name)) }
        let expired = await api.call("GET", maps + "?limit=1&continue=\(token)")
        #expect(expired.status == 410 && expired.reason == "Expired")
        let fresh = try #require(expired.json.meta("continue")?.stringValue)
        #expect(await api.call("GET", maps + "?continue=\(fresh)").itemNames == ["b", "c", "d", "e", "f"])
    }

    @Test(
        "Bad continue tokens and versions are refused",
        arguments: [
            ("?continue=garbage!", 400), ("?continue=eyJ2Ijoibm9wZSJ9", 400), ("?resourceVersion=abc", 400),
            ("?resourceVersion=999999", 504), ("?resourceVersion=1&resourceVersionMatch=Exact", 410),
            ("?resourceVersionMatch=Exact", 422), ("?labelSelector=a%20in", 400), ("?fieldSelector=spec.x%3D1", 400),
            ("?limit=many", 400),
        ])
    func badOptions(query: String, status: Int) async throws {
        let api = try await APIHarness()
        #expect(await api.call("GET", maps + query).status == status)
    }

    @Test("Exact gives the state of a past version")
    func exact() async throws {
        let api = try await APIHarness()
        let a = await api.create(api.configMap("a"))
        await api.create(api.configMap("b"))
        let past = await api.call("GET", maps + "?resourceVersion=\(a.version)&resourceVersionMatch=Exact")
        #expect(past.itemNames == ["a"] && past.version == a.version)
    }

    @Test("A namespace whose name begins like another's is not mixed up with it")
    func namespacesApart() async throws {
        let api = try await APIHarness()
        for name in ["t", "t-1", "t0"] {
            _ = await api.call(
                "POST", "/api/v1/namespaces",
                ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]])
            _ = await api.call("POST", "/api/v1/namespaces/\(name)/configmaps", api.configMap("in-\(name)"))
        }
        #expect(await api.call("GET", "/api/v1/namespaces/t/configmaps").itemNames == ["in-t"])
        #expect(await api.call("GET", "/api/v1/namespaces/t-1/configmaps").itemNames == ["in-t-1"])
        #expect(await api.call("GET", "/api/v1/configmaps").itemNames == ["in-t-1", "in-t", "in-t0"])
    }

    @Test("A watch from a version tells what came after; a deletion has a version of its own")
    func watchChanges() async throws {
        let api = try await APIHarness()
        let a = await api.create(api.configMap("a"))
        let b = await api.create(api.configMap("b"))
        let changed = await api.call("PUT", maps + "/b", api.configMap("b", ["k": "2"]))
        _ = await api.call("DELETE", maps + "/a")
        let deletion = api.registry.store.revision
        let seen = try await api.watch("configmaps", query: "resourceVersion=\(a.version)", count: 3)
        #expect(seen == ["ADDED b@\(b.version)", "MODIFIED b@\(changed.version)", "DELETED a@\(deletion)"])
    }

    @Test("Under a selector objects appear and go as they begin and stop to match")
    func transitions() async throws {
        let api = try await APIHarness()
        let made = await api.create(api.configMap("a", metadata: ["labels": ["on": "no"]]))
        func label(_ value: String) async -> APIHarness.Answer {
            await api.call(
                "PATCH", maps + "/a", ["metadata": ["labels": ["on": .string(value)]]],
                type: "application/merge-patch+json")
        }
        let on = await label("yes")
        let off = await label("no")
        _ = await label("never")
        let again = await label("yes")
        let seen = try await api.watch(
            "configmaps", query: "resourceVersion=\(made.version)&labelSelector=on%3Dyes", count: 3)
        #expect(seen == ["ADDED a@\(on.version)", "DELETED a@\(off.version)", "ADDED a@\(again.version)"])
    }

    @Test("Initial events end with a marked bookmark when asked for")
    func initialEvents() async throws {
        let api = try await APIHarness()
        let a = await api.create(api.configMap("a"))
        let query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
        let seen = try await api.watch("configmaps", query: query, count: 2)
        #expect(seen == ["ADDED a@\(a.version)", "INITIAL-END"])
    }

    @Test("A watch from before the history gets one 410 and ends")
    func tooOld() async throws {
        let api = try await APIHarness()
        let seen = try await api.watch("configmaps", query: "resourceVersion=1", count: 5)
        #expect(seen == ["ERROR 410"])
    }

    @Test("A session that is let go is no longer registered")
    func released() async throws {
        let api = try await APIHarness()
        _ = try await api.watch("configmaps", query: "resourceVersion=1", count: 1)
        #expect(api.registry.store.watcherCount == 0)
    }

    @Test("The in-process watch ends when the store is closed")
    func closing() async throws {
        let api = try await APIHarness()
        let frames = api.registry.watch(.configMaps, after: api.registry.store.revision)
        await api.create(api.configMap("a"))
        var names: [String] = []
        for await frame in frames {
            names.append(frame.object.metaName)
            api.registry.store.close()
        }
        #expect(names == ["a"])
    }
}
