import KubeCore

/// Validation of pod specs, in Pods and in templates.
enum PodRules {
    static func validate(_ spec: JSON, _ field: String) -> [FieldError] {
        let volumes = Set(spec.elements("volumes").map { $0.text("name") })
        var errors = VolumeRules.validate(spec.elements("volumes"), "\(field).volumes")
        let containers = spec.elements("containers")
        if containers.isEmpty { errors.append(.required("\(field).containers")) }
        var known: Set<String> = []
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            for (index, container) in spec.elements(list).enumerated() {
                let place = "\(field).\(list)[\(index)]"
                errors += ContainerRules.validate(container, place, volumes: volumes)
                let name = container.text("name")
                if !name.isEmpty, !known.insert(name).inserted {
                    errors.append(.duplicate("\(place).name", .string(name)))
                }
            }
        }
        return errors + enumerations(spec, field) + numbers(spec, field) + Self.names(of: spec, field)
            + tolerations(spec, field) + spread(spec, field) + dns(spec, field)
    }

    private static func enumerations(_ spec: JSON, _ field: String) -> [FieldError] {
        var errors = FieldChecks.oneOf(
            spec.text("restartPolicy"), ["Always", "OnFailure", "Never"], "\(field).restartPolicy")
        errors += FieldChecks.oneOf(
            spec.text("dnsPolicy"), ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"], "\(field).dnsPolicy"
        )
        if let policy = spec["preemptionPolicy"]?.stringValue {
            errors += FieldChecks.oneOf(policy, ["Never", "PreemptLowerPriority"], "\(field).preemptionPolicy")
        }
        if let policy = spec.at("securityContext", "fsGroupChangePolicy")?.stringValue {
            errors += FieldChecks.oneOf(
                policy, ["Always", "OnRootMismatch"], "\(field).securityContext.fsGroupChangePolicy")
        }
        errors += ContainerRules.seccomp(
            spec.at("securityContext", "seccompProfile"), "\(field).securityContext.seccompProfile")
        if spec.flag("shareProcessNamespace"), spec.flag("hostPID") {
            errors.append(
                .invalid(
                    "\(field).shareProcessNamespace", true, "ShareProcessNamespace and HostPID cannot both be enabled"))
        }
        return errors
    }

    private static func numbers(_ spec: JSON, _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        if let seconds = spec.int("activeDeadlineSeconds"), !(1...Int64(Int32.max)).contains(seconds) {
            errors.append(
                .invalid(
                    "\(field).activeDeadlineSeconds", .int(seconds), "must be between 1 and 2147483647, inclusive"))
        }
        errors += FieldChecks.notNegative(
            spec.int("terminationGracePeriodSeconds"), "\(field).terminationGracePeriodSeconds")
        for name in ["runAsUser", "runAsGroup", "fsGroup"] {
            if let id = spec.int("securityContext", name), !(0...Int64(Int32.max)).contains(id) {
                errors.append(
                    .invalid(
                        "\(field).securityContext.\(name)", .int(id), "must be between 0 and 2147483647, inclusive"))
            }
        }
        return errors
    }

    private static func names(of spec: JSON, _ field: String) -> [FieldError] {
        var errors = ObjectMetaRules.labels(spec["nodeSelector"], "\(field).nodeSelector")
        for (name, rule) in [
            ("nodeName", NameRules.subdomain), ("serviceAccountName", NameRules.subdomain),
            ("hostname", NameRules.label),
            ("subdomain", NameRules.label), ("priorityClassName", NameRules.subdomain),
            ("runtimeClassName", NameRules.subdomain),
        ] where !spec.text(name).isEmpty {
            errors += FieldChecks.names(spec.text(name), "\(field).\(name)", rule)
        }
        for (index, alias) in spec.elements("hostAliases").enumerated() {
            let place = "\(field).hostAliases[\(index)]"
            errors += FieldChecks.address(alias.text("ip"), "\(place).ip")
            for (number, name) in alias.elements("hostnames").enumerated() {
                errors += FieldChecks.names(
                    name.stringValue ?? "", "\(place).hostnames[\(number)]", NameRules.subdomain)
            }
        }
        for (index, secret) in spec.elements("imagePullSecrets").enumerated() where secret.text("name").isEmpty {
            errors.append(.required("\(field).imagePullSecrets[\(index)].name"))
        }
        for (index, gate) in spec.elements("readinessGates").enumerated() {
            errors += FieldChecks.names(
                gate.text("conditionType"), "\(field).readinessGates[\(index)].conditionType", NameRules.qualifiedName)
        }
        for (index, gate) in spec.elements("schedulingGates").enumerated() {
            errors += FieldChecks.names(
                gate.text("name"), "\(field).schedulingGates[\(index)].name", NameRules.qualifiedName)
        }
        return errors
    }

    private static func tolerations(_ spec: JSON, _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, toleration) in spec.elements("tolerations").enumerated() {
            let place = "\(field).tolerations[\(index)]"
            let key = toleration.text("key")
            let comparison = toleration.text("operator")
            if !key.isEmpty { errors += FieldChecks.names(key, "\(place).key", NameRules.qualifiedName) }
            if key.isEmpty, comparison != "Exists" {
                errors.append(
                    .invalid(
                        "\(place).operator", .string(comparison),
                        "operator must be Exists when `key` is empty, which means \"match all values and all keys\""))
            }
            if toleration["tolerationSeconds"] != nil, toleration.text("effect") != "NoExecute" {
                errors.append(
                    .invalid(
                        "\(place).effect", .string(toleration.text("effect")),
                        "effect must be 'NoExecute' when `tolerationSeconds` is set"))
            }
            switch comparison {
            case "", "Equal":
                errors += FieldChecks.names(toleration.text("value"), "\(place).operator", NameRules.labelValue)
            case "Exists":
                if !toleration.text("value").isEmpty {
                    errors.append(
                        .invalid(
                            "\(place).operator", toleration["value"], "value must be empty when `operator` is 'Exists'")
                    )
                }
            default:
                errors.append(.notSupported("\(place).operator", .string(comparison), ["Equal", "Exists"]))
            }
            let effect = toleration.text("effect")
            if !effect.isEmpty {
                errors += FieldChecks.oneOf(effect, ["NoSchedule", "PreferNoSchedule", "NoExecute"], "\(place).effect")
            }
        }
        return errors
    }

    private static func spread(_ spec: JSON, _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        for (index, constraint) in spec.elements("topologySpreadConstraints").enumerated() {
            let place = "\(field).topologySpreadConstraints[\(index)]"
            errors += FieldChecks.positive(constraint.int("maxSkew"), "\(place).maxSkew")
            if constraint.text("topologyKey").isEmpty {
                errors.append(.required("\(place).topologyKey", "can not be empty"))
            }
            errors += FieldChecks.oneOf(
                constraint.text("whenUnsatisfiable"), ["DoNotSchedule", "ScheduleAnyway"], "\(place).whenUnsatisfiable")
            errors += FieldChecks.selector(constraint["labelSelector"], "\(place).labelSelector")
        }
        return errors
    }

    private static func dns(_ spec: JSON, _ field: String) -> [FieldError] {
        guard spec.text("dnsPolicy") == "None" else { return [] }
        guard let config = spec["dnsConfig"] else {
            return [.required("\(field).dnsConfig", "must provide `dnsConfig` when `dnsPolicy` is None")]
        }
        return config.elements("nameservers").isEmpty
            ? [
                .required(
                    "\(field).dnsConfig.nameservers",
                    "must provide at least one DNS nameserver when `dnsPolicy` is None")
            ] : []
    }
}

extension PodRules {
    /// A pod's spec is fixed but for images, a shorter deadline, more tolerations and fewer scheduling gates.
    static func validateChange(_ new: JSON, old: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        for list in ["initContainers", "containers"] where new.elements(list).count != old.elements(list).count {
            return [.forbidden("spec.\(list)", "pod updates may not add or remove containers")]
        }
        var allowed = new
        for list in ["initContainers", "containers"] {
            var containers = new.elements(list)
            for (index, container) in containers.enumerated() {
                let image = container.text("image")
                if image.isEmpty { errors.append(.required("spec.\(list)[\(index)].image")) }
                containers[index]["image"] = old.elements(list)[index]["image"]
            }
            if !containers.isEmpty { allowed[list] = .array(containers) }
        }
        errors += deadline(new.int("activeDeadlineSeconds"), old.int("activeDeadlineSeconds"))
        allowed["activeDeadlineSeconds"] = old["activeDeadlineSeconds"]
        if (old.int("terminationGracePeriodSeconds") ?? 0) < 0, new.int("terminationGracePeriodSeconds") == 1 {
            allowed["terminationGracePeriodSeconds"] = old["terminationGracePeriodSeconds"]
        }
        let gates = old.elements("schedulingGates")
        if new.elements("schedulingGates").allSatisfy(gates.contains) {
            allowed["schedulingGates"] = old["schedulingGates"]
        }
        errors += addedTolerations(new.elements("tolerations"), old.elements("tolerations"))
        allowed["tolerations"] = old["tolerations"]
        guard allowed != old else { return errors }
        errors.append(
            .forbidden(
                "spec",
                "pod updates may not change fields other than "
                    + "`spec.containers[*].image`,`spec.initContainers[*].image`,"
                    + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
                    + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n"
                    + SpecDifference.describe(old, allowed)))
        return errors
    }

    private static func deadline(_ new: Int64?, _ old: Int64?) -> [FieldError] {
        guard let old else { return [] }
        guard let new else {
            return [.invalid("spec.activeDeadlineSeconds", nil, "must not update from a positive integer to nil value")]
        }
        return new > old
            ? [.invalid("spec.activeDeadlineSeconds", .int(new), "must be less than or equal to previous value")] : []
    }

    private static func addedTolerations(_ new: [JSON], _ old: [JSON]) -> [FieldError] {
        let known = new.map(withoutSeconds)
        return old.allSatisfy { known.contains(withoutSeconds($0)) }
            ? []
            : [
                .forbidden(
                    "spec.tolerations", "existing toleration can not be modified except its tolerationSeconds")
            ]
    }

    private static func withoutSeconds(_ toleration: JSON) -> JSON {
        var toleration = toleration
        toleration["tolerationSeconds"] = nil
        return toleration
    }
}
