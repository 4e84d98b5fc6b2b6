import CEL
import FlowAPI
import KubeCore
import Testing

@Suite("CEL rules of the schemas")
struct ValidationRuleTests {
    @Test(
        "Every rule and message is an expression over self and oldSelf", arguments: CustomResourceDefinition.all.indices
    )
    func expressions(index: Int) throws {
        var count = 0
        for (path, schema) in CustomResourceDefinition.all[index].schema.nodes() {
            for rule in schema.rules {
                for source in [rule.rule, rule.messageExpression].compactMap({ $0 }) {
                    let expression = try Expression(source)
                    #expect(expression.referencedIdentifiers.isSubset(of: ["self", "oldSelf"]), "\(path): \(source)")
                    count += 1
                }
            }
        }
        #expect(count > 0)
    }

    // MARK: Jobs

    private func job(_ tasks: JSON, engine: String = "e") -> JSON {
        ["engine": .string(engine), "tasks": tasks]
    }

    private func violations(task: JSON) throws -> [String] {
        try JobSpec.schema.violations(job([task]))
    }

    @Test("A Job stays with its Engine")
    func engineIsImmutable() throws {
        let tasks: JSON = [["name": "t", "script": "x"]]
        #expect(try JobSpec.schema.violations(job(tasks), old: job(tasks)) == [])
        #expect(
            try JobSpec.schema.violations(job(tasks, engine: "f"), old: job(tasks))
                == [".engine: a Job stays with its Engine; delete the Job and create it with the other Engine"])
    }

    @Test("Needs that do not exist are refused with the name of the task")
    func needsExist() throws {
        let good: JSON = [["name": "a", "script": "x"], ["name": "b", "script": "x", "needs": ["a"]]]
        #expect(try JobSpec.schema.violations(job(good)) == [])
        let bad: JSON = [["name": "a", "script": "x"], ["name": "b", "script": "x", "needs": ["a", "c"]]]
        #expect(
            try JobSpec.schema.violations(job(bad)) == [
                ".tasks: task 'b' needs a task that spec.tasks does not have; "
                    + "correct the name in its needs, or add the task"
            ])
    }

    @Test("Hundreds of tasks that all need each other are left to the controller, not refused for their cost")
    func manyTasks() throws {
        let names = (0..<200).map { "t\($0)" }
        let tasks = names.enumerated().map { index, name -> JSON in
            ["name": .string(name), "script": "x", "needs": .array(names[..<index].suffix(128).map { .string($0) })]
        }
        #expect(try JobSpec.schema.violations(job(.array(tasks))) == [])
        #expect(try JobSpec.schema.violations(job(.array(Array(tasks[..<100])))) == [])
        let last: JSON = ["name": "x", "script": "x", "needs": ["nope"]]
        #expect(try JobSpec.schema.violations(job(.array(tasks[..<99] + [last]))).count == 1)
    }

    @Test("A task has a container or a script, as its runtime takes")
    func containerOrScript() throws {
        let container: JSON = ["image": "i", "command": ["c"]]
        #expect(try violations(task: ["name": "t", "script": "x"]) == [])
        #expect(
            try violations(task: ["name": "t", "script": "x", "runtime": "python", "image": "i", "args": ["a"]]) == [])
        #expect(try violations(task: ["name": "t", "container": container]) == [])
        #expect(try violations(task: ["name": "t", "container": container, "runtime": "container"]) == [])
        #expect(
            try violations(task: ["name": "t"]) == [".tasks[0]: must have exactly one of container and script"])
        #expect(try violations(task: ["name": "t", "script": "x", "container": container]).count == 1)
        #expect(
            try violations(task: ["name": "t", "script": "x", "runtime": "container"]) == [
                ".tasks[0].runtime: runtime container takes a container; the runtimes shell and python take a script"
            ])
        #expect(try violations(task: ["name": "t", "container": container, "runtime": "shell"]).count == 1)
        #expect(try violations(task: ["name": "t", "container": container, "image": "i"]).count == 1)
        #expect(try violations(task: ["name": "t", "container": container, "args": ["a"]]).count == 1)
    }

    @Test("A task that needs itself is refused")
    func needsItself() throws {
        #expect(try violations(task: ["name": "t", "script": "x", "needs": ["t"]]).count == 1)
    }

    @Test("A map has exactly one of over and count, and over is an expression")
    func maps() throws {
        func found(_ map: JSON) throws -> Int {
            try violations(task: ["name": "t", "script": "x", "map": map]).count
        }
        #expect(try found(["count": 3]) == 0)
        #expect(try found(["over": "${{ params.list }}"]) == 0)
        #expect(try found([:]) == 1)
        #expect(try found(["count": 3, "over": "${{ params.list }}"]) == 1)
        #expect(try found(["over": "params.list"]) == 1)
    }

    @Test("A condition is an expression")
    func conditions() throws {
        #expect(try violations(task: ["name": "t", "script": "x", "if": "${{ true }}"]) == [])
        #expect(try violations(task: ["name": "t", "script": "x", "if": "true"]).count == 1)
    }

    @Test("Timeouts are longer than nothing", arguments: ["0s", "0h0ms"])
    func timeouts(text: String) throws {
        #expect(try violations(task: ["name": "t", "script": "x", "timeout": .string(text)]).count == 1)
        #expect(try violations(task: ["name": "t", "script": "x", "timeout": "1ms"]) == [])
        #expect(
            try violations(task: [
                "name": "t", "script": "x", "retry": ["limit": 1, "backoff": ["base": .string(text)]],
            ]).count == 1)
    }

    @Test("A variable has one value, and no name of FlowEngine's")
    func env() throws {
        func found(_ variable: JSON) throws -> Int {
            try violations(task: ["name": "t", "script": "x", "env": [variable]]).count
        }
        let reference: JSON = ["name": "s", "key": "k"]
        #expect(try found(["name": "A", "value": "x"]) == 0)
        #expect(try found(["name": "A", "valueFrom": ["secretKeyRef": reference]]) == 0)
        #expect(try found(["name": "A", "value": "x", "valueFrom": ["secretKeyRef": reference]]) == 1)
        #expect(try found(["name": "A", "valueFrom": [:]]) == 1)
        #expect(try found(["name": "A", "valueFrom": ["secretKeyRef": reference, "configMapKeyRef": reference]]) == 1)
        #expect(try found(["name": "FLOWENGINE_RUN", "value": "x"]) == 1)
    }

    @Test("Paths stay inside of their volume")
    func paths() throws {
        func found(_ subPath: String) throws -> Int {
            let mount: JSON = ["name": "d", "mountPath": "/d", "subPath": .string(subPath)]
            return try violations(task: ["name": "t", "script": "x", "volumeMounts": [mount]]).count
        }
        #expect(try found("a/b") == 0)
        #expect(try found("../b") == 1)
    }

    // MARK: Engines and runs

    @Test("A data binding has exactly one source")
    func data() throws {
        func found(_ binding: JSON) throws -> Int {
            try EngineSpec.schema.violations(["data": [binding]]).count
        }
        #expect(try found(["name": "d", "emptyDir": [:]]) == 0)
        #expect(try found(["name": "d"]) == 1)
        #expect(try found(["name": "d", "emptyDir": [:], "secret": ["secretName": "s"]]) == 1)
    }

    @Test("A run keeps its Job, revision and parameters, and stays cancelled")
    func runs() throws {
        func found(_ new: JSON, _ old: JSON) throws -> [String] {
            try JobRunSpec.schema.violations(new, old: old).map { String($0.prefix { $0 != ":" }) }
        }
        let run: JSON = ["job": "j"]
        let pinned: JSON = ["job": "j", "revision": "j-1", "params": ["a": 1], "cancel": false]
        #expect(try found(run, run) == [])
        #expect(try found(pinned, pinned) == [])
        #expect(try found(["job": "j", "revision": "j-1"], run) == [])
        #expect(try found(["job": "j", "cancel": true], run) == [])
        #expect(try found(["job": "k"], run) == [".job"])
        #expect(try found(["job": "j", "params": ["a": 1]], run) == [".params"])
        #expect(try found(["job": "j", "revision": "j-1", "params": ["a": 2], "cancel": false], pinned) == [".params"])
        #expect(try found(["job": "j", "params": ["a": 1]], pinned) == [".revision"])
        #expect(try found(["job": "j", "revision": "j-2", "params": ["a": 1]], pinned) == [".revision"])
        #expect(try found(run, ["job": "j", "cancel": true]) == [".cancel"])
        #expect(try found(["job": "j", "cancel": false], ["job": "j", "cancel": true]) == [".cancel"])
    }

    @Test("Names that do not fit into a label are refused", arguments: CustomResourceDefinition.all.indices)
    func names(index: Int) throws {
        let schema = CustomResourceDefinition.all[index].schema
        func found(_ length: Int) throws -> Int {
            let name = String(repeating: "n", count: length)
            return try schema.violations(["metadata": ["name": .string(name)]]).count
        }
        #expect(try found(63) == 0)
        #expect(try found(64) == 1)
    }
}
