import KubeCore

/// What the default plugins of a cluster add to a new Pod: its service account and token volume, priority, and tolerations.
package struct PodAdmission: AdmissionPlugin {
    package init() {}

    package func mutate(_ request: inout AdmissionRequest, _ registry: Registry) async throws(Status) {
        guard request.resource.storage == Registry.pods, request.subresource == nil else { return }
        if request.operation == .create {
            try Self.setPriority(&request, registry)
            try Self.setServiceAccount(&request, registry)
            Self.addTolerations(&request.object)
        }
    }

    // MARK: Service account

    private static let tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount"

    private static func setServiceAccount(_ request: inout AdmissionRequest, _ registry: Registry) throws(Status) {
        // Pods of the node itself carry their own.
        if request.object.meta("annotations")?["kubernetes.io/config.mirror"] != nil { return }
        var name = request.object.at("spec", "serviceAccountName")?.stringValue ?? ""
        if name.isEmpty {
            name = "default"
            request.object.set(.string(name), at: ["spec", "serviceAccountName"])
        }
        request.object.set(.string(name), at: ["spec", "serviceAccount"])
        let namespace = request.namespace ?? ""
        let key = ObjectKey(namespace: namespace, name: name)
        guard let stored = registry.store.get(serviceAccounts, key) else {
            throw .forbidden(
                request.resource.type, request.name,
                "error looking up service account \(namespace)/\(name): serviceaccount \"\(name)\" not found")
        }
        let account = stored.json(typed: nil)
        if request.object.at("spec", "imagePullSecrets") == nil, let secrets = account["imagePullSecrets"] {
            request.object.set(secrets, at: ["spec", "imagePullSecrets"])
        }
        let mounts =
            request.object.at("spec", "automountServiceAccountToken")?.boolValue
            ?? account["automountServiceAccountToken"]?.boolValue ?? true
        if mounts { mountToken(&request.object) }
    }

    private static let serviceAccounts = GroupResource(group: "", resource: "serviceaccounts")

    private static func mountToken(_ pod: inout JSON) {
        var volumes = pod.at("spec", "volumes")?.arrayValue ?? []
        let present = volumes.first { ($0["name"]?.stringValue ?? "").hasPrefix("kube-api-access-") }
        let volumeName = present?["name"]?.stringValue ?? "kube-api-access-\(Names.suffix())"
        var isUsed = false
        for list in ["initContainers", "containers"] {
            guard var containers = pod.at("spec", list)?.arrayValue else { continue }
            for index in containers.indices {
                var mounts = containers[index]["volumeMounts"]?.arrayValue ?? []
                if mounts.contains(where: { $0["mountPath"]?.stringValue == tokenPath }) { continue }
                mounts.append(["name": .string(volumeName), "readOnly": true, "mountPath": .string(tokenPath)])
                containers[index]["volumeMounts"] = .array(mounts)
                isUsed = true
            }
            pod.set(.array(containers), at: ["spec", list])
        }
        guard isUsed, present == nil else { return }
        volumes.append([
            "name": .string(volumeName),
            "projected": [
                "sources": [
                    ["serviceAccountToken": ["expirationSeconds": 3607, "path": "token"]],
                    ["configMap": ["name": "kube-root-ca.crt", "items": [["key": "ca.crt", "path": "ca.crt"]]]],
                    [
                        "downwardAPI": [
                            "items": [
                                [
                                    "path": "namespace",
                                    "fieldRef": ["apiVersion": "v1", "fieldPath": "metadata.namespace"],
                                ]
                            ]
                        ]
                    ],
                    // The distribution whose answers are the measure adds its services' authority.
                    [
                        "configMap": [
                            "name": "openshift-service-ca.crt",
                            "items": [["key": "service-ca.crt", "path": "service-ca.crt"]], "optional": true,
                        ]
                    ],
                ], "defaultMode": 420,
            ],
        ])
        pod.set(.array(volumes), at: ["spec", "volumes"])
    }

    // MARK: Priority

    private static let priorityClasses = GroupResource(group: "scheduling.k8s.io", resource: "priorityclasses")

    private static func setPriority(_ request: inout AdmissionRequest, _ registry: Registry) throws(Status) {
        var name = request.object.at("spec", "priorityClassName")?.stringValue ?? ""
        var priority: Int64 = 0
        var policy = "PreemptLowerPriority"
        if name.isEmpty {
            if case .objects(let classes, _) = registry.store.snapshot(priorityClasses) {
                let defaults = classes.map { $0.json(typed: nil) }.filter { $0["globalDefault"]?.boolValue == true }
                if let chosen = defaults.min(by: { ($0["value"]?.intValue ?? 0) < ($1["value"]?.intValue ?? 0) }) {
                    name = chosen.metaName
                    priority = chosen["value"]?.intValue ?? 0
                    policy = chosen["preemptionPolicy"]?.stringValue ?? policy
                    request.object.set(.string(name), at: ["spec", "priorityClassName"])
                }
            }
        } else {
            guard let stored = registry.store.get(priorityClasses, ObjectKey(namespace: nil, name: name)) else {
                throw .forbidden(
                    request.resource.type, request.name, "no PriorityClass with name \(name) was found")
            }
            let found = stored.json(typed: nil)
            priority = found["value"]?.intValue ?? 0
            policy = found["preemptionPolicy"]?.stringValue ?? policy
        }
        if let given = request.object.at("spec", "priority")?.intValue, given != priority {
            throw .forbidden(
                request.resource.type, request.name,
                "the integer value of priority (\(given)) must not be provided in pod spec; "
                    + "priority admission controller computed \(priority) from the given PriorityClass name")
        }
        if let given = request.object.at("spec", "preemptionPolicy")?.stringValue, given != policy {
            throw .forbidden(
                request.resource.type, request.name,
                "the string value of PreemptionPolicy (\(given)) must not be provided in pod spec; "
                    + "priority admission controller computed \(policy) from the given PriorityClass name")
        }
        request.object.set(.int(priority), at: ["spec", "priority"])
        request.object.set(.string(policy), at: ["spec", "preemptionPolicy"])
    }

    // MARK: Tolerations

    private static func addTolerations(_ pod: inout JSON) {
        var tolerations = pod.at("spec", "tolerations")?.arrayValue ?? []
        for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
            let isTolerated = tolerations.contains { toleration in
                let theirs = toleration["key"]?.stringValue ?? ""
                let effect = toleration["effect"]?.stringValue ?? ""
                return (theirs == key || theirs.isEmpty) && (effect == "NoExecute" || effect.isEmpty)
            }
            if isTolerated { continue }
            tolerations.append([
                "key": .string(key), "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300,
            ])
        }
        pod.set(.array(tolerations), at: ["spec", "tolerations"])
    }
}
