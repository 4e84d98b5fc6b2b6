import FlowAPI
import KubeCore
import Testing

@Suite("Validation of Jobs")
struct JobValidationTests {
    /// A Job in which nothing is wrong, with a task of each runtime.
    static let good = JobSpec(
        engine: "e",
        params: [ParamSpec(name: "date", value: "2026-01-01"), ParamSpec(name: "region", enum: ["eu", "us"])],
        maxParallel: 5, timeout: "2h",
        tasks: [
            TaskSpec(name: "split", runtime: "python", script: "print(f'{1}')", outputs: ["parts"]),
            TaskSpec(
                name: "word-count", needs: ["split"], script: "wc -w \"$PART\"",
                env: [
                    EnvVar(name: "P", value: "${{ part }} of ${{ params.date }} at ${{ index }}"),
                    EnvVar(name: "S", valueFrom: EnvVarSource(secretKeyRef: KeyReference(name: "s", key: "k"))),
                ],
                map: MapSpec(over: "${{ tasks.split.outputs.parts }}", as: "part", maxParallel: 10),
                outputs: ["words"],
                retry: RetryPolicy(limit: 3, on: [.error], backoff: Backoff(base: "5s", factor: 2, max: "5m")),
                timeout: "10m"),
            TaskSpec(
                name: "reduce", needs: ["word-count"],
                container: ContainerSpec(
                    image: "busybox", command: ["sum", "${{ tasks['word-count'].outputs.words }}"],
                    args: ["${{ tasks.split.outputs.parts }}"]),
                if: "${{ tasks['word-count'].status == 'Succeeded' }}", outputs: ["total"]),
        ],
        outputs: [RunOutputSpec(name: "total", value: "${{ tasks.reduce.outputs.total }}")])

    /// The problems of the good Job after a change.
    private func problems(
        _ engine: EngineSpec? = nil, _ change: (inout JobSpec) -> Void
    ) -> [String] {
        var spec = Self.good
        change(&spec)
        return spec.validate(engine: engine).map(\.description)
    }

    /// The problems of the good Job with one more task, which needs `split`.
    private func taskProblems(_ change: (inout TaskSpec) -> Void) -> [String] {
        var task = TaskSpec(name: "more", needs: ["split"], script: "true")
        change(&task)
        return problems { $0.tasks.append(task) }
    }

    @Test("A good Job has no problems")
    func good() {
        #expect(problems { _ in } == [])
        #expect(taskProblems({ _ in }) == [])
    }

    // MARK: The graph

    @Test("A cycle is printed as one walks it")
    func cycle() {
        let found = problems { spec in
            spec.tasks = [
                TaskSpec(name: "a", needs: ["c"], script: "x"), TaskSpec(name: "b", needs: ["a"], script: "x"),
                TaskSpec(name: "c", needs: ["b"], script: "x"), TaskSpec(name: "d", needs: ["c"], script: "x"),
            ]
            spec.outputs = []
        }
        #expect(
            found == [
                "spec.tasks[0].needs: the tasks wait for each other: a → c → b → a; "
                    + "remove one of these needs, so that one of the tasks can start first"
            ])
    }

    @Test("A task that needs itself is told so, once")
    func selfCycle() {
        #expect(
            problems { $0.tasks[0].needs = ["split"] }
                == ["spec.tasks[0].needs[0]: the task 'split' needs itself; remove it from its needs"])
    }

    @Test("An unknown task in needs gets the nearest name")
    func unknownNeeds() {
        #expect(
            problems { $0.tasks[1].needs = ["split", "splt"] }
                == ["spec.tasks[1].needs[1]: there is no task 'splt'; did you mean 'split'?"])
        #expect(
            taskProblems({ $0.needs = ["nothing-like-it"] })
                == [
                    "spec.tasks[3].needs[0]: there is no task 'nothing-like-it'; "
                        + "known are: reduce, split, word-count"
                ])
    }

    @Test("A duplicate name, of a task or in needs, names both places")
    func duplicates() {
        #expect(
            taskProblems({
                $0.name = "split"; $0.needs = []
            })
                == ["spec.tasks[3].name: spec.tasks[0] has the name 'split' already; rename one of the two"])
        #expect(
            taskProblems({ $0.needs = ["split", "split"] })
                == ["spec.tasks[3].needs[1]: 'split' is named twice; remove one of the two"])
    }

    @Test("A Job without tasks, or with names that cannot be used, is refused")
    func emptyAndBadNames() {
        #expect(
            problems {
                $0.tasks = []
                $0.outputs = []
            } == ["spec.tasks: is empty; add a task"])
        for name in ["", "Upper", "a_b", "-a", "a-", String(repeating: "a", count: 64), "a/b", "ä"] {
            #expect(taskProblems({ $0.name = name }).count == 1, "\(name)")
        }
    }

    @Test("A chain of ten thousand tasks is validated without exhausting the stack")
    func longChain() {
        var spec = JobSpec(engine: "e", tasks: [])
        for index in 0..<10_000 {
            spec.tasks.append(
                TaskSpec(name: "t\(index)", needs: index == 0 ? ["t9999"] : ["t\(index - 1)"], script: "x"))
        }
        let graph = TaskGraph(spec.tasks)
        #expect(graph.cycles.first?.count == 10_000)
        #expect(graph.order == nil)
        spec.tasks[0].needs = []
        #expect(TaskGraph(spec.tasks).cycles.isEmpty)
        #expect(TaskGraph(spec.tasks).order?.last == "t9999")
    }

    // MARK: What runs

    @Test("An unknown runtime gets the nearest one")
    func unknownRuntime() {
        #expect(
            taskProblems({ $0.runtime = "pyton" })
                == ["spec.tasks[3].runtime: there is no runtime 'pyton'; did you mean 'python'?"])
        #expect(
            taskProblems({ $0.runtime = "ruby" })
                == ["spec.tasks[3].runtime: there is no runtime 'ruby'; known are: container, python, shell"])
    }

    @Test("A task has exactly one of container and script, and the one that its runtime takes")
    func containerOrScript() {
        let container = ContainerSpec(image: "i", command: ["c"])
        #expect(
            taskProblems({ $0.container = container })
                == ["spec.tasks[3]: has both a container and a script; remove one of them"])
        #expect(
            taskProblems({ $0.script = nil })
                == ["spec.tasks[3]: has neither a container nor a script; add the program as script"])
        #expect(
            taskProblems({ $0.runtime = "container" })
                == [
                    "spec.tasks[3].runtime: the runtime 'container' takes a container, but there is a script; "
                        + "add a container, or use the runtime 'shell'"
                ])
        let wrong = taskProblems({
            $0.script = nil
            $0.container = container
            $0.runtime = "shell"
            $0.args = ["a"]
            $0.image = "i"
        })
        #expect(
            wrong.map { $0.prefix(while: { $0 != ":" }) } == [
                "spec.tasks[3].runtime", "spec.tasks[3].image", "spec.tasks[3].args",
            ])
    }

    @Test("An empty script or command is refused")
    func empty() {
        #expect(taskProblems({ $0.script = " \n\t" }) == ["spec.tasks[3].script: is empty; write the program"])
        let found = taskProblems({
            $0.script = nil
            $0.container = ContainerSpec(image: "i")
        })
        #expect(found.count == 1 && found[0].hasPrefix("spec.tasks[3].container.command: is empty"), "\(found)")
    }

    @Test("An expression in a script is refused where nothing would replace it")
    func expressionsInScripts() {
        #expect(taskProblems({ $0.script = "echo ${{ params.date }}" }).count == 1)
        #expect(
            taskProblems({
                $0.runtime = "python"; $0.script = "print('${{ params.date }}')"
            }).count == 1)
        #expect(
            taskProblems({
                $0.runtime = "python"; $0.script = "print(f'${{x}}')"
            }) == [])
        #expect(taskProblems({ $0.script = "echo ${HOME} $${{ }}" }) == [])
    }

    @Test("A container without image needs a default image in its Engine, when that is known")
    func images() {
        func missing(_ engine: EngineSpec?) -> [String] {
            problems(engine) { $0.tasks[2].container?.image = nil }
        }
        #expect(missing(nil) == [])
        #expect(missing(EngineSpec(defaults: EngineDefaults(image: "i"))) == [])
        #expect(missing(EngineSpec()).first?.hasPrefix("spec.tasks[2].container.image: is missing") == true)
    }

    @Test("Volume mounts name the Engine's data, once a path, outside of /flowengine")
    func volumeMounts() {
        let engine = EngineSpec(data: [DataBinding(name: "lake", emptyDir: EmptyDirSource())])
        func found(_ mounts: [VolumeMount]) -> [String] {
            problems(engine) { $0.tasks[0].volumeMounts = mounts }
        }
        #expect(found([VolumeMount(name: "lake", mountPath: "/data", subPath: "a/b")]) == [])
        #expect(
            found([VolumeMount(name: "lke", mountPath: "/data")])
                == [
                    "spec.tasks[0].volumeMounts[0].name: the Engine has no data binding 'lke'; did you mean 'lake'?"
                ])
        #expect(found([VolumeMount(name: "lake", mountPath: "data")]).count == 1)
        #expect(found([VolumeMount(name: "lake", mountPath: "/flowengine/bin")]).count == 1)
        #expect(found([VolumeMount(name: "lake", mountPath: "/d", subPath: "../x")]).count == 1)
        #expect(
            found([VolumeMount(name: "lake", mountPath: "/d"), VolumeMount(name: "lake", mountPath: "/d")]).count == 1)
    }

    @Test("Quantities must be readable, and requests no more than limits")
    func resources() {
        #expect(
            taskProblems({ $0.resources = ResourceRequirements(requests: ["cpu": "500m"], limits: ["cpu": "1"]) }) == []
        )
        #expect(
            taskProblems({ $0.resources = ResourceRequirements(requests: ["cpu": "2"], limits: ["cpu": "1"]) })
                == [
                    "spec.tasks[3].resources.requests.cpu: is more than its limit; lower the request or raise the limit"
                ])
        #expect(taskProblems({ $0.resources = ResourceRequirements(limits: ["memory": "1 GB"]) }).count == 1)
    }

    // MARK: Values

    @Test("Durations, retries and limits out of range are refused")
    func ranges() {
        #expect(
            problems { $0.timeout = "soon" } == [
                "spec.timeout: 'soon' is no duration; write a number and a unit, such as 90s, 10m or 1h30m"
            ])
        #expect(problems { $0.timeout = "0s" }.count == 1)
        #expect(problems { $0.maxParallel = 0 }.count == 1)
        #expect(taskProblems({ $0.timeout = "1x" }).count == 1)
        #expect(taskProblems({ $0.retry = RetryPolicy(limit: -1) }).count == 1)
        #expect(taskProblems({ $0.retry = RetryPolicy(limit: 101) }).count == 1)
        #expect(taskProblems({ $0.retry = RetryPolicy(limit: 1, backoff: Backoff(factor: 0.5)) }).count == 1)
        #expect(
            taskProblems({ $0.retry = RetryPolicy(limit: 1, backoff: Backoff(base: "10m")) }) == [
                "spec.tasks[3].retry.backoff.base: is longer than max; choose a shorter base or a longer max"
            ])
    }

    @Test("Environment variables have usable names, once each, and one value")
    func env() {
        func found(_ env: EnvVar...) -> Int {
            taskProblems({ $0.env = env }).count
        }
        #expect(found(EnvVar(name: "A", value: ""), EnvVar(name: "_b2", value: "x")) == 0)
        for name in ["", "1A", "A-B", "A B", "FLOWENGINE_RUN"] {
            #expect(found(EnvVar(name: name, value: "x")) == 1, "\(name)")
        }
        #expect(found(EnvVar(name: "A", value: "1"), EnvVar(name: "A", value: "2")) == 1)
        #expect(found(EnvVar(name: "A")) == 1)
        #expect(found(EnvVar(name: "A", value: "x", valueFrom: EnvVarSource())) == 1)
        #expect(found(EnvVar(name: "A", valueFrom: EnvVarSource())) == 1)
    }

    @Test("Parameters are declared once, under names for expressions, with values from their enum")
    func params() {
        #expect(problems { $0.params.append(ParamSpec(name: "date", value: 1)) }.count == 1)
        #expect(
            problems { $0.params.append(ParamSpec(name: "a-b", value: 1)) } == [
                "spec.params[2].name: 'a-b' is no name that expressions can use; "
                    + "use letters, digits and '_', with no digit first, such as 'a_b'"
            ])
        #expect(
            problems { $0.params[1].value = "asia" } == [
                "spec.params[1].value: \"asia\" is not among the values of enum; choose one of [\"eu\",\"us\"]"
            ])
    }

    @Test("A parameter without value is missing when the Job starts by itself")
    func missingParameter() {
        #expect(
            problems { $0.triggers = [TriggerSpec(onCreate: OnCreateTrigger())] } == [
                "spec.params[1].value: is missing, but the onCreate trigger starts runs without parameters; "
                    + "add a value, or remove the trigger"
            ])
    }

    @Test("The number of problems told is bounded")
    func bounded() {
        let task = TaskSpec(name: "T", needs: ["x", "y", "z"], runtime: "r")
        let spec = JobSpec(engine: "e", tasks: Array(repeating: task, count: 250))
        #expect(spec.validate().count == 100)
        #expect(spec.validate().summary().hasSuffix("| and 97 more"))
    }
}
