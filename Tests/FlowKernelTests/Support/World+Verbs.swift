import FlowAPI
import FlowKernel
import KubeCore
import Testing

/// What tests say happens. Each verb lets the machine react until it rests.
extension World {
    mutating func begin(_ task: String, _ index: Int? = nil, at place: SourceLocation = #_sourceLocation) {
        let now = self.now
        change(task, index, place) { pod in
            pod.phase = .running
            pod.startedAt = now
        }
    }

    mutating func succeed(
        _ task: String, _ index: Int? = nil, outputs: JSONObject = [:], at place: SourceLocation = #_sourceLocation
    ) {
        let now = self.now
        change(task, index, place) { pod in
            pod.startedAt = pod.startedAt ?? now
            pod.finishedAt = now
            pod.phase = .succeeded(outputs: outputs)
        }
    }

    mutating func fail(
        _ task: String, _ index: Int? = nil, _ reason: FailureReason = .error, _ message: String = "exit code 1",
        at place: SourceLocation = #_sourceLocation
    ) {
        let now = self.now
        change(task, index, place) { pod in
            pod.startedAt = pod.startedAt ?? now
            pod.finishedAt = now
            pod.phase = .failed(Failure(reason, message, exitCode: reason == .error ? 1 : nil))
        }
    }

    mutating func getStuck(
        _ task: String, _ index: Int? = nil, _ message: String, at place: SourceLocation = #_sourceLocation
    ) {
        change(task, index, place) { $0.phase = .pending(stuck: message) }
    }

    /// No node has room for the pod.
    mutating func findNoRoom(
        _ task: String, _ index: Int? = nil, _ message: String, at place: SourceLocation = #_sourceLocation
    ) {
        change(task, index, place) { pod in
            pod.phase = .pending(stuck: message)
            pod.isPlaced = false
        }
    }

    /// A pod that was told to end does so.
    mutating func confirmDeletion(_ task: String, _ index: Int? = nil, at place: SourceLocation = #_sourceLocation) {
        let now = self.now
        change(task, index, place) { pod in
            if pod.terminatingSince == nil { Issue.record("\(task) was not told to end", sourceLocation: place) }
            pod.finishedAt = now
            pod.phase = .failed(Failure(.lost, "its pod was deleted"))
        }
    }

    /// A pod is gone without a trace.
    mutating func vanish(_ task: String, _ index: Int? = nil, at place: SourceLocation = #_sourceLocation) {
        guard let name = living(task, index, place) else { return }
        pods[name] = nil
        settle()
    }

    mutating func pass(_ time: Duration) {
        now = now + time
        settle()
    }

    mutating func cancel() {
        isCancelled = true
        settle()
    }

    private mutating func change(_ task: String, _ index: Int?, _ place: SourceLocation, _ body: (inout Pod) -> Void) {
        guard let name = living(task, index, place), var pod = pods[name] else { return }
        body(&pod)
        pods[name] = pod
        settle()
    }

    private func living(_ task: String, _ index: Int?, _ place: SourceLocation) -> String? {
        let instance = InstanceID(task: task, index: index)
        let found = pods.first { $0.value.plan.id.instance == instance && !$0.value.hasEnded }
        if found == nil { Issue.record("\(instance) has no living pod", sourceLocation: place) }
        return found?.key
    }

    // MARK: What tests ask

    var phase: JobRunPhase { machine.phase }
    var summary: JobRunStatus { machine.summary(now: now) }

    func phase(of task: String) -> TaskPhase? {
        summary.taskStates.first { $0.name == task }?.phase
    }

    func failure(of task: String) -> Failure? {
        guard let position = plan.position[task], case .failed(let failure) = machine.tasks[position].phase else {
            return nil
        }
        return failure
    }

    /// What lives: `a`, `b[2]`, and with its number any attempt after the first.
    var living: [String] {
        pods.values.filter { !$0.hasEnded }.map(\.plan.id.description).sorted()
    }

    func arguments(_ task: String, _ index: Int? = nil) -> [String]? {
        pods.values.first { $0.plan.id.instance == InstanceID(task: task, index: index) }?.plan.container.args
    }
}
