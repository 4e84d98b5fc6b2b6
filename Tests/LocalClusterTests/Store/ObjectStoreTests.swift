import KubeCore
import Testing

@testable import LocalCluster

@Suite("The object store")
struct ObjectStoreTests {
    private let pods = GroupResource(group: "", resource: "pods")

    private func encoded(_ name: String, _ data: String = "") -> EncodedObject {
        EncodedObject(["metadata": ["name": .string(name), "uid": .string("uid-\(name)")], "data": .string(data)])
    }

    @discardableResult
    private func put(
        _ store: ObjectStore, _ name: String, _ data: String = "", over: StoredObject? = nil, namespace: String = "ns"
    ) async throws -> StoredObject {
        try await store.put(
            pods, ObjectKey(namespace: namespace, name: name), encoded(name, data), attributes: ObjectAttributes(),
            replacing: over)
    }

    private func names(_ snapshot: ObjectStore.Snapshot) -> [String]? {
        guard case .objects(let objects, _) = snapshot else { return nil }
        return objects.map(\.path)
    }

    @Test("Revisions rise over all kinds, and objects are listed in the byte order of their paths")
    func orderAndRevisions() async throws {
        let store = try ObjectStore()
        let first = try await put(store, "b")
        let second = try await put(store, "a")
        let third = try await put(store, "x", namespace: "a-b")
        #expect(first.revision < second.revision && second.revision < third.revision)
        // "a-b/x" comes before "ns/a", as in etcd.
        #expect(names(store.snapshot(pods)) == ["a-b/x", "ns/a", "ns/b"])
    }

    @Test("A write over a state that is no more the present one is a conflict and changes nothing")
    func conflicts() async throws {
        let store = try ObjectStore()
        let first = try await put(store, "a", "1")
        let second = try await put(store, "a", "2", over: first)
        await #expect(throws: ObjectStore.WriteError.self) { try await put(store, "a", "3", over: first) }
        await #expect(throws: ObjectStore.WriteError.self) { try await put(store, "a", "3") }
        await #expect(throws: ObjectStore.WriteError.self) {
            _ = try await store.delete(pods, replacing: first)
        }
        #expect(store.get(pods, ObjectKey(namespace: "ns", name: "a"))?.revision == second.revision)
        #expect(store.revision == second.revision)
    }

    @Test("A past state is put together again from the history")
    func pastStates() async throws {
        let store = try ObjectStore()
        let a = try await put(store, "a", "1")
        let b = try await put(store, "b")
        _ = try await store.delete(pods, replacing: b)
        try await put(store, "a", "2", over: a)
        try await put(store, "c")
        #expect(names(store.snapshot(pods, at: a.revision)) == ["ns/a"])
        #expect(names(store.snapshot(pods, at: b.revision)) == ["ns/a", "ns/b"])
        #expect(names(store.snapshot(pods)) == ["ns/a", "ns/c"])
        guard case .objects(let past, _) = store.snapshot(pods, at: a.revision) else {
            Issue.record("the past state is gone")
            return
        }
        #expect(past.first?.json(typed: nil)["data"] == "1")
    }

    @Test("A revision before the history is expired, one to come is in the future")
    func bounds() async throws {
        let store = try ObjectStore(limits: HistoryLimits(events: 3))
        var last = try await put(store, "a", "0")
        for number in 1...5 { last = try await put(store, "a", "\(number)", over: last) }
        if case .expired = store.snapshot(pods, at: 1) {} else { Issue.record("revision 1 should be expired") }
        if case .expired = store.events(pods, after: 1) {} else { Issue.record("events after 1 should be expired") }
        if case .future = store.snapshot(pods, at: last.revision + 1) {} else { Issue.record("should be to come") }
        guard case .changes(let events, let upTo) = store.events(pods, after: last.revision - 3) else {
            Issue.record("three events are kept")
            return
        }
        #expect(events.map(\.revision) == [last.revision - 2, last.revision - 1, last.revision])
        #expect(upTo == last.revision)
    }

    @Test("The history is bounded by the bytes that it alone holds")
    func historyBytes() async throws {
        let store = try ObjectStore(limits: HistoryLimits(events: 1_000, bytes: 10_000))
        let body = String(repeating: "x", count: 3_000)
        var last = try await put(store, "a", body)
        let first = last.revision
        for _ in 0..<10 { last = try await put(store, "a", body, over: last) }
        if case .expired = store.events(pods, after: first) {} else { Issue.record("the history holds too much") }
        if case .changes(let events, _) = store.events(pods, after: last.revision - 2) {
            #expect(events.count == 2)
        } else {
            Issue.record("the latest events are kept")
        }
    }

    @Test("An object renders with kind, version and the resourceVersion asked for")
    func rendering() async throws {
        let store = try ObjectStore()
        let object = try await put(store, "a", "1")
        var bytes: [UInt8] = []
        object.render(typed: TypeLabel(kind: "Pod", apiVersion: "v1"), shownAt: 99, to: &bytes)
        let json = try JSON.parse(bytes)
        #expect(json["kind"] == "Pod" && json["apiVersion"] == "v1")
        #expect(json.at("metadata", "resourceVersion") == "99" && json.at("metadata", "name") == "a")
        #expect(json == object.json(typed: TypeLabel(kind: "Pod", apiVersion: "v1"), shownAt: 99))
        bytes = []
        object.render(typed: nil, to: &bytes)
        #expect(try JSON.parse(bytes).at("metadata", "resourceVersion") == .string(String(object.revision)))
    }

    @Test("A waiting reader is woken by a change of its kind and by nothing else")
    func waking() async throws {
        let store = try ObjectStore()
        let waker = Waker()
        store.register(waker, for: pods)
        #expect(store.watcherCount == 1)
        async let woken: Void = waker.wait()
        try await put(store, "a")
        await woken
        store.unregister(waker, for: pods)
        #expect(store.watcherCount == 0)
    }

    @Test("A cancelled reader stops waiting")
    func cancelledWait() async throws {
        let waker = Waker()
        let task = Task { await waker.wait() }
        task.cancel()
        await task.value
    }
}
