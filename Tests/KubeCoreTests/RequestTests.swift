import KubeCore
import Testing

@Suite("Requests and what answers them")
struct RequestTests {
    @Test("Paths name group, version, namespace, kind, object and subresource")
    func paths() {
        #expect(
            ResourceType.pods.path(namespace: "a", name: "b", subresource: "log") == "/api/v1/namespaces/a/pods/b/log")
        #expect(ResourceType.pods.path(namespace: nil) == "/api/v1/pods")
        #expect(ResourceType.nodes.path(namespace: "ignored", name: "n") == "/api/v1/nodes/n")
        #expect(
            ResourceType.leases.path(namespace: "x", name: "y") == "/apis/coordination.k8s.io/v1/namespaces/x/leases/y")
        #expect(
            ResourceType.pods.path(namespace: "../x", name: "a/b c%é")
                == "/api/v1/namespaces/..%2Fx/pods/a%2Fb%20c%25%C3%A9")
        #expect(
            ResourceType.services.path(namespace: "a", name: "b", subresource: "proxy/m e")
                == "/api/v1/namespaces/a/services/b/proxy/m%20e")
    }

    @Test("A list asks with its options")
    func list() {
        let request = APIRequest.list(
            .pods, namespace: "a",
            options: ListOptions(labelSelector: "a in (b,c)", limit: 5, continueToken: "t=", resourceVersion: "0"))
        #expect(
            request.description
                == "GET /api/v1/namespaces/a/pods?labelSelector=a%20in%20%28b%2Cc%29&limit=5&continue=t%3D&resourceVersion=0"
        )
        #expect(request.body == nil)
    }

    @Test("A watch asks for bookmarks and from where")
    func watch() {
        let request = APIRequest.watch(
            .pods,
            options: ListOptions(
                resourceVersion: "7", timeoutSeconds: 290, allowWatchBookmarks: true, sendInitialEvents: true))
        #expect(
            request.target
                == "/api/v1/pods?watch=true&resourceVersion=7&timeoutSeconds=290&allowWatchBookmarks=true&sendInitialEvents=true"
        )
    }

    @Test(
        "Patches carry their content type, and apply its manager",
        arguments: [
            (PatchType.merge, "application/merge-patch+json", ""), (.json, "application/json-patch+json", ""),
            (.strategic, "application/strategic-merge-patch+json", ""),
            (.apply(manager: "me", force: true), "application/apply-patch+yaml", "?fieldManager=me&force=true"),
            (.apply(manager: "me", force: false), "application/apply-patch+yaml", "?fieldManager=me"),
        ])
    func patches(type: PatchType, contentType: String, query: String) {
        let request = APIRequest.patch(.configMaps, namespace: "n", name: "c", type, ["a": 1])
        #expect(request.description == "PATCH /api/v1/namespaces/n/configmaps/c\(query)")
        #expect(request.header("content-type") == contentType)
        #expect(request.body == Array(#"{"a":1}"#.utf8))
    }

    @Test("A deletion carries its options as a body")
    func delete() throws {
        let request = APIRequest.delete(
            .pods, namespace: "n", name: "p",
            options: DeleteOptions(gracePeriodSeconds: 0, propagationPolicy: .foreground, preconditionUID: "u"))
        #expect(request.method == .delete)
        #expect(
            try JSON.parse(request.body ?? []) == [
                "kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0, "propagationPolicy": "Foreground",
                "preconditions": ["uid": "u"],
            ])
        #expect(
            APIRequest.deleteCollection(.pods, namespace: "n", list: .init(limit: 9)).target
                == "/api/v1/namespaces/n/pods?limit=9")
    }

    @Test("Writes go to the collection or the object")
    func writes() {
        #expect(
            APIRequest.create(.pods, namespace: "n", [:], options: .init(dryRun: true)).description
                == "POST /api/v1/namespaces/n/pods?dryRun=All")
        #expect(
            APIRequest.create(.pods, namespace: "n", name: "p", subresource: "eviction", [:]).path
                == "/api/v1/namespaces/n/pods/p/eviction")
        #expect(
            APIRequest.replace(.pods, namespace: "n", name: "p", subresource: "status", [:]).description
                == "PUT /api/v1/namespaces/n/pods/p/status")
        #expect(APIRequest.get(.nodes, name: "x").description == "GET /api/v1/nodes/x")
    }

    @Test("A status reads back as it was written, and takes absent fields for empty")
    func status() throws {
        let status = Status.invalid(
            .customResourceDefinitions, "x",
            [.init(reason: "FieldValueRequired", message: "Required value", field: "spec.a")])
        #expect(Status(json: status.json) == status)
        #expect(
            status.message == "CustomResourceDefinition.apiextensions.k8s.io \"x\" is invalid: spec.a: Required value")
        #expect(
            Status.notFound(.pods, "p").json.encodedString(.compactSorted)
                == #"{"apiVersion":"v1","code":404,"details":{"kind":"pods","name":"p"},"kind":"Status","message":"pods \"p\" not found","metadata":{},"reason":"NotFound","status":"Failure"}"#
        )
        #expect(Status(json: ["kind": "Status"])?.reason == .unknown)
        #expect(Status(json: ["kind": "Pod"]) == nil)
        #expect(Status(json: ["kind": "Status", "code": .int(.max)])?.code == Int(Int64.max))
        #expect(Status.invalid(.pods, "x", []).message == "Pod \"x\" is invalid")
    }

    @Test("Lines are framed wherever the chunks are cut", arguments: [1, 2, 3, 5, 7, 1000])
    func framing(size: Int) throws {
        let bytes = Array("{\"a\":\"é€😀\"}\n\n{\"b\":1}\r\n{\"c\"".utf8)
        var framer = LineFramer()
        var lines: [String] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            try framer.append(bytes[start..<Swift.min(start + size, bytes.count)]) {
                lines.append(String(decoding: $0, as: UTF8.self))
            }
        }
        #expect(lines == ["{\"a\":\"é€😀\"}", "{\"b\":1}\r"])
        #expect(framer.pendingCount == 4)
        let last = framer.finish()
        #expect(last == Array("{\"c\"".utf8))
        let none = framer.finish()
        #expect(none == nil)
    }

    @Test("A line beyond the limit is an error, in one chunk and in many")
    func longLines() throws {
        var framer = LineFramer(maxLine: 4)
        let lines = try framer.lines(in: Array("abcd\nef".utf8))
        #expect(lines.count == 1)
        #expect(throws: LineFramer.LineTooLong.self) { try framer.lines(in: Array("ghi".utf8)) }
        var whole = LineFramer(maxLine: 4)
        #expect(throws: LineFramer.LineTooLong.self) { try whole.lines(in: Array("abcde\n".utf8)) }
    }

    @Test("Watch frames read back as they were written; other lines are refused")
    func frames() throws {
        let frame = WatchFrame(type: .bookmark, object: ["metadata": ["resourceVersion": "5"]])
        let line = frame.encoded()
        #expect(line.last == 0x0A)
        #expect(try WatchFrame.parse(line) == frame)
        #expect(
            try WatchFrame.parse(
                Array(#"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}"#.utf8)
            ).status?.reason == .expired)
        for text in ["{}", "[]", #"{"type":"ODD","object":{}}"#, #"{"type":"ADDED"}"#, "{"] {
            #expect(throws: JSONParseError.self) { try WatchFrame.parse(Array(text.utf8)) }
        }
    }

    @Test("A condition's transition time moves only with its status")
    func conditions() {
        var conditions: [Condition] = []
        let at = { Timestamp(seconds: $0, nanoseconds: 5) }
        let changes = [
            conditions.set(Condition(type: "Ready", status: "False", reason: "Starting"), now: at(1)),
            conditions.set(Condition(type: "Ready", status: "False", reason: "Waiting"), now: at(2)),
            conditions.set(Condition(type: "Ready", status: "False", reason: "Waiting"), now: at(3)),
        ]
        #expect(changes == [true, true, false])
        #expect(conditions[type: "Ready"]?.lastTransitionTime == Timestamp(seconds: 1))
        let changed = conditions.set(Condition(type: "Ready", status: "True", reason: "Up"), now: at(4))
        #expect(changed)
        #expect(conditions[type: "Ready"]?.lastTransitionTime == Timestamp(seconds: 4))
        #expect(conditions.isTrue("Ready") && !conditions.isTrue("Other"))
        #expect(conditions.count == 1)
    }

    @Test("Group versions and kinds are read from objects")
    func groupVersions() {
        #expect(GroupVersion(apiVersion: "apps/v1") == GroupVersion(group: "apps", version: "v1"))
        #expect(GroupVersion(apiVersion: "v1")?.group == "")
        for text in ["", "/", "a/", "/v1", "a/b/c"] { #expect(GroupVersion(apiVersion: text) == nil) }
        #expect(
            GroupVersionKind(["apiVersion": "apps/v1", "kind": "Deployment"])?.description == "apps/v1, Kind=Deployment"
        )
        #expect(GroupVersionKind(["kind": "Deployment"]) == nil)
    }
}
