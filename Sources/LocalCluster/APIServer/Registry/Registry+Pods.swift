import KubeCore

/// The subresources of Pods that are actions.
extension Registry {
    private static let created: JSON = [
        "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201,
    ]

    /// `pods/NAME/binding`: gives the Pod its node.
    package func bind(
        _ resource: Resource, namespace: String, name: String, body: RequestBody, _ options: ServerWriteOptions
    ) async throws(Status) -> JSON {
        let (binding, _) = try BodyDecoder.tree(body, mustBe: "Binding")
        let kind = binding.at("target", "kind")?.stringValue ?? ""
        if !kind.isEmpty, kind != "Node" {
            throw .plain(
                FieldError.notSupported("target.kind", .string(kind), ["Node", "<empty>"]).text)
        }
        let node = binding.at("target", "name")?.stringValue ?? ""
        if node.isEmpty { throw .plain(FieldError.required("target.name").text) }
        let uid = binding.metaUID
        var options = options
        options.subresource = "binding"
        let time = now().rfc3339
        _ = try await change(resource, namespace: namespace, name: name, options, isTrusted: true) {
            (existing: JSON) throws(Status) -> DecodedObject in
            if !uid.isEmpty, uid != existing.metaUID {
                throw .conflict(
                    resource.type, name,
                    "Precondition failed: UID in precondition: \(uid), UID in object meta: \(existing.metaUID)")
            }
            if existing.isBeingDeleted {
                throw Self.bindingConflict(name, "pod \(name) is being deleted, cannot be assigned to a host")
            }
            let assigned = existing.at("spec", "nodeName")?.stringValue ?? ""
            if !assigned.isEmpty {
                throw Self.bindingConflict(name, "pod \(name) is already assigned to node \"\(assigned)\"")
            }
            var pod = existing
            pod.set(.string(node), at: ["spec", "nodeName"])
            for (key, value) in binding.meta("annotations")?.objectValue ?? JSONObject() {
                pod.set(value, at: ["metadata", "annotations", key])
            }
            Self.setCondition(
                &pod,
                ["type": "PodScheduled", "status": "True", "lastProbeTime": nil, "lastTransitionTime": .string(time)])
            return DecodedObject(object: pod)
        }
        return Self.created
    }

    private static func bindingConflict(_ name: String, _ why: String) -> Status {
        Status(
            code: 409, reason: .conflict,
            message: "Operation cannot be fulfilled on pods/binding \"\(name)\": \(why)",
            details: Status.Details(name: name, kind: "pods/binding"))
    }

    private static func setCondition(_ pod: inout JSON, _ condition: JSON) {
        var conditions = pod.at("status", "conditions")?.arrayValue ?? []
        if let index = conditions.firstIndex(where: { $0["type"] == condition["type"] }) {
            if conditions[index]["status"] == condition["status"] {
                var kept = condition
                kept["lastTransitionTime"] = conditions[index]["lastTransitionTime"]
                conditions[index] = kept
            } else {
                conditions[index] = condition
            }
        } else {
            conditions.append(condition)
        }
        pod.set(.array(conditions), at: ["status", "conditions"])
    }

    /// `pods/NAME/eviction`: a deletion that leaves a condition behind.
    package func evict(
        _ resource: Resource, namespace: String, name: String, body: RequestBody, _ options: ServerWriteOptions
    ) async throws(Status) -> JSON {
        let (eviction, _) = try BodyDecoder.tree(body, mustBe: "Eviction")
        if eviction.metaName != name, !eviction.metaName.isEmpty {
            throw .badRequest("name in URL does not match name in Eviction object")
        }
        let deletion = try ServerDeleteOptions(
            RequestTarget(path: "", segments: [], query: []), body: eviction["deleteOptions"])
        var isDryRun = deletion.isDryRun
        if options.isDryRun { isDryRun = true }
        let stored = try get(resource, namespace: namespace, name: name)
        let isRunning = ["Pending", "Running"].contains(
            present(stored, resource).at("status", "phase")?.stringValue ?? "")
        var delete = deletion
        delete.isDryRun = isDryRun
        if isRunning, !isDryRun {
            var status = options
            status.subresource = "status"
            status.fieldManager = "kube-apiserver"
            let time = now().rfc3339
            _ = try await change(resource, namespace: namespace, name: name, status, isTrusted: true) {
                (existing: JSON) throws(Status) -> DecodedObject in
                var pod = existing
                Self.setCondition(
                    &pod,
                    [
                        "type": "DisruptionTarget", "status": "True", "lastProbeTime": nil,
                        "lastTransitionTime": .string(time), "reason": "EvictionByEvictionAPI",
                        "message": "Eviction API: evicting",
                    ])
                return DecodedObject(object: pod)
            }
        }
        _ = try await self.delete(resource, namespace: namespace, name: name, delete)
        return Self.created
    }
}
