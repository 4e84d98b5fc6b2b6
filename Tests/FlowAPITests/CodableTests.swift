import FlowAPI
import KubeCore
import Testing

@Suite("Objects as JSON")
struct CodableTests {
    @Test("A Job with the least that it needs reads with everything else empty")
    func leastJob() throws {
        let json: JSON = [
            "metadata": ["name": "j"],
            "spec": ["engine": "e", "tasks": [["name": "t", "script": "true"]]],
        ]
        let job = try json.decode(Job.self)
        #expect(job.spec == JobSpec(engine: "e", tasks: [TaskSpec(name: "t", script: "true")]))
        #expect(job.spec.tasks.first?.needs == [])
        #expect(job.spec.suspend == false)
        #expect(job.status == nil)
    }

    @Test("What an author left out is not written back")
    func writesNoMore() throws {
        let spec: JSON = [
            "engine": "e", "params": [["name": "n", "value": 8]],
            "tasks": [["name": "t", "script": "true", "retry": ["limit": 1]]],
        ]
        #expect(try JSON(encoding: spec.decode(JobSpec.self)) == spec)
    }

    @Test("Counts of a status are written even when they are 0, so that columns show them")
    func counts() throws {
        let status = EngineStatus(workload: WorkloadStatus(jobs: JobWorkload(declared: 1)))
        let json = try JSON(encoding: status)
        #expect(json.at("workload", "pods") == 0)
        #expect(json.at("workload", "jobs", "activeRuns") == 0)
        #expect(json.at("conditions") == nil)
    }

    @Test("A status that lacks counts, from an earlier release, still reads")
    func lenientStatus() throws {
        let json: JSON = ["phase": "Running", "tasks": ["total": 2], "somethingNew": [1]]
        let status = try json.decode(JobRunStatus.self)
        #expect(status.tasks == TaskCounts(total: 2))
        #expect(status.phase == .running)
    }

    @Test("Parameters keep their types", arguments: [8, 1.5, "8", true, ["a", "b"], ["k": ["v": 1]]] as [JSON])
    func parameterTypes(value: JSON) throws {
        let spec = JobRunSpec(job: "j", params: ["p": value])
        #expect(try JSON(encoding: spec).decode(JobRunSpec.self).params["p"] == value)
        let param = ParamSpec(name: "p", value: value, enum: [value])
        #expect(try JSON(encoding: param).decode(ParamSpec.self) == param)
    }

    @Test("A null parameter value counts as none")
    func nullParameter() throws {
        let json: JSON = ["name": "p", "value": nil]
        #expect(try json.decode(ParamSpec.self).value == nil)
    }

    @Test("A whole run survives writing and reading")
    func roundTrip() throws {
        let start = try #require(Timestamp(rfc3339: "2026-01-02T03:04:05Z"))
        let run = JobRun(
            metadata: ObjectMeta(name: "r", namespace: "n", uid: "u"),
            spec: JobRunSpec(
                job: "j", revision: "j-1", params: ["a": [1, 2]], cancel: true,
                trigger: TriggerReference(kind: .onCreate, id: "u")),
            status: JobRunStatus(
                observedGeneration: 3, phase: .failed, startedAt: start, finishedAt: start, duration: "1m",
                progress: "8/12", message: "m", tasks: TaskCounts(total: 12, succeeded: 8, failed: 1),
                taskStates: [TaskState(name: "t", phase: .failed, total: 3, failed: 1, attempts: 4, startedAt: start)],
                failed: [TaskFailure(task: "t", index: 2, attempt: 2, reason: .timeout, exitCode: 143, pod: "p")],
                params: ["a": [1, 2]], outputs: ["o": ["x": nil]],
                conditions: [
                    Condition(
                        type: "Ready", status: "False", reason: "Failed", message: "", lastTransitionTime: start)
                ]))
        #expect(try JSON(encoding: run).decode(JobRun.self) == run)
    }

    @Test("A field of the wrong type is named by its path")
    func wrongType() {
        let json: JSON = ["engine": "e", "tasks": [["name": "t", "retry": ["limit": "three"]]]]
        #expect {
            try json.decode(JobSpec.self)
        } throws: { error in
            "\(error)".contains("tasks[0].retry.limit")
        }
    }
}
