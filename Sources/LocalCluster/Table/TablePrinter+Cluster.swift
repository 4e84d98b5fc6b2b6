import KubeCore

extension TablePrinter {
    static let cluster: [String: TablePrinter] = [
        "coordination.k8s.io/Lease": TablePrinter([.name, Column("Holder"), .age]) { object, now in
            [object.name, .string(object.text("spec", "holderIdentity")), object.age(now)]
        },
        "discovery.k8s.io/EndpointSlice": TablePrinter([
            .name, Column("AddressType"), Column("Ports"), Column("Endpoints"), .age,
        ]) { object, now in
            let ports = object.elements("ports").map { $0.int("port").map(String.init) ?? "*" }
            let addresses = object.elements("endpoints").flatMap { $0.elements("addresses").compactMap(\.stringValue) }
            return [
                object.name, .string(object.text("addressType")), .string(Self.shortList(ports, empty: "<unset>")),
                .string(Self.shortList(addresses, empty: "<unset>")), object.age(now),
            ]
        },
        "scheduling.k8s.io/PriorityClass": TablePrinter([
            .name, Column("Value", type: "integer"), Column("Global-Default", type: "boolean"), .age,
            Column("PreemptionPolicy"),
        ]) { object, now in
            [
                object.name, .int(object.int("value") ?? 0), .bool(object.flag("globalDefault")), object.age(now),
                .string(object.text("preemptionPolicy")),
            ]
        },
        "storage.k8s.io/StorageClass": TablePrinter([
            .name, Column("Provisioner"), Column("ReclaimPolicy"), Column("VolumeBindingMode"),
            Column("AllowVolumeExpansion"), .age,
        ]) { object, now in
            let isDefault =
                object.text("metadata", "annotations", "storageclass.kubernetes.io/is-default-class") == "true"
            return [
                .string(object.text("metadata", "name") + (isDefault ? " (default)" : "")),
                .string(object.text("provisioner")), .string(object.text("reclaimPolicy")),
                .string(object.text("volumeBindingMode")), .bool(object.flag("allowVolumeExpansion")), object.age(now),
            ]
        },
        "networking.k8s.io/NetworkPolicy": TablePrinter([.name, Column("Pod-Selector"), .age]) { object, now in
            [object.name, .string(WorkloadCells.selector(object.at("spec", "podSelector"))), object.age(now)]
        },
        "networking.k8s.io/IngressClass": TablePrinter([
            .name, Column("Controller"), Column("Parameters"), .age,
        ]) { object, now in
            let parameters = object.at("spec", "parameters").map { reference in
                let group = reference.text("apiGroup")
                return (group.isEmpty ? "" : "\(group)/") + "\(reference.text("kind"))/\(reference.text("name"))"
            }
            return [
                object.name, .string(object.text("spec", "controller")), (parameters ?? "").cell(), object.age(now),
            ]
        },
        "networking.k8s.io/Ingress": TablePrinter([
            .name, Column("Class"), Column("Hosts"), Column("Address"), Column("Ports"), .age,
        ]) { object, now in
            let hosts = object.elements("spec", "rules").map { $0.text("host") }.filter { !$0.isEmpty }
            let addresses = object.elements("status", "loadBalancer", "ingress")
                .map { $0.text("ip").isEmpty ? $0.text("hostname") : $0.text("ip") }.filter { !$0.isEmpty }
            return [
                object.name, object.text("spec", "ingressClassName").cell(),
                .string(Self.shortList(hosts, empty: "*")), .string(addresses.joined(separator: ",")),
                .string(object.elements("spec", "tls").isEmpty ? "80" : "80, 443"), object.age(now),
            ]
        },
        "rbac.authorization.k8s.io/RoleBinding": bindings,
        "rbac.authorization.k8s.io/ClusterRoleBinding": bindings,
        "admissionregistration.k8s.io/MutatingWebhookConfiguration": webhooks,
        "admissionregistration.k8s.io/ValidatingWebhookConfiguration": webhooks,
    ]

    private static let webhooks = TablePrinter([
        .name, Column("Webhooks", type: "integer"), .age,
    ]) { object, now in [object.name, .int(Int64(object.elements("webhooks").count)), object.age(now)] }

    private static let bindings = TablePrinter([
        .name, Column("Role"), .age, .wide("Users"), .wide("Groups"), .wide("ServiceAccounts"),
    ]) { object, now in
        func subjects(_ kind: String) -> JSON {
            let found = object.elements("subjects").filter { $0.text("kind") == kind }.map { subject in
                kind == "ServiceAccount" ? "\(subject.text("namespace"))/\(subject.text("name"))" : subject.text("name")
            }
            return .string(found.joined(separator: ", "))
        }
        return [
            object.name, .string("\(object.text("roleRef", "kind"))/\(object.text("roleRef", "name"))"),
            object.age(now),
            subjects("User"), subjects("Group"), subjects("ServiceAccount"),
        ]
    }

    /// The first three, and how many more there are.
    static func shortList(_ texts: [String], empty: String) -> String {
        if texts.isEmpty { return empty }
        let shown = texts.prefix(3).joined(separator: ",")
        return texts.count > 3 ? "\(shown) + \(texts.count - 3) more..." : shown
    }
}

enum ServiceCells {
    static func externalAddress(_ service: JSON) -> String {
        let external = service.elements("spec", "externalIPs").compactMap(\.stringValue)
        switch service.text("spec", "type") {
        case "ExternalName": return service.text("spec", "externalName")
        case "LoadBalancer":
            let ingress = service.elements("status", "loadBalancer", "ingress")
                .map { $0.text("ip").isEmpty ? $0.text("hostname") : $0.text("ip") }
            let all = Array(Set(ingress)).sorted() + external
            return all.isEmpty ? "<pending>" : all.joined(separator: ",")
        default: return external.joined(separator: ",")
        }
    }

    static func ports(_ service: JSON) -> JSON {
        let ports = service.elements("spec", "ports").map { port in
            let number = port.int("port") ?? 0
            let node = port.int("nodePort") ?? 0
            return (node > 0 ? "\(number):\(node)" : "\(number)") + "/" + port.text("protocol")
        }
        return ports.joined(separator: ",").cell()
    }

    static func endpoints(_ object: JSON) -> JSON {
        var all: [String] = []
        for subset in object.elements("subsets") {
            let addresses = subset.elements("addresses").map { $0.text("ip") }
            let ports = subset.elements("ports")
            if ports.isEmpty { all += addresses }
            for port in ports { all += addresses.map { "\($0):\(port.int("port") ?? 0)" } }
        }
        return .string(TablePrinter.shortList(all, empty: "<none>"))
    }
}
