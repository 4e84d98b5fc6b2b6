import KubeCore

extension ServiceStrategy {
    /// Gives the Service the addresses and ports its type needs and it does not have. An object that is not valid is
    /// left alone, so that its own errors are reported.
    func allocate(_ object: inout JSON, old: JSON?, _ context: StrategyContext) throws(Status) {
        guard validate(object).isEmpty else { return }
        var spec = object["spec"] ?? .object([:])
        if Self.needsClusterIP(spec) {
            try setFamilies(&spec, object)
            if let network = context.network { try allocateAddress(&spec, network, object, old) }
        }
        if let network = context.network { try allocatePorts(&spec, network, object, old) }
        object["spec"] = spec
    }

    private func setFamilies(_ spec: inout JSON, _ object: JSON) throws(Status) {
        let isHeadless = spec.text("clusterIP") == "None"
        let hasSelector = !(spec["selector"]?.objectValue ?? [:]).isEmpty
        if isHeadless, !hasSelector, spec["ipFamilies"] == nil {
            spec["ipFamilies"] = ["IPv4", "IPv6"]
            spec.setIfAbsent("ipFamilyPolicy", "RequireDualStack")
            return
        }
        if spec.text("ipFamilyPolicy") == "RequireDualStack", hasSelector || !isHeadless {
            throw refusal(
                object,
                .invalid(
                    "spec.ipFamilyPolicy", "RequireDualStack",
                    "this cluster is not configured for dual-stack services"))
        }
        if spec.elements("ipFamilies").contains("IPv6"), hasSelector || !isHeadless {
            throw refusal(
                object,
                .invalid("spec.ipFamilies[0]", "IPv6", "not configured on this cluster"))
        }
        spec.setIfAbsent("ipFamilies", ["IPv4"])
        spec.setIfAbsent("ipFamilyPolicy", "SingleStack")
    }

    private func allocateAddress(
        _ spec: inout JSON, _ network: ServiceNetwork, _ object: JSON, _ old: JSON?
    ) throws(Status) {
        let wanted = spec.text("clusterIP")
        if wanted == "None" { return }
        guard let range = IPAddress.prefix(network.range), case .v4(let base) = range.address else { return }
        let size: UInt64 = 1 << UInt64(32 - range.bits)
        let first = base & UInt32(truncatingIfNeeded: ~(size - 1))
        if !wanted.isEmpty {
            // What this Service already has is its own.
            if wanted == old?.at("spec", "clusterIP")?.stringValue { return }
            guard case .v4(let address) = IPAddress(wanted), address >= first, UInt64(address - first) < size else {
                throw addressRefusal(object, spec, wanted, "the provided network does not match the current range")
            }
            if network.isAddressUsed(wanted) {
                throw addressRefusal(object, spec, wanted, "provided IP is already allocated")
            }
            return
        }
        // The network's own address and the last one are never given.
        guard size > 2 else { return }
        let start = UInt64.random(in: 1..<(size - 1))
        for step in 0..<(size - 2) {
            let offset = 1 + (start - 1 + step) % (size - 2)
            let address = IPAddress.text(v4: first &+ UInt32(truncatingIfNeeded: offset))
            if !network.isAddressUsed(address) {
                spec["clusterIP"] = .string(address)
                spec["clusterIPs"] = [.string(address)]
                return
            }
        }
        throw addressRefusal(object, spec, "", "range is full")
    }

    private func allocatePorts(
        _ spec: inout JSON, _ network: ServiceNetwork, _ object: JSON, _ old: JSON?
    ) throws(Status) {
        var given = Set(spec.elements("ports").compactMap { $0["nodePort"]?.intValue })
        var failure = Self.wantedPortError(spec, network, old)
        func free() -> Int64? {
            let start = Int64.random(in: network.nodePorts)
            let count = Int64(network.nodePorts.count)
            for step in 0..<count {
                let number = network.nodePorts.lowerBound + (start - network.nodePorts.lowerBound + step) % count
                if !given.contains(number), !network.isNodePortUsed(number) {
                    given.insert(number)
                    return number
                }
            }
            return nil
        }
        if Self.needsNodePort(spec) {
            // One port number serves several protocols of the same port.
            var byPort: [Int64: Int64] = [:]
            spec.mapElements("ports") { port in
                guard (port["nodePort"]?.intValue ?? 0) == 0 else { return }
                let number = port["port"]?.intValue ?? 0
                guard let found = byPort[number] ?? free() else {
                    failure = .internalError("spec.ports", "failed to allocate a nodePort: range is full")
                    return
                }
                byPort[number] = found
                port["nodePort"] = .int(found)
            }
        }
        if Self.needsHealthCheckPort(spec), (spec["healthCheckNodePort"]?.intValue ?? 0) == 0, let found = free() {
            spec["healthCheckNodePort"] = .int(found)
        }
        if let failure { throw refusal(object, failure) }
    }

    private static func wantedPortError(_ spec: JSON, _ network: ServiceNetwork, _ old: JSON?) -> FieldError? {
        let own = Set((old ?? .null).elements("spec", "ports").compactMap { $0["nodePort"]?.intValue })
        for (index, port) in spec.elements("ports").enumerated() {
            guard let wanted = port["nodePort"]?.intValue, wanted != 0, !own.contains(wanted) else { continue }
            let field = "spec.ports[\(index)].nodePort"
            if !network.nodePorts.contains(wanted) {
                let range = "\(network.nodePorts.lowerBound)-\(network.nodePorts.upperBound)"
                return .invalid(
                    field, .int(wanted), "provided port is not in the valid range. The range of valid ports is \(range)"
                )
            }
            if network.isNodePortUsed(wanted) {
                return .invalid(field, .int(wanted), "provided port is already allocated")
            }
        }
        return nil
    }

    private func addressRefusal(_ object: JSON, _ spec: JSON, _ address: String, _ why: String) -> Status {
        let subject = address.isEmpty ? "failed to allocate a serviceIP" : "failed to allocate IP \(address)"
        return refusal(object, .invalid("spec.clusterIPs", spec["clusterIPs"], "\(subject): \(why)"))
    }

    private func refusal(_ object: JSON, _ error: FieldError) -> Status {
        [error].status(kind: "Service", group: "", name: object.at("metadata", "name")?.stringValue ?? "")
    }
}
