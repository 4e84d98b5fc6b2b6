import FlowAPI
import KubeCore
import Testing

@Suite("Validation of expressions in Jobs")
struct ExpressionValidationTests {
    /// The problems of a Job with tasks `split` (outputs `parts`), `word-count` after it (outputs `words`), `other`
    /// beside them, and one more, `last`, which needs `word-count`.
    private func problems(_ change: (inout TaskSpec) -> Void) -> [String] {
        var last = TaskSpec(name: "last", needs: ["word-count"], script: "true")
        change(&last)
        let spec = JobSpec(
            engine: "e", params: [ParamSpec(name: "date", value: "d")],
            tasks: [
                TaskSpec(name: "split", script: "x", outputs: ["parts"]),
                TaskSpec(name: "word-count", needs: ["split"], script: "x", outputs: ["words"]),
                TaskSpec(name: "other", script: "x", outputs: ["o"]), last,
            ])
        return spec.validate().map(\.description)
    }

    private func problems(env text: String) -> [String] {
        problems { $0.env = [EnvVar(name: "A", value: text)] }
    }

    @Test(
        "What exists and comes before may be read",
        arguments: [
            "${{ params.date }}", "${{ tasks.split.outputs.parts[0] }}", "${{ tasks['word-count'].outputs.words }}",
            "${{ tasks['word-count'].status }}", "${{ run.name }} ${{ run.id }} ${{ job.name }} ${{ engine.name }}",
            "${{ params }}", "${{ tasks.split }}", "${{ tasks.split.outputs.parts.map(p, p + 'x') }}",
            "${{ has(tasks.split.outputs.parts) ? 1 : 2 }}", "plain", "$${{ anything }}", "${{ 1 + 1 }}",
        ])
    func accepted(text: String) {
        #expect(problems(env: text) == [])
    }

    @Test(
        "What cannot be read is named with its place and a way out",
        arguments: [
            ("${{ param.date }}", "there is no variable 'param' (column 5); did you mean 'params'?"),
            ("x ${{ date }}", "there is no variable 'date' (column 7); write params.date for the parameter"),
            ("${{ split.outputs.parts }}", "there is no variable 'split' (column 5); write tasks.split for the task"),
            ("${{ params.dat }}", "there is no parameter 'dat' (column 5); did you mean 'date'?"),
            ("${{ tasks.splitt.status }}", "there is no task 'splitt' (column 5); did you mean 'split'?"),
            (
                "${{ tasks.other.outputs.o }}",
                "the task 'other' may not have ended by then (column 5); add 'other' to needs"
            ),
            (
                "${{ tasks.last.status }}",
                "the task cannot read its own results (column 5); read those of a task that it needs"
            ),
            (
                "${{ tasks.split.outputs.part }}",
                "the task 'split' declares no output 'part' (column 5); did you mean 'parts'?"
            ),
            (
                "${{ tasks.split.outputs.total }}",
                "the task 'split' declares no output 'total' (column 5); add 'total' to the outputs of 'split'"
            ),
            ("${{ tasks.split.output }}", "'tasks.split' has no field 'output' (column 5); did you mean 'outputs'?"),
            ("${{ run.uid }}", "'run' has no field 'uid' (column 5); did you mean 'id'?"),
            (
                "${{ size(tasks) }}",
                "'tasks' alone cannot be used (column 10); name a task, such as tasks.NAME.outputs.VALUE"
            ),
            ("${{ item }}", "there is no variable 'item' (column 5); known are: engine, job, params, run, tasks"),
            ("${{ index }}", "'index' is only known in a task with a map (column 5); add a map, or remove 'index'"),
        ])
    func refused(text: String, problem: String) {
        #expect(problems(env: text) == ["spec.tasks[3].env[0].value: " + problem])
    }

    @Test("A task's name with a dash after a dot gets the form with brackets")
    func dashes() throws {
        let found = problems(env: "${{ tasks.word-count.outputs.words }}")
        let last = try #require(found.last)
        #expect(last.hasSuffix("write tasks['word-count'] for the task 'word-count'"), "\(found)")
        for problem in found {
            #expect(problem.contains("tasks['word-count']"), "\(problem)")
        }
    }

    @Test("A text that is no expression gets the column of the fault")
    func syntax() throws {
        let found = problems(env: "a ${{ params. }}")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("spec.tasks[3].env[0].value: bad expression at column 15: ") == true, "\(found)")
        #expect(problems(env: "${{ open").first?.contains("column 1") == true)
    }

    @Test("map.over and if must be one whole expression")
    func wholeExpressions() {
        func over(_ text: String) -> [String] { problems { $0.map = MapSpec(over: text) } }
        func condition(_ text: String) -> [String] { problems { $0.if = text } }
        #expect(over("${{ tasks.split.outputs.parts }}\n") == [])
        #expect(
            over("tasks.split.outputs.parts") == [
                "spec.tasks[3].map.over: must be one expression and nothing else; write ${{ tasks.split.outputs.parts }}"
            ])
        #expect(
            over("a list") == [
                "spec.tasks[3].map.over: must be one expression and nothing else; "
                    + "write such as ${{ tasks.split.outputs.parts }}"
            ])
        #expect(over("x${{ tasks.split.outputs.parts }}").count == 1)
        #expect(condition("${{ tasks['word-count'].status == 'Failed' }}") == [])
        #expect(condition("true").first?.hasSuffix("write ${{ true }}") == true)
        #expect(condition("").count == 1)
    }

    @Test("A map has exactly one of over and count, in range")
    func maps() {
        #expect(problems { $0.map = MapSpec() }.count == 1)
        #expect(problems { $0.map = MapSpec(over: "${{ [1] }}", count: 1) }.count == 1)
        #expect(problems { $0.map = MapSpec(count: 10_000) } == [])
        #expect(problems { $0.map = MapSpec(count: 0) }.count == 1)
        #expect(problems { $0.map = MapSpec(count: 3, maxParallel: 0) }.count == 1)
    }

    @Test("The item of a map is known in env and args under its name, and nowhere else")
    func items() {
        let map = MapSpec(over: "${{ tasks.split.outputs.parts }}", as: "part")
        #expect(
            problems {
                $0.map = map; $0.args = ["${{ part }}", "${{ index }}"]
            } == [])
        #expect(
            problems {
                $0.map = MapSpec(count: 2); $0.args = ["${{ item }}"]
            } == [])
        #expect(
            problems {
                $0.map = map; $0.args = ["${{ item }}"]
            }.count == 1)
        #expect(problems { $0.map = MapSpec(over: "${{ [part] }}", as: "part") }.count == 1)
        #expect(
            problems {
                $0.map = map; $0.if = "${{ part == 'a' }}"
            }.first?.contains("known in env, args") == true)
    }

    @Test(
        "An item cannot have a name that means something already",
        arguments: [
            "params", "index", "run", "in", "namespace", "path", "Home", "flowengine_x", "param_a", "ld_preload",
        ])
    func reservedItems(name: String) {
        #expect(problems { $0.map = MapSpec(count: 1, as: name) }.contains { $0.contains("has a meaning already") })
    }

    @Test("The outputs of a run may read every task, but no item")
    func runOutputs() {
        func found(_ value: String) -> Int {
            JobSpec(
                engine: "e",
                tasks: [
                    TaskSpec(name: "a", script: "x", outputs: ["o"]), TaskSpec(name: "b", script: "x", outputs: ["p"]),
                ], outputs: [RunOutputSpec(name: "n", value: value)]
            ).validate().count
        }
        #expect(found("${{ tasks.a.outputs.o }} ${{ tasks.b.outputs.p }}") == 0)
        #expect(found("${{ tasks.c.outputs.o }}") == 1)
        #expect(found("${{ index }}") == 1)
    }

    @Test("Every place with expressions is checked")
    func places() {
        let bad = "${{ nope }}"
        #expect(problems { $0.image = bad }.first?.hasPrefix("spec.tasks[3].image: ") == true)
        #expect(problems { $0.args = ["a", bad] }.first?.hasPrefix("spec.tasks[3].args[1]: ") == true)
        let container = ContainerSpec(
            image: bad, command: [bad], args: [bad], env: [EnvVar(name: "A", value: bad)], workingDir: bad)
        let found = problems {
            $0.script = nil
            $0.container = container
        }
        let fields = found.map { $0.prefix { $0 != ":" } }
        #expect(
            fields
                == ["image", "command[0]", "args[0]", "workingDir", "env[0].value"].map {
                    "spec.tasks[3].container.\($0)"
                })
    }
}
