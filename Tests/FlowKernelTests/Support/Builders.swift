import FlowAPI
import FlowKernel
import KubeCore

/// A task that runs a shell script; only what a test is about needs to be said.
func task(
    _ name: String, needs: [String] = [], args: [String] = [], map: MapSpec? = nil, if condition: String? = nil,
    outputs: [String] = [], retry: RetryPolicy? = nil, timeout: String? = nil
) -> TaskSpec {
    TaskSpec(
        name: name, needs: needs, script: "true", args: args, map: map, if: condition, outputs: outputs, retry: retry,
        timeout: timeout)
}

let testRun = RunIdentity(namespace: "shop", name: "train-1", uid: "uid-1", job: "train", engine: "shop")

func runPlan(
    _ tasks: [TaskSpec], params: [ParamSpec] = [], maxParallel: Int? = nil, timeout: String? = nil,
    outputs: [RunOutputSpec] = [], given: [String: JSON] = [:]
) throws(PlanProblem) -> RunPlan {
    let job = JobSpec(
        engine: "shop", params: params, maxParallel: maxParallel, timeout: timeout, tasks: tasks, outputs: outputs)
    return try RunPlan(run: testRun, revision: Revision(job: job, engine: EngineSpec()), params: given)
}

/// A retry policy with a constant gap of 10 seconds.
func retries(_ limit: Int, on reasons: [FailureReason] = []) -> RetryPolicy {
    RetryPolicy(limit: limit, on: reasons, backoff: Backoff(base: "10s", factor: 1, max: "10s"))
}
