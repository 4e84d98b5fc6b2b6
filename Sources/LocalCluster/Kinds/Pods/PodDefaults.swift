import KubeCore

/// Defaults of pod specs, in Pods and in the templates of workloads.
enum PodDefaults {
    /// What a Pod gets and a template does not: requests that follow limits, host ports, service links.
    static func fillPod(_ spec: inout JSON) {
        fill(&spec)
        spec.setIfAbsent("enableServiceLinks", true)
        for list in ["initContainers", "containers"] {
            spec.mapElements(list) { container in
                for (name, limit) in container.fields("resources", "limits")
                where container.at("resources", "requests", name) == nil {
                    container.set(limit, at: ["resources", "requests", name])
                }
            }
        }
    }

    static func fill(_ spec: inout JSON) {
        if spec.text("serviceAccountName").isEmpty { spec["serviceAccountName"] = spec["serviceAccount"] }
        spec["serviceAccount"] = spec["serviceAccountName"]
        spec.setIfAbsent("dnsPolicy", "ClusterFirst")
        spec.setIfAbsent("restartPolicy", "Always")
        spec.setIfAbsent("securityContext", .object([:]))
        spec.setIfAbsent("terminationGracePeriodSeconds", 30)
        spec.setIfAbsent("schedulerName", "default-scheduler")
        let isOnHostNetwork = spec.flag("hostNetwork")
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            spec.mapElements(list) { container in
                Self.container(&container)
                guard isOnHostNetwork else { return }
                container.mapElements("ports") { port in
                    if (port.int("hostPort") ?? 0) == 0 { port["hostPort"] = port["containerPort"] }
                }
            }
        }
        spec.mapElements("volumes", volume)
    }

    private static func container(_ container: inout JSON) {
        container.setIfAbsent("imagePullPolicy", .string(pullPolicy(container.text("image"))))
        container.setIfAbsent("terminationMessagePath", "/dev/termination-log")
        container.setIfAbsent("terminationMessagePolicy", "File")
        container.setIfAbsent("resources", .object([:]))
        container.mapElements("ports") { $0.setIfAbsent("protocol", "TCP") }
        container.mapElements("env") { variable in
            variable.change("valueFrom") { source in
                source.change("fieldRef") { $0.setIfAbsent("apiVersion", "v1") }
            }
        }
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
            container.change(probe) { probe in
                for (field, value) in [
                    ("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3),
                ] { probe.setIfAbsent(field, .int(Int64(value))) }
                probe.change("httpGet", request)
                probe.change("grpc") { $0.setIfAbsent("service", "") }
            }
        }
        container.change("lifecycle") { lifecycle in
            for hook in ["postStart", "preStop"] { lifecycle.change(hook) { $0.change("httpGet", request) } }
        }
    }

    private static func request(_ get: inout JSON) {
        get.setIfAbsent("path", "/")
        get.setIfAbsent("scheme", "HTTP")
    }

    /// Images without a tag, or with `latest`, are pulled every time.
    static func pullPolicy(_ image: String) -> String {
        if image.contains("@") { return "IfNotPresent" }
        let name = image.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        let tag = name.split(separator: ":", maxSplits: 1).dropFirst().first ?? "latest"
        return tag == "latest" ? "Always" : "IfNotPresent"
    }

    private static func volume(_ volume: inout JSON) {
        if volume.fields().count == 1 { volume["emptyDir"] = .object([:]) }
        for source in ["secret", "configMap", "downwardAPI", "projected"] {
            volume.change(source) { $0.setIfAbsent("defaultMode", 0o644) }
        }
        volume.change("hostPath") { $0.setIfAbsent("type", "") }
        volume.change("downwardAPI", downward)
        volume.change("projected") { projected in
            projected.mapElements("sources") { source in
                source.change("downwardAPI", downward)
                source.change("serviceAccountToken") { $0.setIfAbsent("expirationSeconds", 3600) }
            }
        }
        volume.change("ephemeral") { ephemeral in
            ephemeral.change("volumeClaimTemplate") { template in
                template.change("spec") { $0.setIfAbsent("volumeMode", "Filesystem") }
            }
        }
        volume.change("image") { image in
            image.setIfAbsent("pullPolicy", .string(pullPolicy(image.text("reference"))))
        }
    }

    private static func downward(_ source: inout JSON) {
        source.mapElements("items") { item in
            item.change("fieldRef") { $0.setIfAbsent("apiVersion", "v1") }
        }
    }
}
