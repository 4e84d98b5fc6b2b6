import FlowAPI

/// Everything that an attempt's pod needs, with all expressions evaluated. It knows nothing of how a pod looks.
package struct AttemptPlan: Sendable, Hashable {
    package var id: AttemptID
    package var container: ContainerPlan
    /// The names of the outputs that the command must leave.
    package var outputs: [String]
    package var timeout: Duration?
    package var serviceAccountName: String?
    /// The Engine's bindings that the container mounts.
    package var data: [DataBinding]
}
