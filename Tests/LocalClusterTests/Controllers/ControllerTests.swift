import Foundation
import KubeCore
import Logging
import Testing

@testable import LocalCluster

@Suite("The cluster's controllers", .timeLimit(.minutes(1)))
struct ControllerTests {
    /// Runs the body beside all controllers over an in-memory API.
    private func withControllers(
        types: [ResourceType] = [.pods, .services, .configMaps, .secrets, .serviceAccounts, .endpointSlices],
        rootCertificate: String? = nil, _ body: (InMemoryAPI) async throws -> Void
    ) async throws {
        let api = InMemoryAPI(types: types)
        var logger = Logger(label: "controllers")
        logger.logLevel = .error
        let controllers = ControllerSet(
            options: ControllerOptions(rootCertificate: rootCertificate), api: api, logger: logger)
        let running = Task { try await controllers.run() }
        do {
            try await body(api)
        } catch {
            running.cancel()
            _ = try? await running.value
            throw error
        }
        running.cancel()
        try await running.value
    }

    private func owned(_ name: String, by owners: [JSON], block: Bool = false) -> JSON {
        let references = owners.map { owner -> JSON in
            let object = DynamicObject(owner)
            return OwnerReference(
                apiVersion: object.apiVersion, kind: object.kind, name: object.name, uid: object.uid ?? "",
                controller: nil, blockOwnerDeletion: block
            ).json
        }
        return ["metadata": ["name": .string(name), "ownerReferences": .array(references)]]
    }

    private func delete(_ api: InMemoryAPI, _ name: String, _ propagation: String? = nil) async throws {
        try await api.delete(
            .configMaps, namespace: "n", name: name, uid: nil, gracePeriodSeconds: nil, propagationPolicy: propagation)
    }

    // MARK: - Garbage collection

    @Test("What has lost its last owner is deleted, through several generations")
    func background() async throws {
        try await withControllers { api in
            let owner = try await api.create(.configMaps, namespace: "n", ["metadata": ["name": "owner"]])
            let other = try await api.create(.configMaps, namespace: "n", ["metadata": ["name": "other"]])
            let child = try await api.create(.secrets, namespace: "n", owned("child", by: [owner]))
            _ = try await api.create(.services, namespace: "n", owned("grandchild", by: [child]))
            _ = try await api.create(.secrets, namespace: "n", owned("shared", by: [owner, other]))
            try await delete(api, "owner")
            try await api.wait {
                api.object(.secrets, "n", "child") == nil && api.object(.services, "n", "grandchild") == nil
            }
            try await api.wait {
                api.object(.secrets, "n", "shared").map { DynamicObject($0).ownerReferences.map(\.name) } == ["other"]
            }
        }
    }

    @Test("An object that names an owner who never was is deleted")
    func absentOwner() async throws {
        try await withControllers { api in
            let ghost: JSON = [
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "ghost", "uid": "no-such-uid"],
            ]
            _ = try await api.create(.secrets, namespace: "n", owned("orphan", by: [ghost]))
            try await api.wait { api.object(.secrets, "n", "orphan") == nil }
        }
    }

    @Test("An owner recreated under the same name does not adopt")
    func recreatedOwner() async throws {
        try await withControllers { api in
            let first = try await api.create(.configMaps, namespace: "n", ["metadata": ["name": "owner"]])
            try await delete(api, "owner")
            _ = try await api.create(.configMaps, namespace: "n", ["metadata": ["name": "owner"]])
            _ = try await api.create(.secrets, namespace: "n", owned("child", by: [first]))
            try await api.wait { api.object(.secrets, "n", "child") == nil }
            #expect(api.object(.configMaps, "n", "owner") != nil)
        }
    }

    @Test("A foreground deletion keeps the owner until its blocking dependents are gone")
    func foreground() async throws {
        try await withControllers { api in
            let owner = try await api.create(.configMaps, namespace: "n", ["metadata": ["name": "owner"]])
            var child = owned("child", by: [owner], block: true)
            child.set(["example.com/hold"], at: ["metadata", "finalizers"])
            _ = try await api.create(.secrets, namespace: "n", child)
            try await delete(api, "owner", "Foreground")
            try await api.wait {
                api.object(.secrets, "n", "child").flatMap { DynamicObject($0).deletionTimestamp } != nil
            }
            #expect(api.object(.configMaps, "n", "owner") != nil)
            _ = try await api.mergePatch(
                .secrets, namespace: "n", name: "child", subresource: nil, ["metadata": ["finalizers": []]])
            try await api.wait { api.object(.configMaps, "n", "owner") == nil }
        }
    }

    @Test("An orphaning deletion leaves the dependents without their owner")
    func orphan() async throws {
        try await withControllers { api in
            let owner = try await api.create(.configMaps, namespace: "n", ["metadata": ["name": "owner"]])
            _ = try await api.create(.secrets, namespace: "n", owned("child", by: [owner]))
            try await delete(api, "owner", "Orphan")
            try await api.wait { api.object(.configMaps, "n", "owner") == nil }
            let child = try #require(api.object(.secrets, "n", "child"))
            #expect(DynamicObject(child).ownerReferences.isEmpty)
        }
    }

    @Test(
        "Random families end as the rules say, whatever the order of deletions", arguments: [1, 2, 3, 4, 5] as [UInt64])
    func randomFamilies(seed: UInt64) async throws {
        try await withControllers { api in
            var random = SplitMix(state: seed)
            var objects: [String: JSON] = [:]
            var owners: [String: [String]] = [:]
            for number in 0..<20 {
                let name = "o\(number)"
                let count = number < 4 ? 0 : Int(random.next() % 3)
                let parents = (0..<count).map { _ in "o\(random.next() % UInt64(number))" }
                owners[name] = Array(Set(parents))
                objects[name] = try await api.create(
                    .configMaps, namespace: "n", owned(name, by: Array(Set(parents)).compactMap { objects[$0] }))
            }
            var deleted: Set<String> = []
            for _ in 0..<4 {
                let name = "o\(random.next() % 20)"
                if deleted.insert(name).inserted { try? await delete(api, name) }
            }
            // By the rules: an object stays when it was not deleted and has no owners or one that stays.
            var staying: Set<String> = []
            for number in 0..<20 {
                let name = "o\(number)"
                let parents = owners[name] ?? []
                if !deleted.contains(name), parents.isEmpty || parents.contains(where: staying.contains) {
                    staying.insert(name)
                }
            }
            let (expected, names) = (staying, Array(objects.keys))
            try await api.wait { Set(names.filter { api.object(.configMaps, "n", $0) != nil }) == expected }
        }
    }

    // MARK: - Namespaces

    @Test("A namespace has its service account and the cluster's authority, and gets them again")
    func provision() async throws {
        try await withControllers(rootCertificate: "PEM") { api in
            _ = try await api.create(.namespaces, namespace: nil, ["metadata": ["name": "team"]])
            try await api.wait {
                api.object(.serviceAccounts, "team", "default") != nil
                    && api.object(.configMaps, "team", "kube-root-ca.crt")?.at("data", "ca.crt") == "PEM"
            }
            try await api.delete(
                .serviceAccounts, namespace: "team", name: "default", uid: nil, gracePeriodSeconds: nil,
                propagationPolicy: nil)
            try await api.wait { api.object(.serviceAccounts, "team", "default") != nil }
        }
    }

    @Test("A namespace that is deleted goes when its content is gone, and tells what it waits for")
    func namespaceDeletion() async throws {
        try await withControllers { api in
            _ = try await api.create(.namespaces, namespace: nil, ["metadata": ["name": "team"]])
            _ = try await api.create(.configMaps, namespace: "team", ["metadata": ["name": "a"]])
            _ = try await api.create(
                .secrets, namespace: "team", ["metadata": ["name": "held", "finalizers": ["example.com/hold"]]])
            try await api.delete(
                .namespaces, namespace: nil, name: "team", uid: nil, gracePeriodSeconds: nil, propagationPolicy: nil)
            try await api.wait {
                let conditions = api.object(.namespaces, nil, "team")?.at("status", "conditions")?.arrayValue ?? []
                return conditions.contains {
                    $0["type"] == "NamespaceFinalizersRemaining" && $0["status"] == "True"
                        && $0["message"]?.stringValue?.contains("example.com/hold in 1 resource instances") == true
                }
            }
            #expect(api.object(.configMaps, "team", "a") == nil)
            _ = try await api.mergePatch(
                .secrets, namespace: "team", name: "held", subresource: nil, ["metadata": ["finalizers": []]])
            try await api.wait { api.object(.namespaces, nil, "team") == nil }
        }
    }

    // MARK: - Scheduling

    @Test("A pod is bound to a ready node with its labels, and waits for one until then")
    func scheduling() async throws {
        try await withControllers { api in
            _ = try await api.create(
                .pods, namespace: "n", ["metadata": ["name": "p"], "spec": ["nodeSelector": ["disk": "fast"]]])
            let ready: JSON = ["conditions": [["type": "Ready", "status": "True"]]]
            _ = try await api.create(.nodes, namespace: nil, ["metadata": ["name": "slow"], "status": ready])
            try await api.wait {
                let conditions = api.object(.pods, "n", "p")?.at("status", "conditions")?.arrayValue ?? []
                return conditions.contains {
                    $0["reason"] == "Unschedulable"
                        && $0["message"]
                            == "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."
                }
            }
            _ = try await api.create(
                .nodes, namespace: nil,
                ["metadata": ["name": "fast", "labels": ["disk": "fast"]], "status": ready])
            try await api.wait { api.object(.pods, "n", "p")?.at("spec", "nodeName") == "fast" }
        }
    }

    // MARK: - Services

    private func webPod(_ name: String, address: String, isReady: Bool, port: Int64 = 8080) -> JSON {
        [
            "metadata": ["name": .string(name), "labels": ["app": "web"]],
            "spec": [
                "nodeName": "local",
                "containers": [["name": "main", "ports": [["name": "http", "containerPort": .int(port)]]]],
            ],
            "status": [
                "phase": "Running", "podIP": .string(address),
                "conditions": [["type": "Ready", "status": isReady ? "True" : "False"]],
            ],
        ]
    }

    private func slices(_ api: InMemoryAPI) async -> [JSON] {
        ((try? await api.list(.endpointSlices, namespace: "n").items) ?? []).filter {
            DynamicObject($0).labels["kubernetes.io/service-name"] == "web"
        }
    }

    @Test("A Service's slices name its pods and their ports, and follow readiness")
    func endpointSlices() async throws {
        try await withControllers { api in
            _ = try await api.create(
                .services, namespace: "n",
                [
                    "metadata": ["name": "web"],
                    "spec": [
                        "selector": ["app": "web"],
                        "ports": [["name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"]],
                    ],
                ])
            _ = try await api.create(.pods, namespace: "n", webPod("a", address: "127.64.0.1", isReady: true))
            _ = try await api.create(.pods, namespace: "n", webPod("b", address: "127.64.0.2", isReady: false))
            @Sendable func endpoints(_ slices: [JSON]) -> [String: Bool] {
                var result: [String: Bool] = [:]
                for endpoint in slices.flatMap({ $0["endpoints"]?.arrayValue ?? [] }) {
                    result[endpoint.at("targetRef", "name")?.stringValue ?? ""] =
                        endpoint.at("conditions", "ready")?
                        .boolValue
                }
                return result
            }
            @Sendable func slicesNow() -> [JSON] {
                api.writes.filter { $0.type == .endpointSlices }.map(\.object).suffix(1).map { $0 }
            }
            try await api.wait { endpoints(slicesNow()) == ["a": true, "b": false] }
            let slice = try #require(await slices(api).first)
            #expect(slice["ports"] == [["name": "http", "port": 8080, "protocol": "TCP"]])
            #expect(DynamicObject(slice).ownerReferences.first?.kind == "Service")
            _ = try await api.mergePatch(
                .pods, namespace: "n", name: "b", subresource: "status",
                ["status": ["conditions": [["type": "Ready", "status": "True"]]]])
            try await api.wait { endpoints(slicesNow()) == ["a": true, "b": true] }
            #expect(await slices(api).count == 1)
            try await api.wait {
                api.object(EndpointController.endpointsType, "n", "web")?["subsets"]?[0]?["addresses"]?.arrayValue?
                    .count == 2
            }
        }
    }

    @Test("Pods that give a named port different numbers get slices of their own")
    func portGroups() {
        let service: JSON = [
            "metadata": ["name": "web"],
            "spec": ["selector": ["app": "web"], "ports": [["port": 80, "targetPort": "http"]]],
        ]
        let groups = EndpointBuilder.groups(
            service: service,
            pods: [
                webPod("a", address: "127.64.0.1", isReady: true),
                webPod("b", address: "127.64.0.2", isReady: true, port: 9090),
            ])
        #expect(groups.map { $0.ports.map(\.number) } == [[8080], [9090]])
    }

    @Test("A Service's address passes connections on to its ready endpoints in turn")
    func proxy() async throws {
        let api = InMemoryAPI()
        var logger = Logger(label: "proxy")
        logger.logLevel = .error
        let proxy = try ServiceProxy(api: api, logger: logger)
        let running = Task { await proxy.run() }
        let backs = [try EchoServer(name: "one"), try EchoServer(name: "two")]
        let front = UInt16.random(in: 20_000..<30_000)
        _ = try await api.create(
            .services, namespace: "n",
            [
                "metadata": ["name": "web"],
                "spec": ["clusterIP": "127.97.3.4", "ports": [["name": "x", "port": .int(Int64(front))]]],
            ])
        for back in backs {
            _ = try await api.create(
                .endpointSlices, namespace: "n",
                [
                    "metadata": [
                        "name": .string(back.name), "labels": ["kubernetes.io/service-name": "web"],
                    ],
                    "endpoints": [["addresses": ["127.0.0.1"], "conditions": ["ready": true]]],
                    "ports": [["name": "x", "port": .int(Int64(back.port))]],
                ])
        }
        var answers: [String] = []
        while Set(answers).count < 2 {
            if let answer = EchoServer.ask("127.97.3.4", front, "hello") {
                answers.append(answer)
            } else {
                await Task.yield()
            }
        }
        #expect(Set(answers) == ["one: hello", "two: hello"])
        running.cancel()
        await running.value
        for back in backs { back.stop() }
        #expect(EchoServer.ask("127.97.3.4", front, "hello") == nil)
    }
}

/// A generator whose numbers are the same for the same seed.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}

/// Answers one line a connection with its own name before it.
private final class EchoServer: Sendable {
    let name: String
    let port: UInt16
    private let socket: Int32

    init(name: String) throws {
        self.name = name
        socket = try ProxySocket.listen("127.0.0.1", 0).get()
        _ = fcntl(socket, F_SETFL, 0)
        let listener = socket
        var place = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &size) }
        }
        port = UInt16(bigEndian: place.sin_port)
        HostThread.start {
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                var line = [UInt8](repeating: 0, count: 100)
                let count = recv(client, &line, line.count, 0)
                let answer = Array("\(name): ".utf8) + line.prefix(max(0, count))
                _ = send(client, answer, answer.count, Int32(MSG_NOSIGNAL))
                close(client)
            }
        }
    }

    func stop() {
        shutdown(socket, Int32(SHUT_RDWR))
        close(socket)
    }

    /// nil when there is no answer.
    static func ask(_ address: String, _ port: UInt16, _ text: String) -> String? {
        guard case .success(let socket) = ProbeSocket.connect(address, port, timeout: .seconds(2)) else { return nil }
        defer { close(socket) }
        _ = send(socket, text, text.utf8.count, Int32(MSG_NOSIGNAL))
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 100)
        while true {
            let count = recv(socket, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            answer += chunk.prefix(count)
        }
        return answer.isEmpty ? nil : String(decoding: answer, as: UTF8.self)
    }
}
