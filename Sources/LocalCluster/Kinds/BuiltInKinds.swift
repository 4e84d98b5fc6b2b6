import KubeCore

/// The kinds that every cluster serves.
package enum BuiltInKinds {
    /// Every built-in kind, by group.
    package static let all: [KindDescription] = core + workloads + cluster + access

    package static func kind(group: String, plural: String) -> KindDescription? {
        all.first { $0.group == group && $0.names.plural == plural }
    }

    /// A kind that is stored.
    static func kind(
        _ group: String, _ kind: String, _ plural: String, short: [String] = [], categories: [String] = [],
        strategy: any BuiltInStrategy, subresources: [Subresource] = [], selectable: [String] = [],
        verbs: Set<KindVerb> = KindVerb.all
    ) -> KindDescription {
        let status = strategy.common.hasStatus ? [Subresource.status] : []
        return KindDescription(
            group: group, names: KindNames(kind: kind, plural: plural, shortNames: short, categories: categories),
            isNamespaced: strategy.common.metadata.isNamespaced,
            versions: [
                KindVersion(
                    name: "v1", schema: strategy.common.schema, subresources: status + subresources,
                    selectableFields: selectable)
            ],
            strategy: strategy, verbs: verbs)
    }

    /// A kind that is answered and never stored.
    static func virtual(
        _ group: String, _ kind: String, _ plural: String, isNamespaced: Bool, definition: String
    ) -> KindDescription {
        Self.kind(
            group, kind, plural,
            strategy: PlainStrategy(common: CommonRules(definition, isNamespaced: isNamespaced)), verbs: [.create])
    }
}

extension BuiltInKinds {
    private static let corePackage = "io.k8s.api.core.v1"

    private static func rules(
        _ kind: String, isNamespaced: Bool = true, _ change: (inout CommonRules) -> Void = { _ in }
    ) -> CommonRules {
        CommonRules("\(corePackage).\(kind)", isNamespaced: isNamespaced).with(change)
    }

    static let core: [KindDescription] = [
        virtual("", "Binding", "bindings", isNamespaced: true, definition: "\(corePackage).Binding"),
        kind("", "ConfigMap", "configmaps", short: ["cm"], strategy: ConfigMapStrategy(common: rules("ConfigMap"))),
        kind(
            "", "Endpoints", "endpoints", short: ["ep"],
            strategy: EndpointsStrategy(common: rules("Endpoints") { $0.allowsCreateOnUpdate = true })),
        kind(
            "", "Event", "events", short: ["ev"],
            strategy: EventStrategy(
                common: rules("Event") {
                    $0.allowsCreateOnUpdate = true
                    $0.metadata.name = NameRules.pathSegment
                }),
            selectable: EventStrategy.selectable),
        kind(
            "", "LimitRange", "limitranges", short: ["limits"],
            strategy: LimitRangeStrategy(common: rules("LimitRange") { $0.allowsCreateOnUpdate = true })),
        namespaces,
        kind(
            "", "Node", "nodes", short: ["no"],
            strategy: NodeStrategy(
                common: rules("Node", isNamespaced: false) {
                    $0.hasStatus = true
                    $0.dropsStatusOnCreate = false
                }),
            selectable: ["spec.unschedulable"]),
        kind(
            "", "PersistentVolumeClaim", "persistentvolumeclaims", short: ["pvc"],
            strategy: PersistentVolumeClaimStrategy(
                common: rules("PersistentVolumeClaim") {
                    $0.hasStatus = true
                    $0.deletionAnswer = .object
                })),
        kind(
            "", "PersistentVolume", "persistentvolumes", short: ["pv"],
            strategy: PersistentVolumeStrategy(
                common: rules("PersistentVolume", isNamespaced: false) {
                    $0.hasStatus = true
                    $0.deletionAnswer = .object
                })),
        pods,
        kind(
            "", "PodTemplate", "podtemplates",
            strategy: TemplateStrategy(
                common: rules("PodTemplate") { $0.deletionAnswer = .object }, templatePath: ["template"])),
        kind(
            "", "ReplicationController", "replicationcontrollers", short: ["rc"], categories: ["all"],
            strategy: WorkloadStrategy(
                common: rules("ReplicationController") {
                    $0.hasStatus = true
                    $0.tracksGeneration = true
                    $0.defaultPropagation = .orphan
                }, kind: .replicationController),
            subresources: [.scale(.usual)], selectable: ["status.replicas"]),
        kind(
            "", "ResourceQuota", "resourcequotas", short: ["quota"],
            strategy: ResourceQuotaStrategy(
                common: rules("ResourceQuota") {
                    $0.hasStatus = true
                    $0.deletionAnswer = .object
                })),
        kind("", "Secret", "secrets", strategy: SecretStrategy(common: rules("Secret")), selectable: ["type"]),
        kind(
            "", "ServiceAccount", "serviceaccounts", short: ["sa"],
            strategy: PlainStrategy(common: rules("ServiceAccount") { $0.deletionAnswer = .object }),
            subresources: [
                Subresource(
                    "token", group: "authentication.k8s.io", version: "v1", kind: "TokenRequest", verbs: ["create"])
            ]),
        kind(
            "", "Service", "services", short: ["svc"], categories: ["all"],
            strategy: ServiceStrategy(
                common: rules("Service") {
                    $0.metadata.name = NameRules.label
                    $0.hasStatus = true
                    $0.allowsCreateOnUpdate = true
                    $0.deletionAnswer = .object
                }),
            subresources: [], selectable: ["spec.clusterIP", "spec.type"]),
    ]

    private static let namespaces = kind(
        "", "Namespace", "namespaces", short: ["ns"],
        strategy: NamespaceStrategy(
            common: rules("Namespace", isNamespaced: false) {
                $0.metadata.name = NameRules.label
                $0.hasStatus = true
                $0.deletionAnswer = .object
            }),
        subresources: [Subresource("finalize", verbs: ["update"])], selectable: ["status.phase"],
        verbs: KindVerb.all.subtracting([.deletecollection]))

    private static let pods = kind(
        "", "Pod", "pods", short: ["po"], categories: ["all"],
        strategy: PodStrategy(
            common: rules("Pod") {
                $0.hasStatus = true
                $0.tracksGeneration = true
                $0.deletionAnswer = .object
            }),
        subresources: [
            Subresource("attach", kind: "PodAttachOptions", verbs: ["create", "get"]),
            Subresource("binding", kind: "Binding", verbs: ["create"]),
            Subresource("ephemeralcontainers", verbs: ["get", "patch", "update"]),
            Subresource("eviction", group: "policy", version: "v1", kind: "Eviction", verbs: ["create"]),
            Subresource("exec", kind: "PodExecOptions", verbs: ["create", "get"]),
            Subresource("log", verbs: ["get"]),
            Subresource("portforward", kind: "PodPortForwardOptions", verbs: ["create", "get"]),
            Subresource("resize", verbs: ["get", "patch", "update"]),
        ],
        selectable: [
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
            "status.phase", "status.podIP", "status.nominatedNodeName",
        ])
}
