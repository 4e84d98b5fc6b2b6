import KubeCore
import Testing

@testable import KubeClient

private struct Settings: KubeObject, Equatable {
    static let resourceType = ResourceType.configMaps
    var metadata: ObjectMeta
    var data: [String: String]?
}

@Suite("Resources")
struct ResourceTests {
    /// Answers with what was asked for, so that a test sees the request.
    private func echoing() throws -> ScriptedServer {
        try ScriptedServer { connection in
            while true {
                let request = try connection.request()
                let answer: JSON = [
                    "metadata": ["name": "echo"],
                    "data": [
                        "line": .string("\(request.method) \(request.target)"),
                        "type": .string(request.headers["content-type"] ?? ""),
                        "accept": .string(request.headers["accept"] ?? ""),
                        "body": .string(String(decoding: request.body, as: UTF8.self)),
                    ],
                ]
                try connection.respond(200, answer.encodedString())
            }
        }
    }

    private func json(_ text: String?) throws -> JSON { try JSON.parse(text ?? "") }

    @Test("Typed objects are sent with kind and namespace, and come back as the type")
    func typed() async throws {
        let server = try echoing()
        try await withClient(server) { client in
            let maps = client.resource(Settings.self, namespace: "n")
            let object = Settings(metadata: ObjectMeta(name: "a"), data: ["k": "v"])
            let created = try await maps.create(object, options: WriteOptions(fieldManager: "me"))
            #expect(created.metadata.name == "echo")
            #expect(created.data?["line"] == "POST /api/v1/namespaces/n/configmaps?fieldManager=me")
            let body = try json(created.data?["body"])
            #expect(
                body == [
                    "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a", "namespace": "n"],
                    "data": ["k": "v"],
                ])
            let replaced = try await maps.replaceStatus(object)
            #expect(replaced.data?["line"] == "PUT /api/v1/namespaces/n/configmaps/a/status")
        }
    }

    @Test("Each kind of patch has its content type, and apply its manager")
    func patches() async throws {
        let server = try echoing()
        try await withClient(server) { client in
            let maps = client.resource(.configMaps, namespace: "n")
            let merged = try await maps.patch("a", .merge(["x": nil]))
            #expect(merged.json.at("data", "type") == "application/merge-patch+json")
            #expect(merged.json.at("data", "body") == "{\"x\":null}")
            let operations = try await maps.patch("a", .json([["op": "remove", "path": "/x"]]), subresource: "scale")
            #expect(operations.json.at("data", "type") == "application/json-patch+json")
            #expect(operations.json.at("data", "line") == "PATCH /api/v1/namespaces/n/configmaps/a/scale")
            let strategic = try await maps.patchStatus("a", .strategic([:]))
            #expect(strategic.json.at("data", "type") == "application/strategic-merge-patch+json")
            let applied = try await maps.applyStatus(
                json: ["metadata": ["name": "a"]], fieldManager: "me", force: true)
            #expect(applied.json.at("data", "type") == "application/apply-patch+yaml")
            #expect(
                applied.json.at("data", "line")
                    == "PATCH /api/v1/namespaces/n/configmaps/a/status?fieldManager=me&force=true")
            let body = try json(applied.json.at("data", "body")?.stringValue)
            #expect(body["kind"] == "ConfigMap")
            #expect(body.at("metadata", "namespace") == "n")
        }
    }

    @Test("A name or a namespace that is missing is refused before anything is sent")
    func guards() async throws {
        let server = try echoing()
        try await withClient(server) { client in
            let everywhere = client.resource(.configMaps)
            let unnamed = try await clientError { try await client.resource(.configMaps, namespace: "n").get("") }
            #expect(unnamed.message.contains("without a name"))
            let error = try await clientError { try await everywhere.delete("a") }
            #expect(error.message.contains("live in namespaces"))
            _ = try await clientError { try await everywhere.deleteCollection() }
            _ = try await clientError { try await everywhere.create(DynamicObject(["metadata": ["name": "a"]])) }
            #expect(server.acceptedCount == 0)
        }
    }

    @Test("A deletion tells whether the object is gone or under way")
    func deletion() async throws {
        let server = try ScriptedServer { connection in
            while true {
                let request = try connection.request()
                if request.path.hasSuffix("/gone") {
                    try connection.respond(200, Status.success().json.encodedString())
                } else {
                    try connection.respond(200, #"{"kind":"ConfigMap","metadata":{"name":"waiting"}}"#)
                }
            }
        }
        try await withClient(server) { client in
            let maps = client.resource(.configMaps, namespace: "n")
            guard case .gone = try await maps.delete("gone") else {
                Issue.record("a Status means gone")
                return
            }
            guard case .underWay(let object) = try await maps.delete("waiting") else {
                Issue.record("an object means under way")
                return
            }
            #expect(object.name == "waiting")
        }
    }

    @Test("A missing object is nil where that was asked for, and an error elsewhere")
    func missing() async throws {
        let server = try ScriptedServer { connection in
            while true {
                _ = try connection.request()
                try connection.respond(404, Status.notFound(.configMaps, "a").json.encodedString())
            }
        }
        try await withClient(server) { client in
            let maps = client.resource(Settings.self, namespace: "n")
            let object = try await maps.getIfPresent("a")
            #expect(object == nil)
            let error = try await clientError { try await maps.get("a") }
            #expect(error.isNotFound)
        }
    }

    /// Serves three pages; the continue token of the first one expires `expiries` times.
    private func paging(expiries: Int, requests: Box<[String]>) throws -> ScriptedServer {
        let expired = Counter()
        return try ScriptedServer { connection in
            while true {
                let request = try connection.request()
                requests.withLock { $0.append(request.target) }
                func page(_ name: String, _ token: String) -> String {
                    #"{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"7","continue":""#
                        + token + #""},"items":[{"metadata":{"name":""# + name + #""}}]}"#
                }
                if request.target.contains("continue=one") {
                    if expired.next() <= expiries {
                        try connection.respond(410, Status.expired("continue").json.encodedString())
                    } else {
                        try connection.respond(200, page("b", "two"))
                    }
                } else if request.target.contains("continue=two") {
                    try connection.respond(200, page("c", ""))
                } else if request.target.contains("limit") {
                    try connection.respond(200, page("a", "one"))
                } else {
                    try connection.respond(200, page("whole", ""))
                }
            }
        }
    }

    @Test("A list by pages is put together, with apiVersion and kind on each item")
    func pages() async throws {
        let requests = Box<[String]>([])
        let server = try paging(expiries: 0, requests: requests)
        try await withClient(server) { client in
            let list = try await client.resource(.configMaps).listAll(
                ListOptions(labelSelector: "a=b", resourceVersion: "0"), pageSize: 1)
            #expect(list.items.map(\.name) == ["a", "b", "c"])
            #expect(list.items.map(\.kind) == ["ConfigMap", "ConfigMap", "ConfigMap"])
            #expect(list.items.map(\.apiVersion) == ["v1", "v1", "v1"])
            #expect(list.resourceVersion == "7")
            #expect(list.continueToken == nil)
            #expect(
                requests.withLock { $0 } == [
                    "/api/v1/configmaps?labelSelector=a%3Db&limit=1&resourceVersion=0",
                    "/api/v1/configmaps?labelSelector=a%3Db&limit=1&continue=one",
                    "/api/v1/configmaps?labelSelector=a%3Db&limit=1&continue=two",
                ])
        }
    }

    @Test("An expired continue token starts the list again, in the end in one piece")
    func expiredPages() async throws {
        let once = try paging(expiries: 1, requests: Box([]))
        try await withClient(once) { client in
            let list = try await client.resource(.configMaps).listAll(pageSize: 1)
            #expect(list.items.map(\.name) == ["a", "b", "c"])
        }
        let always = try paging(expiries: 9, requests: Box([]))
        try await withClient(always) { client in
            let list = try await client.resource(.configMaps).listAll(pageSize: 1)
            #expect(list.items.map(\.name) == ["whole"])
        }
    }

    @Test("Objects that do not fit the type are set aside in a list")
    func undecodable() async throws {
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            try connection.respond(
                200,
                #"{"kind":"ConfigMapList","apiVersion":"v1","metadata":{},"items":["#
                    + #"{"metadata":{"name":"good"}},{"metadata":{"name":"bad"},"data":[1]}]}"#)
        }
        try await withClient(server) { client in
            let list = try await client.resource(Settings.self, namespace: "n").list()
            #expect(list.items.map(\.metadata.name) == ["good"])
            #expect(list.undecodable.map(\.object.name) == ["bad"])
            #expect(list.undecodable.first?.error.message.contains("ConfigMap \"bad\"") == true)
        }
    }

    @Test("managedFields are dropped unless they are wanted; metadata alone can be asked for")
    func managedFields() async throws {
        let server = try ScriptedServer { connection in
            while true {
                let request = try connection.request()
                let accept = request.headers["accept"] ?? ""
                try connection.respond(
                    200, #"{"accept":""# + accept + #"","metadata":{"name":"a","managedFields":[{}]}}"#)
            }
        }
        try await withClient(server) { client in
            var maps = client.resource(.configMaps, namespace: "n")
            let lean = try await maps.get("a")
            #expect(lean.json.at("metadata", "managedFields") == nil)
            maps.keepsManagedFields = true
            let whole = try await maps.inNamespace("m").get("a")
            #expect(whole.json.at("metadata", "managedFields") != nil)
            let metadata = try await client.metadata(.configMaps, namespace: "n").get("a")
            #expect(metadata.json["accept"]?.stringValue?.contains("as=PartialObjectMetadata") == true)
        }
    }
}
