import KubeCore
import Testing

@testable import KubeClient

@Suite("Discovery")
struct DiscoveryTests {
    private static func resource(
        _ plural: String, _ kind: String, _ singular: String, short: String = "", categories: String = "",
        scope: String = "Namespaced", subresources: String = ""
    ) -> String {
        """
        {"resource":"\(plural)","responseKind":{"group":"","version":"","kind":"\(kind)"},"scope":"\(scope)",\
        "singularResource":"\(singular)","verbs":["get","list"],"shortNames":[\(short)],\
        "categories":[\(categories)],"subresources":[\(subresources)]}
        """
    }

    private static func aggregated(_ groups: String) -> String {
        #"{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[\#(groups)]}"#
    }

    private static let core = aggregated(
        #"{"metadata":{},"versions":[{"version":"v1","resources":["#
            + resource(
                "pods", "Pod", "pod", short: #""po""#, categories: #""all""#,
                subresources: #"{"subresource":"status"},{"subresource":"log"}"#) + ","
            + resource("events", "Event", "event", short: #""ev""#) + ","
            + resource("nodes", "Node", "node", scope: "Cluster") + "]}]}")

    private static func groups(_ extra: String = "") -> String {
        aggregated(
            #"{"metadata":{"name":"apps"},"versions":[{"version":"v1","resources":["#
                + resource("deployments", "Deployment", "deployment", short: #""deploy""#, categories: #""all""#)
                + #"]},{"version":"v1beta1","resources":["#
                + resource("deployments", "Deployment", "deployment") + ","
                + resource("olds", "Old", "old") + "]}]},"
                + #"{"metadata":{"name":"events.k8s.io"},"versions":[{"version":"v1","resources":["#
                + resource("events", "Event", "event", short: #""ev""#) + "]}]}" + extra)
    }

    private static let engines =
        #",{"metadata":{"name":"flowengine.io"},"versions":[{"version":"v1","resources":["#
        + resource("engines", "Engine", "engine", short: #""eng""#, categories: #""flow""#) + "]}]}"

    private func serving(_ groups: Box<String>, requests: Counter = Counter()) throws -> ScriptedServer {
        try ScriptedServer { connection in
            while true {
                let request = try connection.request()
                _ = requests.next()
                guard request.headers["accept"]?.contains("apidiscovery.k8s.io;v=v2;") == true else {
                    try connection.respond(406, "{}")
                    continue
                }
                try connection.respond(200, request.path == "/api" ? Self.core : groups.withLock { $0 })
            }
        }
    }

    @Test(
        "A user's word is resolved in every form that kubectl takes",
        arguments: [
            ("pods", "v1 pods"), ("pod", "v1 pods"), ("po", "v1 pods"), ("Pod", "v1 pods"), ("PODS", "v1 pods"),
            ("deployments.apps", "apps/v1 deployments"), ("deploy", "apps/v1 deployments"),
            ("deployments.v1beta1.apps", "apps/v1beta1 deployments"), ("deploy.v1.apps", "apps/v1 deployments"),
            ("events", "v1 events"), ("events.events.k8s.io", "events.k8s.io/v1 events"), ("events.v1", "v1 events"),
            ("olds", "apps/v1beta1 olds"), ("eng", "flowengine.io/v1 engines"),
            ("engines.flowengine.io", "flowengine.io/v1 engines"), ("Engine", "flowengine.io/v1 engines"),
            ("all", "v1 pods,apps/v1 deployments"), ("flow", "flowengine.io/v1 engines"),
        ])
    func resolve(word: String, expected: String) async throws {
        let server = try serving(Box(Self.groups(Self.engines)))
        try await withClient(server) { client in
            let found = try await client.discovery().resolve(word)
            #expect(found.map { "\($0.type.apiVersion) \($0.type.plural)" }.joined(separator: ",") == expected)
        }
    }

    @Test("What a kind offers is known")
    func details() async throws {
        let server = try serving(Box(Self.groups()))
        try await withClient(server) { client in
            let discovery = client.discovery()
            let pods = try await discovery.resolve("po")
            #expect(pods.first?.subresources == ["status", "log"])
            #expect(pods.first?.verbs == ["get", "list"])
            #expect(pods.first?.type.isNamespaced == true)
            let nodes = try await discovery.resolve("nodes")
            #expect(nodes.first?.type.isNamespaced == false)
            let kind = GroupVersionKind(group: "apps", version: "v1beta1", kind: "Deployment")
            let deployment = try await discovery.resolve(kind)
            #expect(deployment.type.plural == "deployments")
            #expect(!deployment.isPreferredVersion)
        }
    }

    @Test("A kind that is new is found by asking again; one that is unknown is an error with a hint")
    func refresh() async throws {
        let groups = Box(Self.groups())
        let requests = Counter()
        let server = try ScriptedServer { connection in
            while true {
                let request = try connection.request()
                _ = requests.next()
                try connection.respond(200, request.path == "/api" ? Self.core : groups.withLock { $0 })
            }
        }
        try await withClient(server) { client in
            let discovery = client.discovery()
            let error = try await clientError { try await discovery.resolve("podz") }
            guard case .unknownResource = error.code else {
                Issue.record("wrong code: \(error)")
                return
            }
            #expect(error.message.contains("Did you mean pods?"))
            #expect(requests.count == 2)
            groups.withLock { $0 = Self.groups(Self.engines) }
            let engines = try await discovery.resolve("engines")
            #expect(engines.count == 1)
            #expect(requests.count == 4)
            _ = try await discovery.resolve("pods")
            #expect(requests.count == 4)
        }
    }

    @Test("Without aggregated discovery the groups' own documents are read, and a broken group hides no other")
    func fallback() async throws {
        let documents = [
            "/api": #"{"kind":"APIVersions","versions":["v1"]}"#,
            "/apis": #"{"kind":"APIGroupList","groups":[{"name":"apps","versions":"#
                + #"[{"groupVersion":"apps/v1beta1"},{"groupVersion":"apps/v1"}],"#
                + #""preferredVersion":{"groupVersion":"apps/v1"}},"#
                + #"{"name":"down","versions":[{"groupVersion":"down/v1"}],"#
                + #""preferredVersion":{"groupVersion":"down/v1"}}]}"#,
            "/api/v1": #"{"kind":"APIResourceList","resources":[{"name":"pods","singularName":"pod","#
                + #""namespaced":true,"kind":"Pod","verbs":["list"],"shortNames":["po"]},"#
                + #"{"name":"pods/log","kind":"Pod","verbs":["get"]}]}"#,
            "/apis/apps/v1": #"{"resources":[{"name":"deployments","kind":"Deployment","namespaced":true}]}"#,
            "/apis/apps/v1beta1": #"{"resources":[{"name":"deployments","kind":"Deployment","namespaced":true},"#
                + #"{"name":"olds","kind":"Old","namespaced":true}]}"#,
        ]
        let server = try ScriptedServer { connection in
            while true {
                let request = try connection.request()
                if let document = documents[request.path] {
                    try connection.respond(200, document)
                } else {
                    try connection.respond(503, "down", type: "text/plain")
                }
            }
        }
        try await withClient(server) { client in
            let discovery = client.discovery()
            let pods = try await discovery.resolve("po")
            #expect(pods.first?.subresources == ["log"])
            let deployments = try await discovery.resolve("deployments")
            #expect(deployments.map(\.type.version) == ["v1"])
            let olds = try await discovery.resolve("olds")
            #expect(olds.map(\.type.version) == ["v1beta1"])
            #expect(discovery.unavailable.keys.sorted() == ["down/v1"])
            let error = try await clientError { try await discovery.resolve("things") }
            #expect(error.message.contains("could not be asked: down/v1"))
        }
    }
}
