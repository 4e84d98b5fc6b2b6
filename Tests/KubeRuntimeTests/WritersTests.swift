import KubeClient
import KubeCore
import Testing

@testable import KubeRuntime

@Suite("Finalizers")
struct FinalizersTests {
    let api = FakeAPI()
    let path = "/apis/example.com/v1/namespaces/default/engines/e"
    let mine = "example.com/mine"

    func engine(_ finalizers: [String], uid: String = "uid-e") -> ObjectMeta {
        var object = pod("e", version: 1, uid: uid)
        object.finalizers = finalizers
        api.put(path, object.json)
        return object.metadata
    }

    var finalizers: [String] { api.object(path).map { DynamicObject($0).finalizers } ?? [] }

    @Test("A finalizer is added to none and to others, and once", arguments: [[], ["other"], ["other", "more"]])
    func adds(present: [String]) async throws {
        let writer = Finalizers(client: api)
        let after = try await writer.add(mine, to: engine(present), of: .engines)
        #expect(finalizers == present + [mine])
        let object = try #require(after)
        #expect(try await writer.add(mine, to: object.metadata, of: .engines) == nil)
        #expect(api.log.count == 1)
    }

    @Test("A finalizer is removed from wherever it stands, and others stay")
    func removes() async throws {
        let writer = Finalizers(client: api)
        _ = try await writer.remove(mine, from: engine(["first", mine, "last"]), of: .engines)
        #expect(finalizers == ["first", "last"])
        #expect(try await writer.remove(mine, from: engine(["first"]), of: .engines) == nil)
    }

    @Test("An object that is being deleted gets no new finalizer")
    func deleting() async throws {
        var metadata = engine([])
        metadata.deletionTimestamp = Timestamp(seconds: 1)
        #expect(Finalizers.patch(adding: mine, to: metadata) == nil)
    }

    @Test("Finalizers that have changed meanwhile are a conflict, not a loss")
    func changed() async throws {
        let writer = Finalizers(client: api)
        let stale = engine(["other"])
        _ = engine(["other", "newcomer"])
        let added = await #expect(throws: ClientError.self) { try await writer.add(mine, to: stale, of: .engines) }
        #expect(added?.isConflict == true)
        let staleToo = engine([mine, "other"])
        _ = engine(["other", mine])
        let removed = await #expect(throws: ClientError.self) {
            try await writer.remove(mine, from: staleToo, of: .engines)
        }
        #expect(removed?.isConflict == true)
        #expect(finalizers == ["other", mine])
    }

    @Test("Another object under the same name is left alone")
    func recreated() async throws {
        let writer = Finalizers(client: api)
        let stale = engine([mine], uid: "old")
        _ = engine([mine], uid: "new")
        let error = await #expect(throws: ClientError.self) { try await writer.remove(mine, from: stale, of: .engines) }
        #expect(error?.isConflict == true)
        #expect(finalizers == [mine])
    }

    @Test("Removing from an object that is gone is done")
    func gone() async throws {
        let metadata = engine([mine])
        api.remove(path)
        #expect(try await Finalizers(client: api).remove(mine, from: metadata, of: .engines) == nil)
    }
}

@Suite("Status writer")
struct StatusWriterTests {
    let api = FakeAPI()
    let path = "/apis/example.com/v1/namespaces/default/widgets/w"

    func widget(_ status: Widget.Status?) throws -> Widget {
        var json = KubeRuntimeTests.widget("w", version: 1, size: 3).json
        if let status { json["status"] = try JSONTreeEncoder().encode(status) }
        json.set("kept", at: ["status", "unknownField"])
        api.put(path, json)
        return try JSONTreeDecoder().decode(Widget.self, from: try #require(api.object(path)))
    }

    @Test("A status that is as it should be is not written")
    func unchanged() async throws {
        let widget = try widget(Widget.Status(phase: "Ready", count: 2))
        let written = try await StatusWriter(client: api).update(widget) { $0.status?.phase = "Ready" }
        #expect(written == nil)
        #expect(api.log.isEmpty)
    }

    @Test("Only what differs is sent, to the status subresource, and unknown fields stay")
    func changed() async throws {
        let widget = try widget(Widget.Status(phase: "Pending", count: 2))
        let written = try await StatusWriter(client: api).update(widget) {
            $0.status?.phase = "Ready"
            $0.spec.size = 99
        }
        #expect(written?.status == Widget.Status(phase: "Ready", count: 2))
        let request = try #require(api.log.first)
        #expect(request.path == path + "/status")
        #expect(request.header("Content-Type") == "application/merge-patch+json")
        let body = try JSON.parse(request.body ?? [])
        #expect(body == ["status": ["phase": "Ready"]])
        #expect(api.object(path)?.at("status", "unknownField") == "kept")
    }

    @Test("A field that is no more is removed")
    func removed() async throws {
        let widget = try widget(Widget.Status(phase: "Ready", count: 2))
        let written = try await StatusWriter(client: api).update(widget) { $0.status?.count = nil }
        #expect(written?.status == Widget.Status(phase: "Ready", count: nil))
    }

    @Test("The first status of an object is written whole")
    func first() async throws {
        let json = KubeRuntimeTests.widget("w", version: 1, size: 3)
        api.put(path, json.json)
        let written = try await StatusWriter(client: api).write(
            ["phase": "Ready"], over: nil, of: Widget.resourceType, json.metadata)
        #expect(written?.json["status"] == ["phase": "Ready"])
        let none = try await StatusWriter(client: api).write(nil, over: [:], of: Widget.resourceType, json.metadata)
        #expect(none == nil)
    }

    @Test("A conditional write of a stale object is a conflict")
    func conditional() async throws {
        let stale = try widget(Widget.Status(phase: "Pending", count: 1))
        _ = try widget(Widget.Status(phase: "Pending", count: 2))
        let error = await #expect(throws: ClientError.self) {
            try await StatusWriter(client: api).update(stale, isConditional: true) { $0.status?.count = 2 }
        }
        #expect(error?.isConflict == true)
    }
}
