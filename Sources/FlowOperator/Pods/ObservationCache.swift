import FlowKernel
import KubeCore
import KubeRuntime
import Synchronization

/// What was observed of each pod, until it changes: a run looks at all of its pods at every step, and most have ended.
final class ObservationCache: Sendable {
    private struct Entry: Sendable {
        var version: String?
        var observation: AttemptObservation?
    }

    /// By the run's name and the pod's UID.
    private let entries = Mutex<[ObjectKey: [String: Entry]]>([:])

    /// What the pods tell of the run's attempts. Calls for one run must not overlap.
    func observe(_ pods: [DynamicObject], of run: ObjectKey, runUID: String) -> [AttemptObservation] {
        let known = entries.withLock { $0[run] } ?? [:]
        var current: [String: Entry] = [:]
        current.reserveCapacity(pods.count)
        var observed: [AttemptObservation] = []
        observed.reserveCapacity(pods.count)
        for pod in pods {
            let uid = pod.uid ?? ""
            let version = pod.resourceVersion
            var entry = known[uid]
            if entry == nil || version == nil || entry?.version != version {
                entry = Entry(version: version, observation: PodObserver.observe(pod, runUID: runUID))
            }
            current[uid] = entry
            if let observation = entry?.observation { observed.append(observation) }
        }
        entries.withLock { $0[run] = current }
        return observed
    }

    /// Drops what is known of a run that has ended or is gone.
    func forget(_ run: ObjectKey) {
        entries.withLock { $0[run] = nil }
    }
}
