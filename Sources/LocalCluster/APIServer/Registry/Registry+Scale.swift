import KubeCore

/// The scale subresource: three numbers of an object in the shape of autoscaling/v1 Scale.
extension Registry {
    package func getScale(
        _ resource: Resource, _ paths: ScalePaths, namespace: String?, name: String
    ) throws(Status) -> JSON {
        scale(of: present(try get(resource, namespace: namespace, name: name), resource), paths)
    }

    private func scale(of object: JSON, _ paths: ScalePaths) -> JSON {
        var metadata = JSONObject()
        for field in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
            if let value = object.meta(field) { metadata[field] = value }
        }
        var spec = JSONObject()
        // A zero is left out, as the field's Go tag has it.
        if let replicas = object.at(paths.specReplicas)?.intValue, replicas != 0 { spec["replicas"] = .int(replicas) }
        var status: JSONObject = ["replicas": object.at(paths.statusReplicas) ?? 0]
        if let path = paths.labelSelector, let selector = object.at(path) {
            if let text = selector.stringValue {
                if !text.isEmpty { status["selector"] = .string(text) }
            } else if let parsed = try? LabelSelector(json: selector), !parsed.isEverything {
                status["selector"] = .string(parsed.description)
            }
        }
        return [
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": .object(metadata), "spec": .object(spec),
            "status": .object(status),
        ]
    }

    package func updateScale(
        _ resource: Resource, _ paths: ScalePaths, namespace: String?, name: String, body: RequestBody,
        _ options: ServerWriteOptions
    ) async throws(Status) -> WriteResult {
        let (wanted, _) = try BodyDecoder.tree(body, mustBe: "Scale")
        if let kind = wanted["kind"]?.stringValue, !kind.isEmpty, kind != "Scale" {
            throw .badRequest("\(kind) in version \"v1\" cannot be handled as a Scale: unknown conversion")
        }
        return try await changeScale(resource, paths, namespace: namespace, name: name, options) {
            (_: JSON) throws(Status) -> JSON in wanted
        }
    }

    package func patchScale(
        _ resource: Resource, _ paths: ScalePaths, namespace: String?, name: String, _ format: PatchFormat,
        body: [UInt8], _ options: ServerWriteOptions
    ) async throws(Status) -> WriteResult {
        let patch = try Self.parsePatch(body, format)
        return try await changeScale(resource, paths, namespace: namespace, name: name, options) {
            (scale: JSON) throws(Status) -> JSON in
            try Self.patched(scale, patch, format, schema: .anything)
        }
    }

    private func changeScale(
        _ resource: Resource, _ paths: ScalePaths, namespace: String?, name: String, _ options: ServerWriteOptions,
        _ wanted: (_ scale: JSON) throws(Status) -> JSON
    ) async throws(Status) -> WriteResult {
        var options = options
        options.subresource = "scale"
        var result = try await change(resource, namespace: namespace, name: name, options) {
            (existing: JSON) throws(Status) -> DecodedObject in
            let scale = try wanted(self.scale(of: existing, paths))
            if !scale.metaName.isEmpty { try self.checkName(scale, name) }
            let version = scale.metaResourceVersion
            if !version.isEmpty, version != existing.metaResourceVersion {
                throw .objectModified(resource.type, name)
            }
            let uid = scale.metaUID
            if !uid.isEmpty, uid != existing.metaUID {
                throw .conflict(
                    resource.type, name,
                    "Precondition failed: UID in precondition: \(uid), UID in object meta: \(existing.metaUID)")
            }
            var object = existing
            switch scale.at("spec", "replicas") {
            case .int(let replicas): object.set(.int(replicas), at: paths.specReplicas)
            case nil, .null: object.set(0, at: paths.specReplicas)
            default:
                throw .badRequest("Scale in version \"v1\" cannot be handled as a Scale: spec.replicas is no integer")
            }
            return DecodedObject(object: object)
        }
        result.object = scale(of: result.object, paths)
        return result
    }
}
