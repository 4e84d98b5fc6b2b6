import KubeCore

extension ServiceStrategy {
    private static let types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]

    func validate(_ object: JSON) -> [FieldError] {
        let spec = object["spec"] ?? .object([:])
        let type = spec.text("type")
        var errors: [FieldError] = []
        if spec.elements("ports").isEmpty, type != "ExternalName", spec.text("clusterIP") != "None" {
            errors.append(.required("spec.ports"))
        }
        errors += FieldChecks.oneOf(type, Self.types, "spec.type")
        errors += FieldChecks.oneOf(spec.text("sessionAffinity"), ["ClientIP", "None"], "spec.sessionAffinity")
        if let seconds = spec.at("sessionAffinityConfig", "clientIP", "timeoutSeconds")?.intValue,
            !(1...86400).contains(seconds)
        {
            errors.append(
                .invalid(
                    "spec.sessionAffinityConfig.clientIP.timeoutSeconds", .int(seconds),
                    "must be greater than 0 and less than 86400"))
        }
        errors += ObjectMetaRules.labels(spec["selector"], "spec.selector")
        if type == "ExternalName" {
            errors += externalName(spec)
        } else {
            errors += clusterAddresses(spec)
        }
        errors += ports(spec)
        for (index, address) in spec.elements("externalIPs").enumerated() {
            errors += FieldChecks.address(address.stringValue ?? "", "spec.externalIPs[\(index)]")
        }
        return errors + policies(spec) + loadBalancer(spec)
    }

    private func externalName(_ spec: JSON) -> [FieldError] {
        var name = spec.text("externalName")
        if name.hasSuffix(".") { name.removeLast() }
        var errors: [FieldError] =
            name.isEmpty
            ? [.required("spec.externalName")]
            : FieldChecks.names(name, "spec.externalName", NameRules.subdomain)
        if !spec.text("clusterIP").isEmpty {
            errors.append(.forbidden("spec.clusterIPs", "may not be set for ExternalName services"))
        }
        return errors
    }

    private func clusterAddresses(_ spec: JSON) -> [FieldError] {
        let address = spec.text("clusterIP")
        let list = spec.elements("clusterIPs")
        if address == "None" {
            guard ["NodePort", "LoadBalancer"].contains(spec.text("type")) else { return [] }
            return [
                .invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for \(spec.text("type")) services")
            ]
        }
        var errors: [FieldError] = []
        for (index, address) in list.enumerated() {
            errors += FieldChecks.address(address.stringValue ?? "", "spec.clusterIPs[\(index)]")
        }
        if list.isEmpty, !address.isEmpty { errors += FieldChecks.address(address, "spec.clusterIPs[0]") }
        return errors
    }

    private func ports(_ spec: JSON) -> [FieldError] {
        let ports = spec.elements("ports")
        var errors: [FieldError] = []
        var names: Set<String> = []
        var numbers: Set<[JSON]> = []
        for (index, port) in ports.enumerated() {
            let field = "spec.ports[\(index)]"
            let name = port.text("name")
            if name.isEmpty {
                if ports.count > 1 { errors.append(.required("\(field).name")) }
            } else {
                errors += FieldChecks.names(name, "\(field).name", NameRules.label)
                if !names.insert(name).inserted { errors.append(.duplicate("\(field).name", .string(name))) }
            }
            let number = port.int("port") ?? 0
            errors += NameRules.portNumber(number).map { .invalid("\(field).port", .int(number), $0) }
            errors += FieldChecks.oneOf(port.text("protocol"), ["SCTP", "TCP", "UDP"], "\(field).protocol")
            switch port["targetPort"] {
            case .int(let target):
                errors += NameRules.portNumber(target).map { .invalid("\(field).targetPort", .int(target), $0) }
            case .string(let target):
                errors += FieldChecks.names(target, "\(field).targetPort", NameRules.portName)
            default: break
            }
            if !port.text("appProtocol").isEmpty {
                errors += FieldChecks.names(port.text("appProtocol"), "\(field).appProtocol", NameRules.qualifiedName)
            }
            if (port.int("nodePort") ?? 0) != 0, spec.text("type") == "ClusterIP" {
                errors.append(.forbidden("\(field).nodePort", "may not be used when `type` is 'ClusterIP'"))
            }
            if !numbers.insert([port["port"] ?? 0, port["protocol"] ?? ""]).inserted {
                errors.append(
                    .duplicate(field, ["port": port["port"] ?? 0, "protocol": port["protocol"] ?? ""]))
            }
        }
        return errors
    }

    private func policies(_ spec: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        let external = spec.text("externalTrafficPolicy")
        if !external.isEmpty {
            if !Self.isExternallyAccessible(spec) {
                errors.append(
                    .invalid(
                        "spec.externalTrafficPolicy", .string(external),
                        "may only be set for externally-accessible services"))
            } else {
                errors += FieldChecks.oneOf(external, ["Cluster", "Local"], "spec.externalTrafficPolicy")
            }
        }
        if let policy = spec["internalTrafficPolicy"]?.stringValue {
            errors += FieldChecks.oneOf(policy, ["Cluster", "Local"], "spec.internalTrafficPolicy")
        }
        for (index, family) in spec.elements("ipFamilies").enumerated() {
            errors += FieldChecks.oneOf(family.stringValue ?? "", ["IPv4", "IPv6"], "spec.ipFamilies[\(index)]")
        }
        if let policy = spec["ipFamilyPolicy"]?.stringValue {
            errors += FieldChecks.oneOf(
                policy, ["SingleStack", "PreferDualStack", "RequireDualStack"], "spec.ipFamilyPolicy")
        }
        return errors
    }

    private func loadBalancer(_ spec: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        let isBalancer = spec.text("type") == "LoadBalancer"
        for (index, range) in spec.elements("loadBalancerSourceRanges").enumerated() {
            let text = range.stringValue ?? ""
            let field = "spec.LoadBalancerSourceRanges[\(index)]"
            if IPAddress.prefix(text) == nil { errors.append(.invalid(field, .string(text), IPAddress.prefixReason)) }
        }
        if !isBalancer, !spec.elements("loadBalancerSourceRanges").isEmpty {
            errors.append(
                .forbidden("spec.LoadBalancerSourceRanges", "may only be used when `type` is 'LoadBalancer'"))
        }
        if let name = spec["loadBalancerClass"]?.stringValue {
            errors += FieldChecks.names(name, "spec.loadBalancerClass", NameRules.qualifiedName)
            if !isBalancer {
                errors.append(.forbidden("spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'"))
            }
        }
        if !isBalancer, spec["allocateLoadBalancerNodePorts"] != nil {
            errors.append(
                .forbidden("spec.allocateLoadBalancerNodePorts", "may only be used when `type` is 'LoadBalancer'"))
        }
        return errors
    }

    func warnings(_ object: JSON, old: JSON?) -> [String] {
        let addresses = object.elements("spec", "externalIPs")
        guard !addresses.isEmpty, addresses != old?.elements("spec", "externalIPs") else { return [] }
        return ["spec.externalIPs is deprecated and may no longer be implemented in some clusters"]
    }

    func validateChange(_ new: JSON, old: JSON) -> [FieldError] {
        let (spec, before) = (new["spec"] ?? .null, old["spec"] ?? .null)
        var errors: [FieldError] = []
        if Self.needsClusterIP(spec), Self.needsClusterIP(before),
            spec.elements("clusterIPs").first != before.elements("clusterIPs").first
        {
            errors.append(.invalid("spec.clusterIPs[0]", spec["clusterIPs"], "may not change once set"))
        }
        if spec.text("type") == "LoadBalancer", before.text("type") == "LoadBalancer",
            spec["loadBalancerClass"] != before["loadBalancerClass"]
        {
            errors.append(.invalid("spec.loadBalancerClass", spec["loadBalancerClass"], "may not change once set"))
        }
        return errors
    }

    func validateStatus(_ new: JSON, old: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, ingress) in new.elements("status", "loadBalancer", "ingress").enumerated() {
            let field = "status.loadBalancer.ingress[\(index)]"
            if !ingress.text("ip").isEmpty { errors += FieldChecks.address(ingress.text("ip"), "\(field).ip") }
            if !ingress.text("hostname").isEmpty {
                errors += FieldChecks.names(ingress.text("hostname"), "\(field).hostname", NameRules.subdomain)
                if IPAddress(ingress.text("hostname")) != nil {
                    errors.append(
                        .invalid(
                            "\(field).hostname", ingress["hostname"],
                            "must be a DNS name, not an IP address"))
                }
            }
        }
        return errors
    }
}
