import FlowAPI
import FlowKernel
import FlowManager
import KubeCore
import Synchronization

/// Pods in memory: every creation is answered as the test says, and what lives can be observed.
final class RecordingDriver: WorkloadDriver {
    private struct State {
        var answers: [String: CreationOutcome] = [:]
        var created: [String] = []
        var deleted: [String] = []
        var pods: [String: AttemptObservation] = [:]
        var running = 0
        var mostRunning = 0
    }

    private let state = Mutex(State())
    /// What a creation waits for before it is answered.
    private let gate: Gate

    init(gate: Gate = Gate(isOpen: true)) { self.gate = gate }

    static let start = Timestamp(seconds: 1_800_000_000)

    /// Answers for the tasks with these names; the others' pods are created.
    func answer(_ answers: [String: CreationOutcome]) { state.withLock { $0.answers = answers } }

    func create(_ attempt: AttemptPlan, of run: RunIdentity) async -> CreationOutcome {
        let name = "\(run.name): \(attempt.id)"
        let outcome = state.withLock { state in
            state.created.append(name)
            state.running += 1
            state.mostRunning = max(state.mostRunning, state.running)
            return state.answers[attempt.id.instance.task] ?? .created
        }
        await gate.pass()
        state.withLock { state in
            state.running -= 1
            guard case .created = outcome else { return }
            state.pods[name] = AttemptObservation(
                id: attempt.id, pod: name, phase: .running, createdAt: Self.start, startedAt: Self.start)
        }
        return outcome
    }

    func delete(pod: String, of run: RunIdentity) async {
        state.withLock { state in
            state.deleted.append(pod)
            state.pods[pod]?.isTerminating = true
        }
    }

    func end(_ pod: String, _ phase: AttemptObservation.Phase, at moment: Timestamp = start) {
        state.withLock { state in
            state.pods[pod]?.phase = phase
            state.pods[pod]?.finishedAt = moment
        }
    }

    var created: [String] { state.withLock { $0.created } }
    var deleted: [String] { state.withLock { $0.deleted } }
    var mostRunning: Int { state.withLock { $0.mostRunning } }
    var observed: [AttemptObservation] { state.withLock { $0.pods.values.sorted { $0.pod < $1.pod } } }
}
