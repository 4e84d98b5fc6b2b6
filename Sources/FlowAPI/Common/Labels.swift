/// Keys of the labels that FlowEngine puts on what it makes.
package enum Labels {
    package static let managedBy = "app.kubernetes.io/managed-by"
    package static let engine = "flowengine.io/engine"
    package static let job = "flowengine.io/job"
    package static let run = "flowengine.io/run"
    package static let task = "flowengine.io/task"
    /// The item of a map, from 0; absent on tasks without `map`.
    package static let index = "flowengine.io/index"
    /// From 1.
    package static let attempt = "flowengine.io/attempt"
    package static let revision = "flowengine.io/revision"

    /// The value of `managedBy` on everything that FlowEngine makes.
    package static let managedByValue = "flowengine"

    /// The labels of a JobRun or ControllerRevision that FlowEngine makes for a Job.
    package static func forJob(engine: String, job: String) -> [String: String] {
        [managedBy: managedByValue, self.engine: engine, self.job: job]
    }

    /// The labels of a task's pod.
    package static func forPod(
        engine: String, job: String, run: String, task: String, index: Int?, attempt: Int
    ) -> [String: String] {
        var labels = forJob(engine: engine, job: job)
        labels[self.run] = run
        labels[self.task] = task
        labels[self.attempt] = String(attempt)
        if let index {
            labels[self.index] = String(index)
        }
        return labels
    }
}

/// Keys of annotations.
package enum Annotations {
    /// On a task's pod: the UID of its JobRun, for pods whose ownerReference somebody took away.
    package static let runUID = "flowengine.io/run-uid"
    /// On a ControllerRevision: the SHA-256 of its content.
    package static let contentHash = "flowengine.io/content-hash"
}

package enum Finalizers {
    /// Holds a task's pod until its outcome is recorded.
    package static let pod = "flowengine.io/attempt"
}
