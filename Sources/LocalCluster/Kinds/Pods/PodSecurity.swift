import KubeCore

/// The Pod Security Standards: what a Pod may ask for at the levels `baseline` and `restricted`.
/// Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/
package enum PodSecurity {
    package enum Level: String, Sendable, CaseIterable { case privileged, baseline, restricted }

    /// The levels that a namespace's labels set, for `enforce`, `warn` or `audit`; privileged when there is none.
    package static func level(of namespace: JSON, mode: String) -> (level: Level, version: String) {
        let labels = namespace.fields("metadata", "labels")
        let prefix = "pod-security.kubernetes.io/\(mode)"
        let level = labels[prefix]?.stringValue.flatMap(Level.init(rawValue:)) ?? .privileged
        return (level, labels["\(prefix)-version"]?.stringValue ?? "latest")
    }

    /// What a pod spec breaks at a level, `host namespaces (hostNetwork=true), privileged (…)`; nil when it breaks
    /// nothing.
    package static func violations(_ spec: JSON, _ level: Level) -> String? {
        guard level != .privileged else { return nil }
        let pod = Subject(spec)
        let isRestricted = level == .restricted
        var found: [(id: String, text: String)] = []
        func note(_ id: String, _ title: String, _ details: [String]) {
            if !details.isEmpty { found.append((id, "\(title) (\(details.joined(separator: "; ")))")) }
        }
        note("hostNamespaces", "host namespaces", pod.hostNamespaces)
        note("hostPathVolumes", "hostPath volumes", pod.hostPaths)
        note("hostPorts", "hostPort", pod.hostPorts)
        note("privileged", "privileged", pod.privileged)
        note("procMount", "procMount", pod.procMounts)
        note("sysctls", "forbidden sysctls", pod.sysctls)
        note("windowsHostProcess", "hostProcess", pod.hostProcess)
        if isRestricted {
            note("allowPrivilegeEscalation", "allowPrivilegeEscalation != false", pod.escalation)
            note("capabilities_restricted", "unrestricted capabilities", pod.unrestrictedCapabilities)
            note("restrictedVolumes", "restricted volume types", pod.restrictedVolumes)
            note("runAsNonRoot", "runAsNonRoot != true", pod.mayRunAsRoot)
            note("runAsUser", "runAsUser=0", pod.runsAsRoot)
            note("seccompProfile_restricted", "seccompProfile", pod.missingSeccomp)
        } else {
            note("capabilities_baseline", "non-default capabilities", pod.addedCapabilities)
            note("seccompProfile_baseline", "seccompProfile", pod.unconfinedSeccomp)
        }
        return found.isEmpty ? nil : found.sorted { $0.id < $1.id }.map(\.text).joined(separator: ", ")
    }
}

extension PodSecurity {
    /// A pod spec and the questions asked of it.
    private struct Subject {
        let spec: JSON
        let context: JSON
        let containers: [JSON]

        init(_ spec: JSON) {
            self.spec = spec
            context = spec["securityContext"] ?? .null
            containers = ["initContainers", "containers", "ephemeralContainers"].flatMap { spec.elements($0) }
        }

        /// `container "a"`, `containers "a", "b"`.
        private func named(_ containers: [JSON]) -> String {
            let names = containers.map { FieldError.quoted($0.text("name")) }.joined(separator: ", ")
            return (containers.count == 1 ? "container " : "containers ") + names
        }

        private func containersWhere(_ isWrong: (JSON) -> Bool, _ what: String) -> [String] {
            let wrong = containers.filter { isWrong($0["securityContext"] ?? .null) }
            return wrong.isEmpty ? [] : ["\(named(wrong)) \(what)"]
        }

        var hostNamespaces: [String] {
            let set = ["hostNetwork", "hostPID", "hostIPC"].filter { spec.flag($0) }.map { "\($0)=true" }
            return set.isEmpty ? [] : [set.joined(separator: ", ")]
        }

        private func volumes(_ isWrong: (JSON) -> Bool) -> [JSON] { spec.elements("volumes").filter(isWrong) }

        private func named(volumes: [JSON]) -> String {
            let names = volumes.map { FieldError.quoted($0.text("name")) }.joined(separator: ", ")
            return (volumes.count == 1 ? "volume " : "volumes ") + names
        }

        var hostPaths: [String] {
            let wrong = volumes { $0["hostPath"] != nil }
            return wrong.isEmpty ? [] : [named(volumes: wrong)]
        }

        var hostPorts: [String] {
            func ports(_ container: JSON) -> [Int64] {
                container.elements("ports").compactMap { $0.int("hostPort") }.filter { $0 != 0 }
            }
            let wrong = containers.filter { !ports($0).isEmpty }
            let numbers = Set(wrong.flatMap(ports)).sorted().map(String.init)
            if wrong.isEmpty { return [] }
            let verb = wrong.count == 1 ? "uses" : "use"
            return [
                "\(named(wrong)) \(verb) \(numbers.count == 1 ? "hostPort" : "hostPorts") "
                    + "\(numbers.joined(separator: ", "))"
            ]
        }

        var privileged: [String] {
            containersWhere({ $0.flag("privileged") }, "must not set securityContext.privileged=true")
        }

        var procMounts: [String] {
            containersWhere(
                { !["", "Default"].contains($0.text("procMount")) },
                "must not set securityContext.procMount to \"Unmasked\"")
        }

        private static let safeSysctls: Set = [
            "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies",
            "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports",
            "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
            "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
        ]

        var sysctls: [String] {
            let wrong = context.elements("sysctls").map { $0.text("name") }.filter { !Self.safeSysctls.contains($0) }
            return wrong.isEmpty ? [] : [wrong.joined(separator: ", ")]
        }

        var hostProcess: [String] {
            var details =
                context.flag("windowsOptions", "hostProcess")
                ? ["pod must not set securityContext.windowsOptions.hostProcess=true"] : []
            details += containersWhere(
                { $0.flag("windowsOptions", "hostProcess") },
                "must not set securityContext.windowsOptions.hostProcess=true")
            return details
        }

        var escalation: [String] {
            containersWhere(
                { $0["allowPrivilegeEscalation"]?.boolValue != false },
                "must set securityContext.allowPrivilegeEscalation=false")
        }

        private static let usualCapabilities: Set = [
            "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
            "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
        ]

        private func added(beyond allowed: Set<String>) -> [String] {
            func extra(_ container: JSON) -> [String] {
                container.elements("securityContext", "capabilities", "add").compactMap(\.stringValue)
                    .filter { !allowed.contains($0) }
            }
            let wrong = containers.filter { !extra($0).isEmpty }
            let names = Set(wrong.flatMap(extra)).sorted().map(FieldError.quoted).joined(separator: ", ")
            return wrong.isEmpty
                ? [] : ["\(named(wrong)) must not include \(names) in securityContext.capabilities.add"]
        }

        var addedCapabilities: [String] { added(beyond: Self.usualCapabilities) }

        var unrestrictedCapabilities: [String] {
            containersWhere(
                { !$0.elements("capabilities", "drop").contains("ALL") },
                "must set securityContext.capabilities.drop=[\"ALL\"]") + added(beyond: ["NET_BIND_SERVICE"])
        }

        private static let plainVolumes: Set = [
            "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected",
            "secret",
        ]

        var restrictedVolumes: [String] {
            func type(_ volume: JSON) -> String? {
                volume.fields().map(\.key).first { $0 != "name" && !Self.plainVolumes.contains($0) }
            }
            let wrong = volumes { type($0) != nil }
            if wrong.isEmpty { return [] }
            let types = Set(wrong.compactMap(type)).sorted()
            let verb = wrong.count == 1 ? "uses" : "use"
            return [
                "\(named(volumes: wrong)) \(verb) restricted volume \(types.count == 1 ? "type" : "types") "
                    + types.map(FieldError.quoted).joined(separator: ", ")
            ]
        }

        var mayRunAsRoot: [String] {
            let podSays = context["runAsNonRoot"]?.boolValue
            let refusing = containers.filter { $0.at("securityContext", "runAsNonRoot")?.boolValue == false }
            var details: [String] = []
            if podSays == false { details.append("pod must not set securityContext.runAsNonRoot=false") }
            if !refusing.isEmpty {
                details.append("\(named(refusing)) must not set securityContext.runAsNonRoot=false")
            }
            let silent = containers.filter { $0.at("securityContext", "runAsNonRoot") == nil }
            if details.isEmpty, podSays != true, !silent.isEmpty {
                details.append("pod or \(named(silent)) must set securityContext.runAsNonRoot=true")
            }
            return details
        }

        var runsAsRoot: [String] {
            var details = context.int("runAsUser") == 0 ? ["pod must not set runAsUser=0"] : []
            details += containersWhere({ $0.int("runAsUser") == 0 }, "must not set runAsUser=0")
            return details
        }

        private static func isConfined(_ type: String) -> Bool { type == "RuntimeDefault" || type == "Localhost" }

        var missingSeccomp: [String] {
            let podType = context.text("seccompProfile", "type")
            var details = unconfinedSeccomp
            let silent = containers.filter { $0.text("securityContext", "seccompProfile", "type").isEmpty }
            if details.isEmpty, !Self.isConfined(podType), !silent.isEmpty {
                details.append(
                    "pod or \(named(silent)) must set securityContext.seccompProfile.type to \"RuntimeDefault\" "
                        + "or \"Localhost\""
                )
            }
            return details
        }

        var unconfinedSeccomp: [String] {
            let what = "must not set securityContext.seccompProfile.type to \"Unconfined\""
            let podType = context.text("seccompProfile", "type")
            var details = podType.isEmpty || Self.isConfined(podType) ? [] : ["pod \(what)"]
            details += containersWhere(
                { context in
                    let type = context.text("seccompProfile", "type")
                    return !type.isEmpty && !Self.isConfined(type)
                }, what)
            return details
        }
    }
}
