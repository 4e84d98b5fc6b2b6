import KubeCore

extension BuiltInKinds {
    private static func rules(
        _ definition: String, _ change: (inout CommonRules) -> Void = { _ in }
    ) -> CommonRules {
        CommonRules("io.k8s.api.\(definition)", isNamespaced: true).with {
            $0.hasStatus = true
            $0.tracksGeneration = true
            change(&$0)
        }
    }

    private static func workload(
        _ kind: String, _ plural: String, short: [String], _ strategy: WorkloadStrategy.Kind, scales: Bool,
        selectable: [String] = []
    ) -> KindDescription {
        Self.kind(
            "apps", kind, plural, short: short, categories: ["all"],
            strategy: WorkloadStrategy(common: rules("apps.v1.\(kind)"), kind: strategy),
            subresources: scales ? [.scale(.usual)] : [], selectable: selectable)
    }

    /// apps, batch, policy.
    static let workloads: [KindDescription] = [
        kind(
            "apps", "ControllerRevision", "controllerrevisions",
            strategy: ControllerRevisionStrategy(
                common: rules("apps.v1.ControllerRevision") {
                    $0.hasStatus = false
                    $0.tracksGeneration = false
                })),
        workload("DaemonSet", "daemonsets", short: ["ds"], .daemonSet, scales: false),
        workload("Deployment", "deployments", short: ["deploy"], .deployment, scales: true),
        workload(
            "ReplicaSet", "replicasets", short: ["rs"], .replicaSet, scales: true, selectable: ["status.replicas"]),
        workload("StatefulSet", "statefulsets", short: ["sts"], .statefulSet, scales: true),
        kind(
            "batch", "CronJob", "cronjobs", short: ["cj"], categories: ["all"],
            strategy: CronJobStrategy(common: rules("batch.v1.CronJob"))),
        kind(
            "batch", "Job", "jobs", categories: ["all"],
            strategy: JobStrategy(common: rules("batch.v1.Job") { $0.defaultPropagation = .orphan }),
            selectable: ["status.successful"]),
        kind(
            "policy", "PodDisruptionBudget", "poddisruptionbudgets", short: ["pdb"],
            strategy: DisruptionBudgetStrategy(
                common: rules("policy.v1.PodDisruptionBudget") { $0.allowsUnconditionalUpdate = false })),
    ]
}
