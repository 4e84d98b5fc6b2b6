import KubeCore

/// The API group that all of FlowEngine's kinds live in.
package enum FlowGroup {
    package static let name = "flowengine.io"
    package static let version = "v1alpha1"

    /// What objects carry as `apiVersion`.
    package static let apiVersion = "flowengine.io/v1alpha1"

    static func resourceType(kind: String, plural: String) -> ResourceType {
        ResourceType(group: name, version: version, kind: kind, plural: plural, isNamespaced: true)
    }
}

extension ResourceType {
    package static let engines = FlowGroup.resourceType(kind: "Engine", plural: "engines")
    package static let jobs = FlowGroup.resourceType(kind: "Job", plural: "jobs")
    package static let jobRuns = FlowGroup.resourceType(kind: "JobRun", plural: "jobruns")
}
