import KubeCore

extension BuiltInKinds {
    private static func rules(
        _ definition: String, isNamespaced: Bool, _ change: (inout CommonRules) -> Void = { _ in }
    ) -> CommonRules {
        CommonRules("io.k8s.api.\(definition)", isNamespaced: isNamespaced).with(change)
    }

    /// Leases, endpoint slices, events, definitions, scheduling, storage and networking.
    static let cluster: [KindDescription] = [
        kind(
            "coordination.k8s.io", "Lease", "leases",
            strategy: LeaseStrategy(
                common: rules("coordination.v1.Lease", isNamespaced: true) {
                    $0.allowsCreateOnUpdate = true
                    $0.allowsUnconditionalUpdate = false
                })),
        kind(
            "discovery.k8s.io", "EndpointSlice", "endpointslices",
            strategy: EndpointSliceStrategy(
                common: rules("discovery.v1.EndpointSlice", isNamespaced: true) { $0.tracksGeneration = true })),
        newEvents,
        definitions,
        kind(
            "scheduling.k8s.io", "PriorityClass", "priorityclasses", short: ["pc"],
            strategy: PriorityClassStrategy(
                common: rules("scheduling.v1.PriorityClass", isNamespaced: false) {
                    $0.allowsCreateOnUpdate = true
                    $0.tracksGeneration = true
                })),
        kind(
            "storage.k8s.io", "StorageClass", "storageclasses", short: ["sc"],
            strategy: StorageClassStrategy(common: rules("storage.v1.StorageClass", isNamespaced: false))),
        kind(
            "networking.k8s.io", "IngressClass", "ingressclasses",
            strategy: PlainStrategy(
                common: rules("networking.v1.IngressClass", isNamespaced: false) { $0.tracksGeneration = true })),
        kind(
            "networking.k8s.io", "Ingress", "ingresses", short: ["ing"],
            strategy: PlainStrategy(
                common: rules("networking.v1.Ingress", isNamespaced: true) {
                    $0.hasStatus = true
                    $0.tracksGeneration = true
                })),
        kind(
            "networking.k8s.io", "NetworkPolicy", "networkpolicies", short: ["netpol"],
            strategy: NetworkPolicyStrategy(
                common: rules("networking.v1.NetworkPolicy", isNamespaced: true) { $0.tracksGeneration = true })),
    ]

    private static var newEvents: KindDescription {
        var description = kind(
            "events.k8s.io", "Event", "events", short: ["ev"],
            strategy: NewEventStrategy(
                common: rules("events.v1.Event", isNamespaced: true) {
                    $0.allowsCreateOnUpdate = true
                    $0.metadata.name = NameRules.pathSegment
                }),
            selectable: NewEventStrategy.selectable)
        description.storedAs = .events
        return description
    }

    private static let definitions = kind(
        "apiextensions.k8s.io", "CustomResourceDefinition", "customresourcedefinitions", short: ["crd", "crds"],
        categories: ["api-extensions"],
        strategy: DefinitionStrategy(
            common: CommonRules(
                "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition",
                isNamespaced: false
            ).with {
                $0.hasStatus = true
                $0.tracksGeneration = true
                $0.allowsUnconditionalUpdate = false
            }))

    /// Roles, reviews and admission webhooks.
    static let access: [KindDescription] = [
        role("Role", "roles", isNamespaced: true),
        role("ClusterRole", "clusterroles", isNamespaced: false),
        role("RoleBinding", "rolebindings", isNamespaced: true),
        role("ClusterRoleBinding", "clusterrolebindings", isNamespaced: false),
        virtual(
            "authentication.k8s.io", "TokenReview", "tokenreviews", isNamespaced: false,
            definition: "io.k8s.api.authentication.v1.TokenReview"),
        virtual(
            "authentication.k8s.io", "SelfSubjectReview", "selfsubjectreviews", isNamespaced: false,
            definition: "io.k8s.api.authentication.v1.SelfSubjectReview"),
        review("LocalSubjectAccessReview", isNamespaced: true),
        review("SelfSubjectAccessReview"),
        review("SelfSubjectRulesReview"),
        review("SubjectAccessReview"),
        webhooks("MutatingWebhookConfiguration"),
        webhooks("ValidatingWebhookConfiguration"),
    ]

    private static func role(_ kind: String, _ plural: String, isNamespaced: Bool) -> KindDescription {
        let rules = CommonRules("io.k8s.api.rbac.v1.\(kind)", isNamespaced: isNamespaced, name: NameRules.pathSegment)
            .with { $0.allowsCreateOnUpdate = true }
        let isBinding = kind.hasSuffix("Binding")
        return Self.kind(
            "rbac.authorization.k8s.io", kind, plural,
            strategy: isBinding
                ? RoleBindingStrategy(common: rules) as any BuiltInStrategy : RoleStrategy(common: rules))
    }

    private static func review(_ kind: String, isNamespaced: Bool = false) -> KindDescription {
        virtual(
            "authorization.k8s.io", kind, kind.lowercased() + "s", isNamespaced: isNamespaced,
            definition: "io.k8s.api.authorization.v1.\(kind)")
    }

    private static func webhooks(_ kind: String) -> KindDescription {
        let rules = CommonRules("io.k8s.api.admissionregistration.v1.\(kind)", isNamespaced: false).with {
            $0.tracksGeneration = true
            $0.allowsUnconditionalUpdate = false
        }
        return Self.kind(
            "admissionregistration.k8s.io", kind, kind.lowercased() + "s", strategy: WebhookStrategy(common: rules))
    }
}
