import KubeCore
import Testing

@testable import KubeRuntime

@Suite("Store", .timeLimit(.minutes(1)))
struct StoreTests {
    let store = Store(kind: .dynamic(.pods), indexers: [.ownerUID, .label("app")])
    var writer: StoreWriter<DynamicObject> { StoreWriter(store) }

    /// Subscribes with a handler that writes down what it is told.
    func journal() -> Journal<String> {
        let journal = Journal<String>()
        _ = store.subscribe { journal.append($0.text) }
        return journal
    }

    @Test("A whole list replaces what was there, with deletions for what is missing")
    func replaces() {
        let journal = journal()
        writer.replace([item(pod("a", version: 1)), item(pod("b", version: 2))], resourceVersion: "10")
        #expect(journal.drain().sorted() == ["initially added a@1", "initially added b@2"])
        writer.replace([item(pod("b", version: 2)), item(pod("c", version: 12))], resourceVersion: "20")
        #expect(journal.drain() == ["added c@12", "deleted a@1"])
        writer.replace([item(pod("b", version: 21)), item(pod("c", version: 12))], resourceVersion: "22")
        #expect(journal.drain() == ["updated b@2→21"])
        #expect(Set(store.snapshot.keys) == [key("b"), key("c")])
    }

    @Test("Events are told in order, with the object as it was and is")
    func events() {
        let journal = journal()
        writer.replace([], resourceVersion: "1")
        writer.upsert(item(pod("a", version: 2)))
        writer.upsert(item(pod("a", version: 3)))
        writer.delete(item(pod("a", version: 4)))
        #expect(journal.entries == ["added a@2", "updated a@2→3", "deleted a@4"])
        #expect(store.get("a", namespace: "default") == nil)
        #expect(store.resourceVersion == "4")
    }

    @Test("Doubled and late events change nothing")
    func stale() {
        writer.replace([item(pod("a", version: 5))], resourceVersion: "5")
        let journal = journal()
        _ = journal.drain()
        writer.upsert(item(pod("a", version: 5)))
        writer.upsert(item(pod("a", version: 4)))
        #expect(journal.entries == [])
        #expect(store.get(key("a"))?.resourceVersion == "5")
    }

    @Test("An object that was deleted and made again unseen is a deletion and an addition")
    func recreated() {
        writer.replace([item(pod("a", version: 5, uid: "old"))], resourceVersion: "5")
        let journal = journal()
        _ = journal.drain()
        writer.upsert(item(pod("a", version: 9, uid: "new")))
        #expect(journal.drain() == ["deleted a@5", "added a@9"])
        // The late notice of the first one's end.
        writer.delete(item(pod("a", version: 8, uid: "old")))
        #expect(journal.drain() == [])
        #expect(store.get(key("a"))?.uid == "new")
        writer.delete(item(pod("a", version: 12, uid: "new")))
        #expect(store.count == 0)
    }

    @Test("A list may go back behind an event, as it is the authority")
    func authority() {
        writer.replace([item(pod("a", version: 50))], resourceVersion: "50")
        writer.replace([item(pod("a", version: 3))], resourceVersion: "4")
        #expect(store.get(key("a"))?.resourceVersion == "3")
        #expect(store.resourceVersion == "4")
    }

    @Test("A late subscriber is told of what is there, then of changes; a cancelled one of nothing")
    func subscriptions() {
        writer.replace([item(pod("a", version: 1))], resourceVersion: "1")
        let entries = Journal<String>()
        let subscription = store.subscribe { entries.append($0.text) }
        writer.upsert(item(pod("b", version: 2)))
        subscription.cancel()
        writer.upsert(item(pod("c", version: 3)))
        #expect(entries.entries == ["initially added a@1", "added b@2"])
    }

    @Test("A handler finds the store as the change left it")
    func handlersRead() {
        let counts = Journal<Int>()
        let store = store
        _ = store.subscribe { _ in counts.append(store.count) }
        writer.replace([], resourceVersion: "1")
        writer.upsert(item(pod("a", version: 2)))
        writer.upsert(item(pod("b", version: 3)))
        writer.delete(item(pod("a", version: 4)))
        #expect(counts.entries == [1, 2, 1])
    }

    @Test("Indexes follow changes of labels and owners, and deletions")
    func indexes() {
        func names(_ app: String) -> [String] {
            store.objects(index: IndexName.label("app"), value: app).map(\.name).sorted()
        }
        writer.replace(
            [
                item(pod("a", version: 1, labels: ["app": "web"], owner: owner("e"))),
                item(pod("b", version: 1, labels: ["app": "web"])),
            ], resourceVersion: "1")
        #expect(names("web") == ["a", "b"])
        #expect(store.objects(ownedBy: "uid-e").map(\.name) == ["a"])
        writer.upsert(item(pod("a", version: 2, labels: ["app": "db"])))
        #expect(names("web") == ["b"])
        #expect(names("db") == ["a"])
        #expect(store.objects(ownedBy: "uid-e").isEmpty)
        writer.delete(item(pod("b", version: 3)))
        #expect(names("web") == [])
        #expect(store.objects(index: "no such index", value: "x").isEmpty)
    }

    @Test("An index that is added later covers what is there")
    func lateIndex() {
        writer.replace([item(pod("a", version: 1, phase: "Running"))], resourceVersion: "1")
        store.addIndexer(
            Indexer(name: "phase") { object, _ in [object.json.at("status", "phase")?.stringValue ?? ""] })
        #expect(store.objects(index: "phase", value: "Running").map(\.name) == ["a"])
    }

    @Test("A snapshot stays as it was while the store goes on")
    func snapshots() {
        writer.replace((0..<500).map { item(pod("p\($0)", version: 1)) }, resourceVersion: "1")
        let snapshot = store.snapshot
        for index in 0..<500 { writer.delete(item(pod("p\(index)", version: 2))) }
        writer.upsert(item(pod("new", version: 3)))
        #expect(snapshot.count == 500)
        #expect(snapshot.get(key("p7"))?.resourceVersion == "1")
        #expect(snapshot.list(namespace: "default").count == 500)
        #expect(snapshot.list(namespace: "other").isEmpty)
        #expect(store.count == 1)
    }

    @Test("An object that cannot be read is set aside with the reason, and its last readable version stays")
    func quarantine() {
        let store = Store(kind: ObjectKind<Widget>.typed())
        let writer = StoreWriter(store)
        let kind = store.kind
        let bad = DynamicObject(["metadata": ["name": "bad", "namespace": "default"], "spec": ["size": "large"]])
        let items = [widget("good", version: 1, size: 3), bad].compactMap { kind.read($0.json) }
        writer.replace(items, resourceVersion: "5")
        #expect(store.get(key("good"))?.spec.size == 3)
        #expect(store.get(key("bad")) == nil)
        #expect(store.quarantined[key("bad")]?.contains("size") == true)

        var broken = widget("good", version: 6, size: 4)
        broken.json["spec"] = "nonsense"
        if let broken = kind.read(broken.json) { writer.upsert(broken) }
        #expect(store.get(key("good"))?.spec.size == 3)
        #expect(store.quarantined.keys.contains(key("good")))

        if let healed = kind.read(widget("good", version: 7, size: 5).json) { writer.upsert(healed) }
        #expect(store.get(key("good"))?.spec.size == 5)
        #expect(!store.quarantined.keys.contains(key("good")))

        writer.replace([], resourceVersion: "8")
        #expect(store.quarantined.isEmpty)
        #expect(store.count == 0)
    }

    @Test("managedFields are dropped, and list items get the kind that lists leave out")
    func reading() throws {
        let json: JSON = [
            "metadata": ["name": "a", "namespace": "n", "resourceVersion": "4", "managedFields": [[:]]]
        ]
        let item = try #require(ObjectKind.dynamic(.pods).read(json))
        guard case .object(let object) = item.content else {
            Issue.record("undecodable")
            return
        }
        #expect(object.kind == "Pod")
        #expect(object.apiVersion == "v1")
        #expect(object.json.at("metadata", "managedFields") == nil)
        #expect(item.key == key("a", "n"))
        #expect(ObjectKind.dynamic(.pods).read(["metadata": [:]]) == nil)
        #expect(ObjectKind.dynamic(.pods).read("text") == nil)
    }

    @Test("Waiting for the first list ends when the handlers have been told of it")
    func synced() async throws {
        let journal = journal()
        let store = store
        async let waited: Int = {
            try await store.waitUntilSynced()
            return journal.entries.count
        }()
        #expect(!store.isSynced)
        writer.upsert(item(pod("early", version: 1)))
        #expect(!store.isSynced)
        writer.replace([item(pod("a", version: 1)), item(pod("b", version: 2))], resourceVersion: "10")
        #expect(try await waited >= 3)
    }

    @Test("Waiting for an own write ends with its event, a later one or a bookmark")
    func seen() async throws {
        let store = store
        writer.replace([], resourceVersion: "10")
        try await store.waitUntilSeen(resourceVersion: "10")
        try await store.waitUntilSeen(resourceVersion: "not a number")
        let done = Journal<String>()
        async let first: Void = {
            try await store.waitUntilSeen(resourceVersion: "15")
            done.append("15")
        }()
        async let second: Void = {
            try await store.waitUntilSeen(resourceVersion: "99")
            done.append("99")
        }()
        writer.upsert(item(pod("a", version: 14)))
        #expect(done.entries.isEmpty)
        writer.upsert(item(pod("a", version: 16)))
        try await first
        #expect(done.entries == ["15"])
        writer.progress(resourceVersion: "100")
        try await second
    }
}

extension ObjectChange<DynamicObject> {
    /// `added a@1`, `updated a@1→2`, `deleted a@3`
    var text: String {
        let version = object.resourceVersion ?? ""
        let prefix = isInitial ? "initially " : ""
        return switch kind {
        case .added: "\(prefix)added \(key.name)@\(version)"
        case .updated: "\(prefix)updated \(key.name)@\(old?.resourceVersion ?? "?")→\(version)"
        case .deleted: "\(prefix)deleted \(key.name)@\(version)"
        }
    }
}
