import KubeCore
import Testing

@testable import LocalCluster

@Suite("The HTTP surface")
struct HTTPSurfaceTests {
    private let maps = APIHarness.maps

    @Test("Requests without credentials are anonymous, with wrong ones refused; health is open to all")
    func credentials() async throws {
        let api = try await APIHarness()
        #expect(await api.call("GET", maps, token: nil).status == 403)
        #expect(await api.call("GET", maps, token: "wrong").status == 401)
        #expect(await api.call("GET", "/version", token: nil).status == 200)
        for path in ["/healthz", "/livez", "/readyz", "/livez/ping"] {
            #expect(await api.call("GET", path, token: nil).text == "ok")
        }
    }

    @Test(
        "Paths and methods that are not served",
        arguments: [
            ("GET", "/nope", 404, "text/plain; charset=utf-8"),
            ("GET", "/apis/nope.example/v1/things", 404, "text/plain; charset=utf-8"),
            ("GET", "/api/v1/nopes", 404, "application/json"), ("GET", "/apis/apps/v9", 404, "application/json"),
            ("PUT", "/api/v1/namespaces/default/configmaps", 405, "application/json"),
            ("HEAD", "/api/v1/namespaces/default/configmaps", 405, "application/json"),
            ("DELETE", "/api/v1/namespaces", 405, "application/json"),
            ("POST", "/api/v1/namespaces/default/pods/x/status", 405, "application/json"),
        ])
    func unknown(method: String, path: String, status: Int, type: String) async throws {
        let api = try await APIHarness()
        let answer = await api.call(method, path)
        #expect(answer.status == status && answer.headers["Content-Type"] == [type])
    }

    @Test(
        "What the server cannot write is 406, what it cannot read 415",
        arguments: [
            ("application/xml", 406), ("application/*", 406), ("application/xml, */*", 200),
            ("application/vnd.kubernetes.protobuf,application/json", 200), ("application/yaml", 200),
            ("application/json;as=Nope;v=v1;g=meta.k8s.io", 406),
        ])
    func negotiation(accept: String, status: Int) async throws {
        let api = try await APIHarness()
        #expect(await api.call("GET", maps, accept: accept).status == status)
        #expect(await api.call("POST", maps, text: "x", type: "text/plain").status == 415)
    }

    @Test(
        "Bodies that cannot be decoded are 400",
        arguments: [
            "{not json", "[]", "", "\"x\"", #"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":5}}"#,
            #"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"k":5}}"#,
            #"{"kind":"Secret","apiVersion":"v1","metadata":{"name":"a"}}"#,
        ])
    func badBodies(body: String) async throws {
        let api = try await APIHarness()
        let answer = await api.call("POST", maps, text: body, type: "application/json")
        #expect(answer.status == 400 && answer.reason == "BadRequest")
    }

    @Test("Unknown and repeated fields are refused, told or passed over as fieldValidation says")
    func fieldValidation() async throws {
        let api = try await APIHarness()
        let body =
            #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{"x":"1","x":"2"}},"dota":{}}"#
        let strict = await api.call("POST", maps + "?fieldValidation=Strict", text: body)
        #expect(strict.status == 400)
        let warned = await api.call("POST", maps + "?dryRun=All", text: body)
        #expect(warned.status == 201)
        #expect(
            warned.headers["Warning"] == [
                #"299 - "duplicate field \"metadata.labels.x\"""#, #"299 - "unknown field \"dota\"""#,
            ])
        let ignored = await api.call("POST", maps + "?fieldValidation=Ignore", text: body)
        #expect(ignored.status == 201 && ignored.headers["Warning"] == nil)
    }

    @Test("YAML is read and written")
    func yaml() async throws {
        let api = try await APIHarness()
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: |\n    one\n    two\n"
        let made = await api.call("POST", maps, text: text, type: "application/yaml")
        #expect(made.status == 201 && made.json.at("data", "k") == "one\ntwo\n")
        let missing = await api.call("GET", maps + "/none", accept: "application/yaml")
        #expect(missing.text.hasPrefix("apiVersion: v1\ncode: 404\n"))
    }

    @Test("kubectl's protobuf bodies are read")
    func protobuf() async throws {
        let api = try await APIHarness()
        // `kubectl create configmap a --from-literal=k=v`
        let hex =
            "6b3873000a0f0a0276311209436f6e6669674d6170121b0a110a01611200"
            + "1a0022002a0032003800420012060a016b1201761a002200"
        var bytes: [UInt8] = []
        var rest = Substring(hex)
        while let byte = UInt8(rest.prefix(2), radix: 16) {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        let made = await api.call("POST", maps, bytes: bytes, type: "application/vnd.kubernetes.protobuf")
        #expect(made.status == 201 && made.json["data"] == ["k": "v"])
        for end in 4..<bytes.count - 1 {
            let cut = await api.call(
                "POST", maps + "?dryRun=All", bytes: Array(bytes[..<end]), type: "application/vnd.kubernetes.protobuf")
            #expect(cut.status == 400 || cut.status == 422 || cut.status == 409)
        }
    }

    @Test("Discovery carries an ETag, and 304 answers it")
    func discovery() async throws {
        let api = try await APIHarness()
        let accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
        let first = await api.call("GET", "/apis", accept: accept)
        #expect(
            first.headers["Content-Type"] == ["application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"])
        let tag = try #require(first.headers["ETag"]?.first)
        #expect(await api.call("GET", "/apis", accept: accept, ifNoneMatch: tag).status == 304)
        let list = await api.call("GET", "/api/v1")
        let names = (list.json["resources"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        #expect(Set(["pods", "pods/status", "pods/log", "configmaps"]).isSubset(of: names))
    }

    @Test("A token of a service account is its user until the account is gone")
    func serviceAccountToken() async throws {
        let api = try await APIHarness()
        let accounts = "/api/v1/namespaces/default/serviceaccounts"
        _ = await api.call("POST", accounts, ["apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": "x"]])
        let request = await api.call("POST", accounts + "/x/token", ["kind": "TokenRequest", "spec": [:]])
        let token = try #require(request.json.at("status", "token")?.stringValue)
        let review: JSON = ["apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"]
        let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
        let who = await api.call("POST", path, review, token: token)
        #expect(who.json.at("status", "userInfo", "username") == "system:serviceaccount:default:x")
        #expect(await api.call("POST", path, review, token: token + "x").status == 401)
        _ = await api.call("DELETE", accounts + "/x")
        #expect(await api.call("POST", path, review, token: token).status == 401)
    }
}
