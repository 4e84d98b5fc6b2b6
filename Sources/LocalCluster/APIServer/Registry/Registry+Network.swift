import KubeCore

extension Registry {
    /// What Services have been given.
    func network() -> ServiceNetwork {
        var addresses: Set<String> = []
        var ports: Set<Int64> = []
        if case .objects(let services, _) = store.snapshot(Self.services) {
            for service in services {
                let json = service.json(typed: nil)
                for address in json.at("spec", "clusterIPs")?.arrayValue ?? [] {
                    if let text = address.stringValue { addresses.insert(text) }
                }
                if let text = json.at("spec", "clusterIP")?.stringValue { addresses.insert(text) }
                for port in json.at("spec", "ports")?.arrayValue ?? [] {
                    if let number = port["nodePort"]?.intValue { ports.insert(number) }
                }
                if let number = json.at("spec", "healthCheckNodePort")?.intValue { ports.insert(number) }
            }
        }
        let takenAddresses = addresses
        let takenPorts = ports
        return ServiceNetwork(
            range: options.serviceRange, isAddressUsed: { takenAddresses.contains($0) },
            isNodePortUsed: { takenPorts.contains($0) })
    }
}
