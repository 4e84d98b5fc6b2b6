import KubeCore

/// Works out which pods are behind a Service. Pure.
enum EndpointBuilder {
    /// Pods that have the same numbers for the Service's ports share a slice.
    struct Group: Sendable, Equatable {
        var ports: [Port]
        var endpoints: [Endpoint]
    }

    struct Port: Sendable, Hashable, Comparable {
        var name: String
        var number: Int64
        var network: String
        var application: String?

        static func < (left: Port, right: Port) -> Bool {
            (left.name, left.number, left.network) < (right.name, right.number, right.network)
        }
    }

    struct Endpoint: Sendable, Equatable {
        var address: String
        var isReady: Bool
        var isServing: Bool
        var isTerminating: Bool
        var hostName: String?
        var nodeName: String
        var podNamespace: String
        var podName: String
        var podUID: String
    }

    /// - Parameter pods: those of the Service's namespace.
    static func groups(service: JSON, pods: [JSON]) -> [Group] {
        let spec = service["spec"] ?? [:]
        let selector = (spec["selector"]?.objectValue ?? [:]).compactMap { pair in
            pair.value.stringValue.map { (pair.key, $0) }
        }
        guard !selector.isEmpty else { return [] }
        let publishesAll = spec["publishNotReadyAddresses"]?.boolValue ?? false
        var byPorts: [[Port]: [Endpoint]] = [:]
        for pod in pods {
            let labels = DynamicObject(pod).labels
            guard selector.allSatisfy({ labels[$0.0] == $0.1 }) else { continue }
            guard let endpoint = endpoint(pod, subdomain: DynamicObject(service).name, publishesAll) else { continue }
            let ports = spec.list("ports").compactMap { port($0, of: pod) }.sorted()
            byPorts[ports, default: []].append(endpoint)
        }
        return byPorts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { ports, endpoints in
            Group(ports: ports, endpoints: endpoints.sorted { $0.podName < $1.podName })
        }
    }

    private static func endpoint(_ pod: JSON, subdomain: String, _ publishesAll: Bool) -> Endpoint? {
        let status = pod["status"] ?? [:]
        let address = status.text("podIP")
        guard !address.isEmpty, !["Succeeded", "Failed"].contains(status.text("phase")) else { return nil }
        let object = DynamicObject(pod)
        let isTerminating = object.deletionTimestamp != nil
        let isServing = status.list("conditions").contains { $0.text("type") == "Ready" && $0.text("status") == "True" }
        let hostName = pod.at("spec", "hostname")?.stringValue
        return Endpoint(
            address: address, isReady: publishesAll || (isServing && !isTerminating), isServing: isServing,
            isTerminating: isTerminating,
            hostName: pod.at("spec", "subdomain")?.stringValue == subdomain ? hostName : nil,
            nodeName: pod.at("spec", "nodeName")?.stringValue ?? "",
            podNamespace: object.namespace ?? "", podName: object.name, podUID: object.uid ?? "")
    }

    /// nil when the pod has no port of that name.
    private static func port(_ port: JSON, of pod: JSON) -> Port? {
        let network = port["protocol"]?.stringValue ?? "TCP"
        var number = port["targetPort"]?.intValue
        if number == nil, let name = port["targetPort"]?.stringValue, !name.isEmpty {
            let ports = (pod.at("spec", "containers")?.arrayValue ?? []).flatMap { $0.list("ports") }
            number =
                ports.first { $0.text("name") == name && ($0["protocol"]?.stringValue ?? "TCP") == network }?[
                    "containerPort"]?.intValue
            if number == nil { return nil }
        }
        if number == 0 { number = nil }
        guard let number = number ?? port["port"]?.intValue else { return nil }
        return Port(
            name: port.text("name"), number: number, network: network, application: port["appProtocol"]?.stringValue)
    }

    // MARK: - As objects

    static func slice(of group: Group) -> (endpoints: JSON, ports: JSON) {
        let endpoints = group.endpoints.map { endpoint -> JSON in
            var object: JSONObject = [
                "addresses": [.string(endpoint.address)],
                "conditions": [
                    "ready": .bool(endpoint.isReady), "serving": .bool(endpoint.isServing),
                    "terminating": .bool(endpoint.isTerminating),
                ],
                "nodeName": .string(endpoint.nodeName), "targetRef": endpoint.reference,
            ]
            object["hostname"] = endpoint.hostName.map(JSON.string)
            return .object(object)
        }
        return (.array(endpoints), .array(group.ports.map(portJSON)))
    }

    private static func portJSON(_ port: Port) -> JSON {
        var object: JSONObject = [
            "name": .string(port.name), "port": .int(port.number), "protocol": .string(port.network),
        ]
        object["appProtocol"] = port.application.map(JSON.string)
        return .object(object)
    }

    /// The `subsets` of Endpoints, the older form.
    static func subsets(of groups: [Group]) -> JSON {
        .array(
            groups.compactMap { group -> JSON? in
                var subset = JSONObject()
                for (key, isReady) in [("addresses", true), ("notReadyAddresses", false)] {
                    let addresses = group.endpoints.filter { $0.isReady == isReady && !$0.isTerminating }
                    guard !addresses.isEmpty else { continue }
                    subset[key] = .array(
                        addresses.map {
                            [
                                "ip": .string($0.address), "nodeName": .string($0.nodeName),
                                "targetRef": $0.reference,
                            ]
                        })
                }
                guard !subset.isEmpty, !group.ports.isEmpty else { return nil }
                subset["ports"] = .array(
                    group.ports.map { port in
                        var object = JSONObject()
                        if !port.name.isEmpty { object["name"] = .string(port.name) }
                        object["port"] = .int(port.number)
                        object["protocol"] = .string(port.network)
                        object["appProtocol"] = port.application.map(JSON.string)
                        return .object(object)
                    })
                return .object(subset)
            })
    }
}

extension EndpointBuilder.Endpoint {
    fileprivate var reference: JSON {
        [
            "kind": "Pod", "namespace": .string(podNamespace), "name": .string(podName), "uid": .string(podUID),
        ]
    }
}
