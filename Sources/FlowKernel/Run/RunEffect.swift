import FlowAPI
import KubeCore

/// What the machine asks of the world. Each may be performed twice without harm.
package enum RunEffect: Sendable {
    /// Create the attempt's pod, and answer with `RunMachine.creationEnded`.
    case create(AttemptPlan)
    /// Delete the attempt's pod; its end comes back as an observation.
    case delete(AttemptID, pod: String, reason: FailureReason)
}

/// What one step decided.
package struct RunStep: Sendable {
    package var effects: [RunEffect]
    /// When the machine wants to be stepped again though nothing happened; nil for never.
    package var wakeAt: Timestamp?
}
