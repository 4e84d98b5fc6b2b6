import KubeCore

/// A pod's `/etc/hosts`.
enum HostsFile {
    /// As the kubelet writes it, with the Services of the cluster under the names that DNS would give them.
    static func text(spec: PodSpec, address: String, services: [JSON]) -> String {
        var lines = [
            "# Kubernetes-managed hosts file.", "127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback",
            "\(address)\t\(spec.hostName)",
        ]
        for service in services {
            let object = DynamicObject(service)
            let clusterAddress = service["spec"]?.text("clusterIP") ?? ""
            guard !clusterAddress.isEmpty, clusterAddress != "None" else { continue }
            let namespace = object.namespace ?? "default"
            let full = "\(object.name).\(namespace)"
            var names = ["\(full).svc.cluster.local", "\(full).svc", full]
            if namespace == spec.namespace { names.append(object.name) }
            lines.append("\(clusterAddress)\t\(names.joined(separator: " "))")
        }
        for alias in spec.hostAliases {
            let names = alias.list("hostnames").compactMap(\.stringValue)
            if !names.isEmpty { lines.append("\(alias.text("ip"))\t\(names.joined(separator: " "))") }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
