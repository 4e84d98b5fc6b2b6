import KubeCore

/// Applies a namespace's LimitRanges to new Pods and claims.
package struct LimitRangeAdmission: AdmissionPlugin {
    private static let limitRanges = GroupResource(group: "", resource: "limitranges")
    private static let claims = GroupResource(group: "", resource: "persistentvolumeclaims")

    package init() {}

    package func mutate(_ request: inout AdmissionRequest, _ registry: Registry) async throws(Status) {
        guard request.resource.storage == Registry.pods, request.operation == .create, request.subresource == nil
        else { return }
        LimitRanges.fill(&request.object, ranges(registry, request.namespace))
    }

    package func validate(_ request: AdmissionRequest, _ registry: Registry) async throws(Status) {
        guard request.operation != .delete, request.subresource == nil else { return }
        var refusal: String?
        if request.resource.storage == Registry.pods, request.operation == .create {
            refusal = LimitRanges.refusal(pod: request.object, ranges(registry, request.namespace))
        } else if request.resource.storage == Self.claims {
            refusal = LimitRanges.refusal(claim: request.object, ranges(registry, request.namespace))
        }
        if let refusal { throw .forbidden(request.resource.type, request.name, refusal) }
    }

    private func ranges(_ registry: Registry, _ namespace: String?) -> [JSON] {
        guard case .objects(let ranges, _) = registry.store.snapshot(Self.limitRanges) else { return [] }
        return ranges.filter { $0.key.namespace == namespace }.map { $0.json(typed: nil) }
    }
}

/// Holds new Pods to the Pod Security levels that their namespace's labels set.
package struct PodSecurityAdmission: AdmissionPlugin {
    package init() {}

    package func mutate(_ request: inout AdmissionRequest, _ registry: Registry) async throws(Status) {
        guard let (namespace, spec) = subject(request, registry) else { return }
        let (level, version) = PodSecurity.level(of: namespace, mode: "warn")
        if let violations = PodSecurity.violations(spec, level) {
            request.warnings.append("would violate PodSecurity \"\(level.rawValue):\(version)\": \(violations)")
        }
    }

    package func validate(_ request: AdmissionRequest, _ registry: Registry) async throws(Status) {
        guard let (namespace, spec) = subject(request, registry) else { return }
        let (level, version) = PodSecurity.level(of: namespace, mode: "enforce")
        if let violations = PodSecurity.violations(spec, level) {
            throw .forbidden(
                request.resource.type, request.name,
                "violates PodSecurity \"\(level.rawValue):\(version)\": \(violations)")
        }
    }

    /// The namespace and spec of a new Pod.
    private func subject(_ request: AdmissionRequest, _ registry: Registry) -> (JSON, JSON)? {
        guard request.resource.storage == Registry.pods, request.operation == .create, request.subresource == nil,
            let name = request.namespace, let spec = request.object["spec"],
            let namespace = registry.store.get(Registry.namespaces, ObjectKey(namespace: nil, name: name))
        else { return nil }
        return (namespace.json(typed: nil), spec)
    }
}
