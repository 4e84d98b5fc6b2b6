import KubeCore

/// The variables through which a pod finds the Services that were there when it started.
enum ServiceVariables {
    /// Those of the pod's namespace and of `kubernetes`, in Docker's old form too. Behaviour: the kubelet's `envvars` package.
    ///
    /// - Parameter includesNamespace: false with `enableServiceLinks: false`, which leaves `kubernetes` only.
    static func variables(
        of services: [JSON], namespace: String, includesNamespace: Bool
    ) -> [(name: String, value: String)] {
        var chosen: [String: JSON] = [:]
        for service in services {
            let object = DynamicObject(service)
            let address = service["spec"]?.text("clusterIP") ?? ""
            guard !address.isEmpty, address != "None" else { continue }
            if object.namespace == namespace, includesNamespace {
                chosen[object.name] = service
            } else if object.namespace == "default", object.name == "kubernetes", chosen["kubernetes"] == nil {
                chosen["kubernetes"] = service
            }
        }
        return chosen.sorted { $0.key < $1.key }.flatMap { variables(of: $0.value, name: $0.key) }
    }

    private static func variables(of service: JSON, name: String) -> [(name: String, value: String)] {
        let prefix = String(name.uppercased().map { $0 == "-" || $0 == "." ? "_" : $0 })
        let address = service["spec"]?.text("clusterIP") ?? ""
        let ports = service["spec"]?.list("ports") ?? []
        guard let first = ports.first?["port"]?.intValue else { return [] }
        var result = [("\(prefix)_SERVICE_HOST", address), ("\(prefix)_SERVICE_PORT", "\(first)")]
        for port in ports {
            let label = port.text("name")
            guard let number = port["port"]?.intValue, !label.isEmpty else { continue }
            let suffix = String(label.uppercased().map { $0 == "-" ? "_" : $0 })
            result.append(("\(prefix)_SERVICE_PORT_\(suffix)", "\(number)"))
        }
        for (index, port) in ports.enumerated() {
            guard let number = port["port"]?.intValue else { continue }
            let network = port["protocol"]?.stringValue ?? "TCP"
            let url = "\(network.lowercased())://\(address):\(number)"
            let key = "\(prefix)_PORT_\(number)_\(network)"
            if index == 0 { result.append(("\(prefix)_PORT", url)) }
            result += [
                (key, url), ("\(key)_PROTO", network.lowercased()), ("\(key)_PORT", "\(number)"),
                ("\(key)_ADDR", address),
            ]
        }
        return result
    }
}
