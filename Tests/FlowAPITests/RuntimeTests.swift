import FlowAPI
import KubeCore
import Testing

@Suite("Runtimes")
struct RuntimeTests {
    let context = ExpressionContext(params: ["n": 8, "list": [1, 2]], runName: "r")

    private func plan(_ task: TaskSpec, _ defaults: EngineDefaults? = nil) throws -> ContainerPlan {
        try Runtimes.resolve(task, defaults: defaults).evaluate(context)
    }

    @Test("A shell script runs as it stands, with its arguments and the task's name as $0")
    func shell() throws {
        let script = "echo \"${{ params.n }}\" $1"
        let plan = try plan(TaskSpec(name: "t", script: script, args: ["${{ params.n }}", "b"]))
        #expect(plan.image == "busybox:1.37")
        #expect(plan.command == ["sh", "-eu", "-c", script, "t"])
        #expect(plan.args == ["8", "b"])
    }

    @Test("A Python script runs unbuffered")
    func python() throws {
        let plan = try plan(TaskSpec(name: "t", runtime: "python", script: "print(1)", args: ["a"]))
        #expect(plan.image == "python:3")
        #expect(plan.command == ["python3", "-u", "-c", "print(1)"])
        #expect(plan.args == ["a"])
    }

    @Test("A container runs as given, with its expressions evaluated")
    func container() throws {
        let container = ContainerSpec(
            image: "app:${{ params.n }}", command: ["/app"], args: ["${{ params.list }}"],
            env: [EnvVar(name: "A", value: "${{ run.name }}")], workingDir: "/${{ run.name }}",
            resources: ResourceRequirements(requests: ["cpu": "1"]), imagePullPolicy: .always,
            volumeMounts: [VolumeMount(name: "d", mountPath: "/d")])
        let plan = try plan(TaskSpec(name: "t", container: container))
        #expect(
            plan
                == ContainerPlan(
                    image: "app:8", command: ["/app"], args: ["[1,2]"], env: [EnvVar(name: "A", value: "r")],
                    workingDir: "/r", resources: ResourceRequirements(requests: ["cpu": "1"]),
                    imagePullPolicy: .always, volumeMounts: [VolumeMount(name: "d", mountPath: "/d")]))
    }

    @Test("An image is the task's, else the Engine's, else the runtime's")
    func images() throws {
        let defaults = EngineDefaults(image: "base")
        let task = TaskSpec(name: "t", script: "x")
        #expect(try plan(task, defaults).image == "base")
        #expect(try plan(TaskSpec(name: "t", script: "x", image: "own"), defaults).image == "own")
        let container = TaskSpec(name: "t", container: ContainerSpec(command: ["c"]))
        #expect(try plan(container, defaults).image == "base")
        #expect(throws: FieldProblem.self) { try plan(container) }
    }

    @Test("Settings of the task win over the Engine's, and variables are merged by name")
    func precedence() throws {
        let defaults = EngineDefaults(
            env: [EnvVar(name: "A", value: "1"), EnvVar(name: "B", value: "1"), EnvVar(name: "C", value: "1")],
            resources: ResourceRequirements(requests: ["cpu": "1"]), serviceAccountName: "sa",
            retry: RetryPolicy(limit: 1), timeout: "1h")
        let secret = EnvVarSource(secretKeyRef: KeyReference(name: "s", key: "k"))
        let container = ContainerSpec(image: "i", command: ["c"], env: [EnvVar(name: "C", value: "3")])
        let task = TaskSpec(
            name: "t", container: container,
            env: [EnvVar(name: "B", valueFrom: secret), EnvVar(name: "C", value: "2")], timeout: "5m")
        let template = try Runtimes.resolve(task, defaults: defaults)
        #expect(template.timeout == "5m")
        #expect(template.retry == RetryPolicy(limit: 1))
        #expect(template.serviceAccountName == "sa")
        #expect(template.resources == ResourceRequirements(requests: ["cpu": "1"]))
        #expect(
            try template.evaluate(context).env == [
                EnvVar(name: "A", value: "1"), EnvVar(name: "B", valueFrom: secret), EnvVar(name: "C", value: "3"),
            ])
    }

    @Test("FlowEngine's variables come first, and the task's own win")
    func environment() throws {
        let task = TaskSpec(name: "t", script: "x", env: [EnvVar(name: "PART", value: "mine")])
        let variables = TaskEnvironment.variables(
            engine: "e", job: "j", run: "r", task: "t", attempt: 2, params: ["n": 8, "Date": "d"],
            item: (variable: "part", value: ["a": 1], index: 3))
        let env = try Runtimes.resolve(task).evaluate(context, environment: variables).env
        #expect(
            env.map { "\($0.name)=\($0.value ?? "")" } == [
                "FLOWENGINE_ENGINE=e", "FLOWENGINE_JOB=j", "FLOWENGINE_RUN=r", "FLOWENGINE_TASK=t",
                "FLOWENGINE_ATTEMPT=2", "PARAM_DATE=d", "PARAM_N=8", "FLOWENGINE_INDEX=3", "PART=mine",
            ])
        #expect(variables.last == EnvVar(name: "PART", value: #"{"a":1}"#))
    }

    @Test("What cannot be resolved or evaluated names its field")
    func problems() throws {
        func field(_ task: TaskSpec) -> String? {
            do {
                _ = try plan(task)
                return nil
            } catch let problem as FieldProblem {
                return problem.field
            } catch {
                return "\(error)"
            }
        }
        #expect(field(TaskSpec(name: "t", runtime: "ruby", script: "x")) == "runtime")
        #expect(field(TaskSpec(name: "t")) == "script")
        #expect(field(TaskSpec(name: "t", runtime: "container")) == "container.command")
        #expect(field(TaskSpec(name: "t", script: "x", args: ["a", "${{ "])) == "args[1]")
        #expect(field(TaskSpec(name: "t", script: "x", args: ["${{ params.nope }}"])) == "args[0]")
        #expect(field(TaskSpec(name: "t", script: "x", env: [EnvVar(name: "A", value: "${{ 1/0 }}")])) == "env 'A'")
    }
}

@Suite("Revisions")
struct RevisionTests {
    private let job = JobSpec(
        engine: "e", params: [ParamSpec(name: "p", value: 1.5)],
        tasks: [TaskSpec(name: "t", script: "x", retry: RetryPolicy(limit: 1, backoff: Backoff(factor: 2)))])

    private func hash(_ engine: EngineSpec = EngineSpec(), _ change: (inout JobSpec) -> Void = { _ in }) throws
        -> String
    {
        var spec = job
        change(&spec)
        return try Revision(job: spec, engine: engine).hash()
    }

    @Test("What changes a run changes the revision")
    func changes() throws {
        let hashes = try [
            hash(), hash { $0.tasks[0].script = "y" }, hash { $0.params[0].value = 1 }, hash { $0.timeout = "1m" },
            hash { $0.maxParallel = 2 }, hash(EngineSpec(defaults: EngineDefaults(image: "i"))),
            hash(EngineSpec(data: [DataBinding(name: "d", emptyDir: EmptyDirSource())])),
        ]
        #expect(Set(hashes).count == hashes.count)
    }

    @Test("What only says when runs start, or explains, leaves it as it is")
    func unchanged() throws {
        let same = try hash()
        #expect(try hash { $0.suspend = true } == same)
        #expect(try hash { $0.triggers = [TriggerSpec(onCreate: OnCreateTrigger())] } == same)
        #expect(try hash { $0.history = HistorySpec(succeeded: 1) } == same)
        #expect(try hash { $0.description = "words" } == same)
        #expect(try hash(EngineSpec(description: "words", suspend: true)) == same)
    }

    @Test("A revision reads back from its text and keeps its hash")
    func roundTrip() throws {
        let revision = Revision(
            job: job, engine: EngineSpec(defaults: EngineDefaults(env: [EnvVar(name: "A", value: "1")])))
        let again = try JSON.parse(revision.canonicalText()).decode(Revision.self)
        #expect(again == revision)
        #expect(try again.hash() == revision.hash())
    }
}
