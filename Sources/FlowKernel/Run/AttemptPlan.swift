import FlowAPI

/// Everything that an attempt's pod needs, with all expressions evaluated. It knows nothing of how a pod looks.
package struct AttemptPlan: Sendable, Hashable {
    package var id: AttemptID
    package var image: String
    package var imagePullPolicy: ImagePullPolicy?
    /// The program and its arguments, as the agent starts them.
    package var command: [String]
    package var workingDir: String?
    /// In order; a later entry of the same name wins.
    package var env: [EnvVar]
    /// The names of the outputs that the command must leave.
    package var outputs: [String]
    package var timeout: Duration?
    package var resources: ResourceRequirements?
    package var serviceAccountName: String?
    package var mounts: [VolumeMount]
    /// The Engine's bindings that `mounts` refers to.
    package var data: [DataBinding]
}
