import KubeCore
import Testing

@testable import LocalCluster

@Suite struct ServiceKindTests {
    private var services: KindHarness

    init() throws { services = try KindHarness("services") }

    private func service(_ spec: JSON, name: String = "s") -> JSON {
        ["metadata": ["name": .string(name)], "spec": spec]
    }

    @Test("A Service gets an address of the range, and the fields of its type")
    func clusterIP() throws {
        let stored = try services.create(service(["ports": [["port": 80]], "selector": ["a": "b"]]))
        let address = stored.text("spec", "clusterIP")
        #expect(address.hasPrefix("10.96.0."))
        #expect(
            stored["spec"] == [
                "ports": [["port": 80, "protocol": "TCP", "targetPort": 80]], "selector": ["a": "b"],
                "clusterIP": .string(address), "clusterIPs": [.string(address)], "type": "ClusterIP",
                "sessionAffinity": "None", "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack",
                "internalTrafficPolicy": "Cluster",
            ])
        #expect(stored["status"] == ["loadBalancer": [:]])
        #expect(stored.at("metadata", "generation") == nil)
    }

    @Test("Every address is given before the range is full, and never the first or the last")
    func exhaustion() throws {
        var services = services
        for _ in 0..<14 {
            let stored = try services.create(service(["ports": [["port": 80]]]))
            #expect(services.used.insert(stored.text("spec", "clusterIP")).inserted)
        }
        #expect(!services.used.contains("10.96.0.0"))
        #expect(!services.used.contains("10.96.0.15"))
        #expect(throws: Status.self) { try services.create(service(["ports": [["port": 80]]])) }
    }

    @Test("An address may be asked for when it is of the range and free")
    func wantedAddress() throws {
        var services = services
        let wanted: JSON = ["ports": [["port": 80]], "clusterIP": "10.96.0.5"]
        #expect(try services.create(service(wanted)).at("spec", "clusterIPs") == ["10.96.0.5"])
        services.used = ["10.96.0.5"]
        let taken = #expect(throws: Status.self) { try services.create(service(wanted)) }
        #expect(
            taken?.message == #"Service "s" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.5"]: "#
                + "failed to allocate IP 10.96.0.5: provided IP is already allocated")
        let foreign = #expect(throws: Status.self) {
            try services.create(service(["ports": [["port": 80]], "clusterIP": "192.0.2.7"]))
        }
        #expect(foreign?.message.contains("the provided network does not match the current range") == true)
    }

    @Test("Changing the type brings and takes fields")
    func types() throws {
        let cluster = try services.create(service(["ports": [["port": 80]]]))
        let external = try services.update(cluster, ["spec": ["type": "ExternalName", "externalName": "example.com"]])
        #expect(external.at("spec", "clusterIP") == nil)
        #expect(external.at("spec", "internalTrafficPolicy") == nil)
        let node = try services.update(external, ["spec": ["type": "NodePort", "externalName": nil]])
        let port = try #require(node.at("spec", "ports")?[0]?["nodePort"]?.intValue)
        #expect((30000...30003).contains(port))
        #expect(node.at("spec", "externalTrafficPolicy") == "Cluster")
        let back = try services.update(node, ["spec": ["type": "ClusterIP"]])
        #expect(back.at("spec", "ports")?[0]?["nodePort"] == nil)
        #expect(back.at("spec", "externalTrafficPolicy") == nil)
        #expect(back.at("spec", "clusterIP") == node.at("spec", "clusterIP"))
    }

    @Test("What was allocated is kept when a client leaves it out")
    func keeping() throws {
        let stored = try services.create(service(["type": "NodePort", "ports": [["port": 80]]]))
        let replaced = try services.update(
            stored, ["spec": ["clusterIP": nil, "clusterIPs": nil, "ports": [["port": 80, "targetPort": "http"]]]])
        #expect(replaced.at("spec", "clusterIP") == stored.at("spec", "clusterIP"))
        #expect(replaced.at("spec", "ports")?[0]?["nodePort"] == stored.at("spec", "ports")?[0]?["nodePort"])
        #expect(
            try services.errors(updating: stored, ["spec": ["clusterIP": "None"]]).contains(
                #"spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set"#))
    }

    @Test("A node port may be asked for when it is of the range and free")
    func nodePorts() throws {
        var services = services
        func create(_ port: Int64) throws -> JSON {
            try services.create(service(["type": "NodePort", "ports": [["port": 80, "nodePort": .int(port)]]]))
        }
        #expect(try create(30001).at("spec", "ports")?[0]?["nodePort"] == 30001)
        #expect(throws: Status.self) { try create(80) }
        services.usedPorts = [30001]
        let error = #expect(throws: Status.self) {
            try services.create(service(["type": "NodePort", "ports": [["port": 80, "nodePort": 30001]]]))
        }
        #expect(error?.message.contains("provided port is already allocated") == true)
    }

    @Test("Headless Services have no address, without a selector both families")
    func headless() throws {
        let stored = try services.create(service(["ports": [["port": 80]], "clusterIP": "None"]))
        #expect(stored.at("spec", "clusterIPs") == ["None"])
        #expect(stored.at("spec", "ipFamilies") == ["IPv4", "IPv6"])
        #expect(stored.at("spec", "ipFamilyPolicy") == "RequireDualStack")
        #expect(try services.errors(creating: service(["clusterIP": "None", "selector": ["a": "b"]])) == [])
    }

    @Test("Session affinity brings its timeout, and takes it")
    func affinity() throws {
        let stored = try services.create(service(["ports": [["port": 80]], "sessionAffinity": "ClientIP"]))
        #expect(stored.at("spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds") == 10800)
        let without = try services.update(stored, ["spec": ["sessionAffinity": "None"]])
        #expect(without.at("spec", "sessionAffinityConfig") == nil)
    }

    @Test(
        "What is wrong with a Service is said where it is",
        arguments: [
            ([:], ["spec.ports: Required value"]),
            (
                ["ports": [["port": 80], ["port": 81]]],
                ["spec.ports[0].name: Required value", "spec.ports[1].name: Required value"]
            ),
            (
                ["ports": [["port": 80]], "type": "Weird"],
                [
                    #"spec.type: Unsupported value: "Weird": supported values: "ClusterIP", "ExternalName", "#
                        + #""LoadBalancer", "NodePort""#
                ]
            ),
            (
                ["ports": [["port": 80, "nodePort": 30080]]],
                ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"]
            ),
            (
                ["ports": [["port": 80]], "clusterIP": "x"],
                [
                    #"spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or "#
                        + "2001:db8::ffff)"
                ]
            ),
            (["type": "ExternalName"], ["spec.externalName: Required value"]),
        ] as [(JSON, [String])])
    func invalid(_ spec: JSON, _ expected: [String]) throws {
        #expect(try services.errors(creating: service(spec)) == expected)
    }

    @Test("Dual stack is refused where there is one")
    func dualStack() {
        let error = #expect(throws: Status.self) {
            try services.create(service(["ports": [["port": 80]], "ipFamilyPolicy": "RequireDualStack"]))
        }
        #expect(error?.message.contains("this cluster is not configured for dual-stack services") == true)
    }
}
