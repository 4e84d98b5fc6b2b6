import KubeCore

/// What objects use of a namespace's ResourceQuotas.
package enum QuotaUsage {
    /// What one object counts for, by the names that a quota's `hard` uses.
    ///
    /// - Parameters:
    ///   - plural: of the object's kind, with its group: `secrets`, `leases.coordination.k8s.io`.
    package static func of(_ object: JSON, plural: String, group: String) -> [String: Quantity] {
        let one = Quantity(1)
        let qualified = group.isEmpty ? plural : "\(plural).\(group)"
        var usage = ["count/\(qualified)": one]
        guard group.isEmpty else { return usage }
        switch plural {
        case "configmaps", "secrets", "resourcequotas", "replicationcontrollers": usage[plural] = one
        case "services": usage.merge(services(object)) { first, _ in first }
        case "persistentvolumeclaims": usage.merge(claims(object)) { first, _ in first }
        case "pods":
            // Pods that ended use nothing but their place among objects.
            if ["Succeeded", "Failed"].contains(object.text("status", "phase")) { break }
            usage.merge(pods(object)) { first, _ in first }
        default: break
        }
        return usage
    }

    private static func services(_ service: JSON) -> [String: Quantity] {
        var usage = ["services": Quantity(1)]
        let type = service.text("spec", "type")
        let ports = Int64(service.elements("spec", "ports").count)
        if type == "NodePort" { usage["services.nodeports"] = Quantity(ports) }
        if type == "LoadBalancer" {
            usage["services.loadbalancers"] = Quantity(1)
            if service.at("spec", "allocateLoadBalancerNodePorts")?.boolValue != false {
                usage["services.nodeports"] = Quantity(ports)
            }
        }
        return usage
    }

    private static func claims(_ claim: JSON) -> [String: Quantity] {
        var usage = ["persistentvolumeclaims": Quantity(1)]
        let storage = LimitRanges.amounts(claim.at("spec", "resources") ?? .null, "requests")["storage"]
        usage["requests.storage"] = storage
        let name = claim.text("spec", "storageClassName")
        if !name.isEmpty {
            usage["\(name).storageclass.storage.k8s.io/persistentvolumeclaims"] = Quantity(1)
            usage["\(name).storageclass.storage.k8s.io/requests.storage"] = storage
        }
        return usage
    }

    private static func pods(_ pod: JSON) -> [String: Quantity] {
        var usage = ["pods": Quantity(1)]
        for (name, amount) in LimitRanges.sum(pod, "requests") {
            usage["requests.\(name)"] = amount
            if ["cpu", "memory", "ephemeral-storage"].contains(name) { usage[name] = amount }
        }
        for (name, amount) in LimitRanges.sum(pod, "limits") { usage["limits.\(name)"] = amount }
        return usage
    }

    /// Whether a quota's scopes take in the object. A quota without scopes takes in everything.
    package static func applies(_ quota: JSON, to object: JSON, plural: String) -> Bool {
        let selectors = quota.elements("spec", "scopeSelector", "matchExpressions")
        let scopes = quota.elements("spec", "scopes").compactMap(\.stringValue)
        if scopes.isEmpty, selectors.isEmpty { return true }
        guard plural == "pods" else { return false }
        let spec = object["spec"] ?? .null
        let isBestEffort = PodQuality.class(of: spec) == "BestEffort"
        let isTerminating = (spec.int("activeDeadlineSeconds") ?? -1) >= 0
        func holds(_ scope: String) -> Bool {
            switch scope {
            case "Terminating": isTerminating
            case "NotTerminating": !isTerminating
            case "BestEffort": isBestEffort
            case "NotBestEffort": !isBestEffort
            case "PriorityClass": !spec.text("priorityClassName").isEmpty
            default: false
            }
        }
        return scopes.allSatisfy(holds)
            && selectors.allSatisfy { selector in
                guard selector.text("scopeName") == "PriorityClass" else { return holds(selector.text("scopeName")) }
                let name = spec.at("priorityClassName") ?? ""
                return switch selector.text("operator") {
                case "In": selector.elements("values").contains(name)
                case "NotIn": !selector.elements("values").contains(name)
                case "Exists": name != ""
                default: name == ""
                }
            }
    }

    /// Why a quota refuses what is asked for on top of what is used, as the 403 words it; nil when it does not.
    ///
    /// - Parameter delta: what the write adds; what it gives back is never refused.
    package static func refusal(_ quota: JSON, used: [String: Quantity], delta: [String: Quantity]) -> String? {
        let hard = LimitRanges.amounts(quota.at("status") ?? .null, "hard")
            .merging(LimitRanges.amounts(quota["spec"] ?? .null, "hard")) { _, spec in spec }
        let exceeded = hard.keys.sorted().filter { name in
            guard let limit = hard[name], let asked = delta[name], asked > .zero else { return false }
            return (used[name] ?? .zero) + asked > limit
        }
        guard !exceeded.isEmpty else { return nil }
        func list(_ amounts: [String: Quantity]) -> String {
            exceeded.map { "\($0)=\(amounts[$0] ?? .zero)" }.joined(separator: ",")
        }
        return "exceeded quota: \(quota.text("metadata", "name")), requested: \(list(delta)), "
            + "used: \(list(used)), limited: \(list(hard))"
    }
}
