import FlowAPI
import FlowKernel

/// Performs what kernels decide. The operator implements it on Kubernetes, tests in memory.
///
/// Every call may be repeated: the same attempt has the same pod.
package protocol WorkloadDriver: Sendable {
    /// Creates the attempt's pod. Never throws: what went wrong is an outcome.
    func create(_ attempt: AttemptPlan, of run: RunIdentity) async -> CreationOutcome

    /// Asks for the pod's deletion. A failure is not reported: the kernel asks again as long as the pod is there.
    func delete(pod: String, of run: RunIdentity) async
}
