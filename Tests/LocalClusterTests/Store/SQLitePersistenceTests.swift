import Foundation
import KubeCore
import Testing

@testable import LocalCluster

@Suite("The store on disk")
struct SQLitePersistenceTests {
    private let secrets = GroupResource(group: "", resource: "secrets")

    /// A directory that goes with the test.
    private func withDirectory(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.path + "/store-\(Names.uid())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }

    private func put(
        _ store: ObjectStore, _ name: String, _ value: String, over: StoredObject? = nil
    ) async throws -> StoredObject {
        try await store.put(
            secrets, ObjectKey(namespace: "ns", name: name),
            EncodedObject(["metadata": ["name": .string(name), "uid": "u"], "v": .string(value)]),
            attributes: ObjectAttributes(labels: ["l": value], fields: ["type": value]), replacing: over)
    }

    @Test("What was acknowledged is there after the store is opened again, deletions too, and revisions go on")
    func reopening() async throws {
        try await withDirectory { path in
            let file = path + "/s.sqlite"
            var last: UInt64 = 0
            do {
                let store = try ObjectStore(persistence: try SQLitePersistence(path: file))
                let a = try await put(store, "a", "1")
                let b = try await put(store, "b", "1")
                _ = try await put(store, "a", "2", over: a)
                last = try await store.delete(secrets, replacing: b)
                // No closing: as after a kill.
            }
            let store = try ObjectStore(persistence: try SQLitePersistence(path: file))
            #expect(store.revision == last)
            let a = try #require(store.get(secrets, ObjectKey(namespace: "ns", name: "a")))
            #expect(a.json(typed: nil)["v"] == "2" && a.attributes.labels == ["l": "2"])
            #expect(a.attributes.fields == ["type": "2"] && a.uid == "u")
            #expect(store.get(secrets, ObjectKey(namespace: "ns", name: "b")) == nil)
            let c = try await put(store, "c", "1")
            #expect(c.revision > last)
            if case .expired = store.events(secrets, after: last - 1) {
            } else {
                Issue.record("the history does not outlive the process")
            }
        }
    }

    @Test("Writes that come together are all stored, each once, in one order")
    func concurrentWrites() async throws {
        try await withDirectory { path in
            let file = path + "/s.sqlite"
            let store = try ObjectStore(persistence: try SQLitePersistence(path: file))
            let revisions = try await withThrowingTaskGroup(of: UInt64.self) { group in
                for number in 0..<100 { group.addTask { try await put(store, "s\(number)", "v").revision } }
                var revisions: [UInt64] = []
                for try await revision in group { revisions.append(revision) }
                return revisions
            }
            #expect(Set(revisions).count == 100)
            let again = try ObjectStore(persistence: try SQLitePersistence(path: file))
            #expect(again.count(secrets) == 100 && again.revision == revisions.max())
        }
    }

    @Test("Of writers over one state, one wins, also while the disk is at work")
    func oneWinner() async throws {
        try await withDirectory { path in
            let store = try ObjectStore(persistence: try SQLitePersistence(path: path + "/s.sqlite"))
            let base = try await put(store, "a", "0")
            let wins = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    group.addTask { (try? await put(store, "a", "\(number)", over: base)) != nil }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(wins == 1)
        }
    }
}
