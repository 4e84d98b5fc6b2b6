import KubeCore

/// Validation of containers.
enum ContainerRules {
    static func validate(_ container: JSON, _ field: String, volumes: Set<String>) -> [FieldError] {
        var errors: [FieldError] = []
        let name = container.text("name")
        errors +=
            name.isEmpty ? [.required("\(field).name")] : FieldChecks.names(name, "\(field).name", NameRules.label)
        errors += image(container.text("image"), "\(field).image")
        errors += FieldChecks.oneOf(
            container.text("imagePullPolicy"), ["Always", "IfNotPresent", "Never"], "\(field).imagePullPolicy")
        errors += FieldChecks.oneOf(
            container.text("terminationMessagePolicy"), ["FallbackToLogsOnError", "File"],
            "\(field).terminationMessagePolicy")
        errors += ports(container, field) + environment(container, field)
        errors += mounts(container, field, volumes) + probes(container, field)
        errors += resources(container["resources"] ?? .null, "\(field).resources")
        return errors + security(container["securityContext"] ?? .null, "\(field).securityContext")
    }

    private static func image(_ image: String, _ field: String) -> [FieldError] {
        if image.isEmpty { return [.required(field)] }
        let isPadded = image.first?.isWhitespace == true || image.last?.isWhitespace == true
        return isPadded ? [.invalid(field, .string(image), "must not have leading or trailing whitespace")] : []
    }

    private static func ports(_ container: JSON, _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        var names: Set<String> = []
        for (index, port) in container.elements("ports").enumerated() {
            let place = "\(field).ports[\(index)]"
            let name = port.text("name")
            if !name.isEmpty {
                let reasons = FieldChecks.names(name, "\(place).name", NameRules.portName)
                errors += reasons
                if reasons.isEmpty, !names.insert(name).inserted {
                    errors.append(.duplicate("\(place).name", .string(name)))
                }
            }
            let number = port.int("containerPort") ?? 0
            if number == 0 {
                errors.append(.required("\(place).containerPort"))
            } else {
                errors += NameRules.portNumber(number).map { .invalid("\(place).containerPort", .int(number), $0) }
            }
            if let host = port.int("hostPort"), host != 0 {
                errors += NameRules.portNumber(host).map { .invalid("\(place).hostPort", .int(host), $0) }
            }
            errors += FieldChecks.oneOf(port.text("protocol"), ["SCTP", "TCP", "UDP"], "\(place).protocol")
        }
        return errors
    }

    private static func environment(_ container: JSON, _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, variable) in container.elements("env").enumerated() {
            let place = "\(field).env[\(index)]"
            let name = variable.text("name")
            errors +=
                name.isEmpty
                ? [.required("\(place).name")]
                : FieldChecks.names(name, "\(place).name", NameRules.environmentVariable)
            guard let source = variable["valueFrom"] else { continue }
            let place2 = "\(place).valueFrom"
            let sources = ["configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef"]
                .filter { source[$0] != nil }
            if !variable.text("value").isEmpty {
                errors.append(.invalid(place2, "", "may not be specified when `value` is not empty"))
            } else if sources.isEmpty {
                errors.append(
                    .invalid(
                        place2, "",
                        "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"))
            } else if sources.count > 1 {
                errors.append(.invalid(place2, "", "may not have more than one field specified at a time"))
            }
            errors += references(source, place2)
        }
        for (index, source) in container.elements("envFrom").enumerated() {
            let place = "\(field).envFrom[\(index)]"
            if source["configMapRef"] == nil, source["secretRef"] == nil {
                errors.append(.invalid(place, "", "must specify one of: `configMapRef` or `secretRef`"))
            }
            for name in ["configMapRef", "secretRef"] where source[name] != nil && source.text(name, "name").isEmpty {
                errors.append(.required("\(place).\(name).name"))
            }
        }
        return errors
    }

    private static func references(_ source: JSON, _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        for name in ["configMapKeyRef", "secretKeyRef"] {
            guard let reference = source[name] else { continue }
            if reference.text("name").isEmpty { errors.append(.required("\(field).\(name).name")) }
            let key = reference.text("key")
            errors +=
                key.isEmpty
                ? [.required("\(field).\(name).key")]
                : FieldChecks.names(key, "\(field).\(name).key", NameRules.dataKey)
        }
        if let reference = source["fieldRef"] {
            errors += downward(reference.text("fieldPath"), "\(field).fieldRef.fieldPath", environmentPaths)
        }
        if let reference = source["resourceFieldRef"], reference.text("resource").isEmpty {
            errors.append(.required("\(field).resourceFieldRef.resource"))
        }
        return errors
    }

    private static let environmentPaths = [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs", "status.podIP", "status.podIPs",
    ]

    private static func downward(_ path: String, _ field: String, _ supported: [String]) -> [FieldError] {
        if path.isEmpty { return [.required(field)] }
        for map in ["metadata.labels['", "metadata.annotations['"] where path.hasPrefix(map) && path.hasSuffix("']") {
            return FieldChecks.names(
                String(path.dropFirst(map.count).dropLast(2)).lowercased(), field, NameRules.qualifiedName)
        }
        return supported.contains(path) ? [] : [.notSupported(field, .string(path), supported)]
    }

    private static func mounts(_ container: JSON, _ field: String, _ volumes: Set<String>) -> [FieldError] {
        var errors: [FieldError] = []
        var paths: Set<String> = []
        for (index, mount) in container.elements("volumeMounts").enumerated() {
            let place = "\(field).volumeMounts[\(index)]"
            let name = mount.text("name")
            if name.isEmpty {
                errors.append(.required("\(place).name"))
            } else if !volumes.contains(name) {
                errors.append(.notFound("\(place).name", .string(name)))
            }
            let path = mount.text("mountPath")
            if path.isEmpty { errors.append(.required("\(place).mountPath")) }
            if !paths.insert(path).inserted {
                errors.append(.invalid("\(place).mountPath", .string(path), "must be unique"))
            }
            for name in ["subPath", "subPathExpr"] {
                errors += VolumeRules.relative(mount.text(name), "\(place).\(name)")
            }
            if !mount.text("subPath").isEmpty, !mount.text("subPathExpr").isEmpty {
                errors.append(
                    .invalid(
                        "\(place).subPathExpr", mount["subPathExpr"], "subPathExpr and subPath are mutually exclusive"))
            }
        }
        return errors
    }

    private static func probes(_ container: JSON, _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
            guard let probe = container[name] else { continue }
            let place = "\(field).\(name)"
            errors += handler(probe, place, of: ["exec", "grpc", "httpGet", "tcpSocket"])
            for number in [
                "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold",
            ] {
                errors += FieldChecks.notNegative(probe.int(number), "\(place).\(number)")
            }
            if name != "readinessProbe", (probe.int("successThreshold") ?? 1) != 1 {
                errors.append(.invalid("\(place).successThreshold", probe["successThreshold"], "must be 1"))
            }
        }
        for name in ["postStart", "preStop"] {
            guard let hook = container.at("lifecycle", name) else { continue }
            errors += handler(hook, "\(field).lifecycle.\(name)", of: ["exec", "httpGet", "sleep", "tcpSocket"])
        }
        return errors
    }

    private static func handler(_ value: JSON, _ field: String, of kinds: [String]) -> [FieldError] {
        let given = kinds.filter { value[$0] != nil }
        var errors: [FieldError] = []
        if given.isEmpty { errors.append(.required(field, "must specify a handler type")) }
        for extra in given.dropFirst() {
            errors.append(.forbidden("\(field).\(extra)", "may not specify more than 1 handler type"))
        }
        if let exec = value["exec"], exec.elements("command").isEmpty {
            errors.append(.required("\(field).exec.command"))
        }
        for name in ["httpGet", "tcpSocket", "grpc"] {
            guard let port = value.at(name, "port") else { continue }
            switch port {
            case .int(let number):
                errors += NameRules.portNumber(number).map { .invalid("\(field).\(name).port", port, $0) }
            case .string(let text): errors += FieldChecks.names(text, "\(field).\(name).port", NameRules.portName)
            default: break
            }
        }
        return errors
    }

    private static func resources(_ resources: JSON, _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        for list in ["limits", "requests"] {
            for (name, amount) in resources.fields(list) {
                let place = "\(field).\(list)[\(name)]"
                if !name.contains("/"), !["cpu", "memory", "ephemeral-storage"].contains(name),
                    !name.hasPrefix("hugepages-")
                {
                    errors.append(.invalid(place, .string(name), "must be a standard resource for containers"))
                }
                if let quantity = quantity(amount), quantity.isNegative {
                    errors.append(.invalid(place, amount, "must be greater than or equal to 0"))
                }
            }
        }
        for (name, amount) in resources.fields("requests") {
            guard let request = quantity(amount), let limit = quantity(resources.at("limits", name)), request > limit
            else { continue }
            errors.append(
                .invalid("\(field).requests", amount, "must be less than or equal to \(name) limit of \(limit)"))
        }
        return errors
    }

    private static func quantity(_ value: JSON?) -> Quantity? {
        value?.stringValue.flatMap { try? Quantity(parsing: $0) }
    }

    private static func security(_ context: JSON, _ field: String) -> [FieldError] {
        var errors = seccomp(context["seccompProfile"], "\(field).seccompProfile")
        for name in ["runAsUser", "runAsGroup"] {
            if let id = context.int(name), !(0...Int64(Int32.max)).contains(id) {
                errors.append(.invalid("\(field).\(name)", .int(id), "must be between 0 and 2147483647, inclusive"))
            }
        }
        if context["allowPrivilegeEscalation"]?.boolValue == false, context.flag("privileged") {
            errors.append(
                .invalid(field, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"))
        }
        return errors
    }

    static func seccomp(_ profile: JSON?, _ field: String) -> [FieldError] {
        guard let profile else { return [] }
        let type = profile.text("type")
        if type.isEmpty { return [.required("\(field).type", "type is required when seccompProfile is set")] }
        if type == "Localhost", profile.text("localhostProfile").isEmpty {
            return [.required("\(field).localhostProfile", "must be set when seccomp type is Localhost")]
        }
        return FieldChecks.oneOf(type, ["Localhost", "RuntimeDefault", "Unconfined"], "\(field).type")
    }
}
