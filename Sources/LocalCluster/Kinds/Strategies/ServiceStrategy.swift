import KubeCore

/// Services: which fields their type brings, and their addresses and ports.
struct ServiceStrategy: BuiltInStrategy {
    var common: CommonRules

    func fillDefaults(_ object: inout JSON) {
        var spec = object["spec"] ?? .object([:])
        spec.setIfAbsent("sessionAffinity", "None")
        if spec.text("sessionAffinity") == "None" { spec["sessionAffinityConfig"] = nil }
        if spec.text("sessionAffinity") == "ClientIP",
            spec.at("sessionAffinityConfig", "clientIP", "timeoutSeconds") == nil
        {
            spec.set(10800, at: ["sessionAffinityConfig", "clientIP", "timeoutSeconds"])
        }
        spec.setIfAbsent("type", "ClusterIP")
        spec.mapElements("ports") { port in
            port.setIfAbsent("protocol", "TCP")
            if port["targetPort"] == nil || port["targetPort"] == 0 || port["targetPort"] == "" {
                port["targetPort"] = port["port"] ?? 0
            }
        }
        if Self.isExternallyAccessible(spec) { spec.setIfAbsent("externalTrafficPolicy", "Cluster") }
        if Self.needsClusterIP(spec) { spec.setIfAbsent("internalTrafficPolicy", "Cluster") }
        if spec.text("type") == "LoadBalancer" { spec.setIfAbsent("allocateLoadBalancerNodePorts", true) }
        object["spec"] = spec
        guard var balancer = object.at("status", "loadBalancer") else { return }
        balancer.mapElements("ingress") { ingress in
            if !ingress.text("ip").isEmpty { ingress.setIfAbsent("ipMode", "VIP") }
        }
        object.set(balancer, at: ["status", "loadBalancer"])
    }

    func adaptCreated(_ object: inout JSON, _ context: StrategyContext) throws(Status) {
        var spec = object["spec"] ?? .object([:])
        if !spec.text("clusterIP").isEmpty, spec.elements("clusterIPs").isEmpty {
            spec["clusterIPs"] = .array([spec["clusterIP"] ?? ""])
        }
        object["spec"] = spec
        try allocate(&object, old: nil, context)
    }

    func adaptUpdated(_ new: inout JSON, old: JSON, _ context: StrategyContext) throws(Status) {
        var spec = new["spec"] ?? .object([:])
        let before = old["spec"] ?? .object([:])
        Self.followClusterIP(&spec, before)
        Self.keepAllocated(&spec, before)
        Self.dropWithType(&spec, before)
        new["spec"] = spec
        try allocate(&new, old: old, context)
    }

    static func needsClusterIP(_ spec: JSON) -> Bool { spec.text("type") != "ExternalName" }

    static func needsNodePort(_ spec: JSON) -> Bool {
        spec.text("type") == "NodePort"
            || (spec.text("type") == "LoadBalancer" && spec["allocateLoadBalancerNodePorts"]?.boolValue != false)
    }

    static func needsHealthCheckPort(_ spec: JSON) -> Bool {
        spec.text("type") == "LoadBalancer" && spec.text("externalTrafficPolicy") == "Local"
    }

    static func isExternallyAccessible(_ spec: JSON) -> Bool {
        ["LoadBalancer", "NodePort"].contains(spec.text("type"))
            || (spec.text("type") == "ClusterIP" && !spec.elements("externalIPs").isEmpty)
    }

    /// `clusterIP` is the first of `clusterIPs`, also when a client that knows only one of them changed it.
    private static func followClusterIP(_ spec: inout JSON, _ before: JSON) {
        let isSameList = spec.elements("clusterIPs") == before.elements("clusterIPs")
        let address = spec.text("clusterIP")
        if address.isEmpty {
            if !before.text("clusterIP").isEmpty, isSameList { spec["clusterIPs"] = nil }
        } else if spec.elements("clusterIPs").isEmpty || (address != before.text("clusterIP") && isSameList) {
            spec["clusterIPs"] = .array([.string(address)])
        }
    }

    /// A client that leaves out what was allocated keeps it.
    private static func keepAllocated(_ spec: inout JSON, _ before: JSON) {
        if needsClusterIP(before), needsClusterIP(spec) {
            if spec.text("clusterIP").isEmpty { spec["clusterIP"] = before["clusterIP"] }
            if spec.elements("clusterIPs").isEmpty, spec["clusterIP"] == before["clusterIP"] {
                spec["clusterIPs"] = before["clusterIPs"]
            }
            for field in ["ipFamilies", "ipFamilyPolicy"] where spec[field] == nil { spec[field] = before[field] }
        }
        if needsNodePort(before), needsNodePort(spec) {
            let taken = Set(spec.elements("ports").compactMap { $0["nodePort"]?.intValue })
            spec.mapElements("ports") { port in
                guard (port["nodePort"]?.intValue ?? 0) == 0 else { return }
                let earlier = before.elements("ports").first {
                    $0["port"] == port["port"] && $0.text("protocol") == port.text("protocol")
                }
                if let number = earlier?["nodePort"]?.intValue, !taken.contains(number) {
                    port["nodePort"] = .int(number)
                }
            }
        }
        if needsHealthCheckPort(before), needsHealthCheckPort(spec), spec["healthCheckNodePort"] == nil {
            spec["healthCheckNodePort"] = before["healthCheckNodePort"]
        }
    }

    /// Fields that came with the old type go with it, unless the client changed them.
    private static func dropWithType(_ spec: inout JSON, _ before: JSON) {
        func drop(_ fields: [String]) {
            for field in fields where spec[field] == before[field] { spec[field] = nil }
        }
        if needsClusterIP(before), !needsClusterIP(spec), spec["clusterIPs"] == before["clusterIPs"] {
            drop(["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
        }
        if needsNodePort(before), !needsNodePort(spec) {
            let earlier = before.elements("ports").map { $0["nodePort"] }
            if spec.elements("ports").map({ $0["nodePort"] }) == earlier {
                spec.mapElements("ports") { $0["nodePort"] = nil }
            }
        }
        if needsHealthCheckPort(before), !needsHealthCheckPort(spec) { drop(["healthCheckNodePort"]) }
        if before.text("type") == "LoadBalancer", spec.text("type") != "LoadBalancer" {
            drop(["allocateLoadBalancerNodePorts", "loadBalancerClass"])
        }
        if isExternallyAccessible(before), !isExternallyAccessible(spec) { drop(["externalTrafficPolicy"]) }
        if spec.text("type") == "ExternalName" { drop(["internalTrafficPolicy", "trafficDistribution"]) }
    }
}
