import KubeCore

struct EndpointsStrategy: BuiltInStrategy {
    var common: CommonRules

    func fillDefaults(_ object: inout JSON) {
        object.mapElements("subsets") { subset in
            subset.mapElements("ports") { $0.setIfAbsent("protocol", "TCP") }
        }
    }

    func validate(_ object: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, subset) in object.elements("subsets").enumerated() {
            let field = "subsets[\(index)]"
            for list in ["addresses", "notReadyAddresses"] {
                for (place, address) in subset.elements(list).enumerated() {
                    errors += Self.address(address, "\(field).\(list)[\(place)]")
                }
            }
            if subset.elements("addresses").isEmpty, subset.elements("notReadyAddresses").isEmpty {
                errors.append(.required(field, "must specify `addresses` or `notReadyAddresses`"))
            }
            let ports = subset.elements("ports")
            for (place, port) in ports.enumerated() {
                errors += Self.port(port, "\(field).ports[\(place)]", isNameNeeded: ports.count > 1)
            }
        }
        return errors
    }

    private static func address(_ address: JSON, _ field: String) -> [FieldError] {
        let text = address.text("ip")
        guard let parsed = IPAddress(text) else {
            // Two of the server's checks refuse it, each in its own words.
            return [
                .invalid("\(field).ip", .string(text), IPAddress.reason),
                .invalid("\(field).ip", .string(text), "must be a valid IP address"),
            ]
        }
        return reserved(parsed).map { [.invalid("\(field).ip", .string(text), $0)] } ?? []
    }

    /// Why an address cannot be an endpoint's. Loopback addresses, which Kubernetes refuses, are what pods have here.
    static func reserved(_ address: IPAddress) -> String? {
        switch address {
        case .v4(0): "may not be unspecified (0.0.0.0 or ::)"
        case .v4(let number) where number >> 16 == 0xA9FE:
            "may not be in the link-local range (169.254.0.0/16, fe80::/10)"
        case .v4(let number) where number >> 8 == 0xE00000:
            "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
        case .v6(let groups) where groups.allSatisfy { $0 == 0 }: "may not be unspecified (0.0.0.0 or ::)"
        default: nil
        }
    }

    private static func port(_ port: JSON, _ field: String, isNameNeeded: Bool) -> [FieldError] {
        var errors: [FieldError] = []
        if port.text("name").isEmpty {
            if isNameNeeded { errors.append(.required("\(field).name")) }
        } else {
            errors += FieldChecks.names(port.text("name"), "\(field).name", NameRules.label)
        }
        let number = port.int("port") ?? 0
        errors += NameRules.portNumber(number).map { .invalid("\(field).port", .int(number), $0) }
        return errors + FieldChecks.oneOf(port.text("protocol"), ["SCTP", "TCP", "UDP"], "\(field).protocol")
    }

    func warnings(_ object: JSON, old: JSON?) -> [String] {
        ["v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"]
    }
}

struct EndpointSliceStrategy: BuiltInStrategy {
    var common: CommonRules

    func fillDefaults(_ object: inout JSON) {
        object.mapElements("ports") { port in
            port.setIfAbsent("name", "")
            port.setIfAbsent("protocol", "TCP")
        }
    }

    /// Everything but metadata counts for the generation, and so do labels.
    func adaptUpdated(_ new: inout JSON, old: JSON, _ context: StrategyContext) throws(Status) {
        let isChanged =
            ["addressType", "endpoints", "ports"].contains { new[$0] != old[$0] }
            || new.at("metadata", "labels") != old.at("metadata", "labels")
        guard isChanged else { return }
        new.set(.int((old.int("metadata", "generation") ?? 0) &+ 1), at: ["metadata", "generation"])
    }

    func validate(_ object: JSON) -> [FieldError] {
        let type = object.text("addressType")
        var errors: [FieldError] =
            type.isEmpty
            ? [.required("addressType")] : FieldChecks.oneOf(type, ["FQDN", "IPv4", "IPv6"], "addressType")
        if object.elements("endpoints").count > 1000 {
            errors.append(.tooMany("endpoints", object.elements("endpoints").count, max: 1000))
        }
        if object.elements("ports").count > 20000 {
            errors.append(.tooMany("ports", object.elements("ports").count, max: 20000))
        }
        var names: Set<String> = []
        for (index, port) in object.elements("ports").enumerated() {
            let field = "ports[\(index)]"
            let name = port.text("name")
            if !names.insert(name).inserted { errors.append(.duplicate("\(field).name", .string(name))) }
            if !name.isEmpty { errors += FieldChecks.names(name, "\(field).name", NameRules.label) }
            errors += FieldChecks.oneOf(port.text("protocol"), ["SCTP", "TCP", "UDP"], "\(field).protocol")
            if let number = port.int("port") {
                errors += NameRules.portNumber(number).map { .invalid("\(field).port", .int(number), $0) }
            }
        }
        return errors
    }

    func validateCreate(_ object: JSON, _ context: StrategyContext) -> [FieldError] {
        common.metadata.validate(object) + validate(object) + endpoints(object)
    }

    /// Endpoints that did not change are not looked at again.
    func validateUpdate(_ new: JSON, old: JSON, _ context: StrategyContext) -> [FieldError] {
        common.metadata.validateUpdate(new, old: old) + validate(new)
            + FieldChecks.immutable(new["addressType"], old["addressType"], "addressType")
            + (new["endpoints"] == old["endpoints"] ? [] : endpoints(new))
    }

    private func endpoints(_ object: JSON) -> [FieldError] {
        object.elements("endpoints").enumerated().flatMap { index, endpoint in
            addresses(endpoint, object.text("addressType"), "endpoints[\(index)]")
        }
    }

    private func addresses(_ endpoint: JSON, _ type: String, _ field: String) -> [FieldError] {
        let addresses = endpoint.elements("addresses")
        if addresses.isEmpty { return [.required("\(field).addresses", "must contain at least 1 address")] }
        var errors: [FieldError] = []
        if addresses.count > 100 { errors.append(.tooMany("\(field).addresses", addresses.count, max: 100)) }
        for (index, address) in addresses.enumerated() {
            let text = address.stringValue ?? ""
            let field = "\(field).addresses[\(index)]"
            switch (type, IPAddress(text)) {
            case ("FQDN", _): errors += FieldChecks.names(text, field, NameRules.subdomain)
            case ("IPv4", nil), ("IPv6", nil): errors.append(.invalid(field, .string(text), IPAddress.reason))
            case ("IPv4", .v6): errors.append(.invalid(field, .string(text), "must be an IPv4 address"))
            case ("IPv6", .v4): errors.append(.invalid(field, .string(text), "must be an IPv6 address"))
            case ("IPv4", let parsed?), ("IPv6", let parsed?):
                if let why = EndpointsStrategy.reserved(parsed) { errors.append(.invalid(field, .string(text), why)) }
            default: break
            }
        }
        return errors
    }
}
