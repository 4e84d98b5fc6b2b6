import KubeCore

/// The values that a pod may refer to of itself: the downward API.
struct PodFields: Sendable {
    let pod: PodSpec
    let hostAddress: String
    let podAddress: String
    /// What the node has to give, for containers without limits.
    let nodeResources: [String: Quantity]

    /// The text of a `fieldRef.fieldPath`; nil for a path that is unknown.
    func field(_ path: String) -> String? {
        switch path {
        case "metadata.name": return pod.name
        case "metadata.namespace": return pod.namespace
        case "metadata.uid": return pod.uid
        case "metadata.labels": return Self.lines(pod.labels)
        case "metadata.annotations": return Self.lines(pod.annotations)
        case "spec.nodeName": return pod.nodeName
        case "spec.serviceAccountName": return pod.serviceAccountName
        case "status.hostIP", "status.hostIPs": return hostAddress
        case "status.podIP", "status.podIPs": return podAddress
        default:
            if let key = Self.key(path, of: "metadata.labels") { return pod.labels[key] ?? "" }
            if let key = Self.key(path, of: "metadata.annotations") { return pod.annotations[key] ?? "" }
            return nil
        }
    }

    /// The key in `metadata.labels['key']`.
    private static func key(_ path: String, of map: String) -> String? {
        guard path.hasPrefix(map + "['"), path.hasSuffix("']"), path.count > map.count + 4 else { return nil }
        return String(path.dropFirst(map.count + 2).dropLast(2))
    }

    /// `key="value"` lines in the order of the keys, with Go's quoting.
    private static func lines(_ map: [String: String]) -> String {
        map.sorted { $0.key < $1.key }.map { "\($0.key)=\(JSON.string($0.value).encodedString())" }
            .joined(separator: "\n")
    }

    /// The number of a `resourceFieldRef`; nil for one that is unknown.
    ///
    /// - Parameter container: whose resources they are when the reference names none.
    func resource(_ reference: JSON, in container: ContainerSpec?) -> String? {
        let name = reference.text("containerName")
        let target = name.isEmpty ? container : (pod.containers + pod.initContainers).first { $0.name == name }
        guard let target else { return nil }
        let path = reference.text("resource")
        guard let dot = path.firstIndex(of: ".") else { return nil }
        let resource = String(path[path.index(after: dot)...])
        let amount: Quantity
        switch path[..<dot] {
        case "limits": amount = target.limits[resource] ?? nodeResources[resource] ?? Quantity(0)
        case "requests": amount = target.requests[resource] ?? Quantity(0)
        default: return nil
        }
        let divisor = (try? Quantity(parsing: reference["divisor"]?.stringValue ?? "1")) ?? Quantity(1)
        return Self.divided(amount, by: divisor.isZero ? Quantity(1) : divisor, isMilli: resource == "cpu")
    }

    /// Rounded up, as the kubelet does.
    private static func divided(_ amount: Quantity, by divisor: Quantity, isMilli: Bool) -> String {
        let value = isMilli ? amount.milliValue : amount.value
        let unit = max(1, isMilli ? divisor.milliValue : divisor.value)
        let (quotient, rest) = value.quotientAndRemainder(dividingBy: unit)
        return String(rest > 0 ? quotient &+ 1 : quotient)
    }
}
