import FlowAPI
import Foundation
import KubeClient
import KubeCore
import Testing

/// A Job that must be refused, with the field that is to blame and what its author is told to do.
struct BadJob: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// What follows `spec:` and the Engine's name.
    var spec: String
    var field: String
    var advice: String

    init(_ name: String, _ spec: String, field: String, advice: String) {
        testDescription = name
        self.spec = spec
        self.field = field
        self.advice = advice
    }

    static let all = [
        BadJob(
            "a cycle",
            """
            tasks:
              - {name: a, needs: [c], script: "true"}
              - {name: b, needs: [a], script: "true"}
              - {name: c, needs: [b], script: "true"}
            """, field: "spec.tasks[0].needs", advice: "remove one of these needs"),
        BadJob(
            "unknown needs",
            """
            tasks:
              - {name: split, script: "true"}
              - {name: count, needs: [splt], script: "true"}
            """, field: "spec.tasks[1].needs[0]", advice: "did you mean 'split'?"),
        BadJob(
            "an unknown runtime",
            """
            tasks:
              - {name: a, runtime: shel, script: "true"}
            """, field: "spec.tasks[0].runtime", advice: "did you mean 'shell'?"),
        BadJob(
            "an expression that is none",
            """
            tasks:
              - name: a
                env: [{name: X, value: "${{ params. }}"}]
                script: "true"
            """, field: "spec.tasks[0].env[0].value", advice: "bad expression at"),
        BadJob(
            "an expression that names nothing",
            """
            params: [{name: whom, value: you}]
            tasks:
              - name: a
                env: [{name: X, value: "${{ params.whome }}"}]
                script: "true"
            """, field: "spec.tasks[0].env[0].value", advice: "did you mean 'whom'?"),
        BadJob(
            "an expression that reads what may not have ended",
            """
            tasks:
              - {name: a, outputs: [x], script: "true"}
              - {name: b, env: [{name: X, value: "${{ tasks.a.outputs.x }}"}], script: "true"}
            """, field: "spec.tasks[1].env[0].value", advice: "add 'a' to needs"),
        BadJob(
            "a parameter without a value, though runs start by themselves",
            """
            params: [{name: whom}]
            triggers: [{onCreate: {}}]
            tasks: [{name: a, script: "true"}]
            """, field: "spec.params[0].value", advice: "add a value, or remove the trigger"),
        BadJob(
            "an expression in a script",
            """
            params: [{name: whom, value: you}]
            tasks: [{name: a, script: "echo ${{ params.whom }}"}]
            """, field: "spec.tasks[0].script", advice: "set a variable in env"),
        BadJob(
            "a volume that the Engine does not have",
            """
            tasks: [{name: a, volumeMounts: [{name: sratch, mountPath: /x}], script: "true"}]
            """, field: "spec.tasks[0].volumeMounts[0].name", advice: "did you mean 'scratch'?"),
        BadJob(
            "a duration that is none",
            """
            timeout: soon
            tasks: [{name: a, script: "true"}]
            """, field: "spec.timeout", advice: "10m"),
        BadJob(
            "a task that needs itself",
            """
            tasks: [{name: a, needs: [a], script: "true"}]
            """, field: "spec.tasks[0].needs", advice: "remove"),
        BadJob(
            "two tasks of one name",
            """
            tasks:
              - {name: a, script: "true"}
              - {name: a, script: "true"}
            """, field: "spec.tasks[1]", advice: "rename one of the two"),
        BadJob(
            "a task with nothing to run",
            """
            tasks: [{name: a}]
            """, field: "spec.tasks[0]", advice: "add the program as script"),
        BadJob("no task", "tasks: []", field: "spec.tasks", advice: "add a task"),
    ]

    static let engine = "data: [{name: scratch, emptyDir: {}}]"
    var manifest: String { Sandbox.job(spec) }
}

extension Integration {
    @Suite("A Job that cannot work")
    struct BadJobs {
        @Test("is refused by apply, at its line, with the field and what to do", arguments: BadJob.all)
        func apply(job: BadJob) async throws {
            try await Sandbox.with { sandbox in
                let manifests = Sandbox.engine(BadJob.engine) + "---\n" + job.manifest
                let outcome = try await sandbox.flowengine("apply", "-f", "-", input: manifests)
                #expect(outcome.exitCode == 1)
                #expect(outcome.errors.contains(job.field), "\(outcome)")
                #expect(outcome.errors.contains(job.advice), "\(outcome)")
                #expect(outcome.errors.firstMatch(of: #/<stdin>:\d+:\d+: /#) != nil, "\(outcome)")
                #expect(try await sandbox.resource(.jobs).listAll().items.isEmpty)
            }
        }

        @Test("is refused by the API server or stalls with an Event, and is left alone then", arguments: BadJob.all)
        func otherClients(job: BadJob) async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.apply(Sandbox.engine(BadJob.engine))
                do {
                    try await sandbox.create(job.manifest)
                } catch let error as ClientError where error.isInvalid {
                    // A schema cannot always tell the very place.
                    let fields = error.status?.details?.causes?.compactMap(\.field) ?? []
                    #expect(fields.contains { job.field.hasPrefix($0) }, "\(error.message)")
                    return
                }
                let stalled = try await sandbox.condition("Stalled", of: .jobs, "j")
                #expect(stalled.reason == "InvalidSpec")
                #expect(stalled.message.contains(job.field), "\(stalled.message)")
                #expect(stalled.message.contains(job.advice), "\(stalled.message)")
                #expect(try await sandbox.event("InvalidSpec", about: "j") == stalled.message)
                try await sandbox.condition("Ready", "False", of: .jobs, "j")
                #expect(try await sandbox.resource(.jobRuns).listAll().items.isEmpty)
                #expect(try await sandbox.changes(of: .jobs, "j", seconds: 2) == 0)
            }
        }

        @Test("becomes ready once it is mended")
        func mended() async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(Self.stalled)
                try await sandbox.condition("Stalled", of: .jobs, "j")
                try await sandbox.set(.jobs, "j", ["tasks": [["name": "a", "script": "true"]]])
                try await sandbox.condition("Ready", of: .jobs, "j")
                try await sandbox.start()
                #expect(try await sandbox.ended().phase == .succeeded)
            }
        }

        private static let stalled = Sandbox.job(
            "tasks: [{name: a, env: [{name: X, value: '${{ params.q }}'}], script: \"true\"}]")

        @Test("cannot be run: the command says why")
        func runOfStalled() async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(Self.stalled)
                try await sandbox.condition("Stalled", of: .jobs, "j")
                let outcome = try await sandbox.flowengine("run", "j", "--watch")
                #expect(outcome.exitCode == 1)
                #expect(outcome.errors.contains("spec.tasks[0].env[0].value: there is no parameter 'q'"), "\(outcome)")
            }
        }

        @Test("without its Engine stalls with an Event, and goes on as soon as the Engine is there")
        func missingEngine() async throws {
            try await Sandbox.with { sandbox in
                let job = Sandbox.job("triggers: [{onCreate: {}}]\ntasks: [{name: a, script: \"true\"}]")
                let applied = try await sandbox.flowengine("apply", "-f", "-", input: job)
                #expect(applied.exitCode == 0, "\(applied)")
                let stalled = try await sandbox.condition("Stalled", of: .jobs, "j")
                #expect(stalled.reason == "EngineNotFound")
                #expect(stalled.message.hasPrefix("spec.engine: there is no Engine e"))
                #expect(try await sandbox.event("EngineNotFound", about: "j").contains("create it"))
                try await sandbox.start()
                let waiting = try await sandbox.condition("Stalled", of: .jobRuns, "r")
                #expect(waiting.message.contains("Engine"))

                try await sandbox.apply(Sandbox.engine("description: late"))
                try await sandbox.condition("Ready", of: .jobs, "j")
                #expect(try await sandbox.ended().phase == .succeeded)
                try await sandbox.wait(for: .jobRuns) {
                    $0.count == 2 && $0.allSatisfy { $0.json.at("status", "phase") == "Succeeded" }
                }
            }
        }
    }

    @Suite("Manifests that cannot be read")
    struct BadManifests {
        @Test(
            "are refused at file, line and column",
            arguments: [
                ("a: [1\n", "<stdin>:2:1: "),
                ("kind: Job\n\tname: x\n", "<stdin>:2:1: "),
                ("a: 1\na: 2\n", "<stdin>:2:1: "),
                ("a: &x [*x]\n", "<stdin>:1:"),
            ])
        func syntax(text: String, place: String) async throws {
            try await Sandbox.with { sandbox in
                let outcome = try await sandbox.flowengine("apply", "-f", "-", input: text)
                #expect(outcome.exitCode == 1)
                #expect(outcome.errors.contains(place), "\(outcome)")
            }
        }

        @Test("name the file that they are in")
        func file() async throws {
            try await Sandbox.with { sandbox in
                let file = FileManager.default.temporaryDirectory.appending(path: "\(sandbox.namespace).yaml").path
                try "apiVersion: v1\nkind: [".write(toFile: file, atomically: true, encoding: .utf8)
                defer { try? FileManager.default.removeItem(atPath: file) }
                let outcome = try await sandbox.flowengine("apply", "-f", file)
                #expect(outcome.exitCode == 1)
                #expect(outcome.errors.firstMatch(of: #/\.yaml:\d+:\d+: /#) != nil, "\(outcome)")
                #expect(outcome.errors.contains(file), "\(outcome)")
            }
        }

        @Test("with an unknown field are refused at its line")
        func unknownField() async throws {
            try await Sandbox.with { sandbox in
                let job = Sandbox.job("tasks:\n  - name: a\n    scirpt: \"true\"\n    script: \"true\"")
                let outcome = try await sandbox.flowengine("apply", "-f", "-", input: job)
                #expect(outcome.exitCode == 1)
                #expect(
                    outcome.errors.contains("spec.tasks[0].scirpt: there is no such field; did you mean 'script'?"),
                    "\(outcome)")
                #expect(outcome.errors.contains("<stdin>:8:"), "\(outcome)")
            }
        }

        @Test("with an unknown kind, no name or no such file say so")
        func others() async throws {
            try await Sandbox.with { sandbox in
                let kind = try await sandbox.flowengine(
                    "apply", "-f", "-", input: "apiVersion: flowengine.io/v1alpha1\nkind: Jop\nmetadata: {name: x}\n")
                #expect(kind.exitCode == 1)
                #expect(kind.errors.contains("Jop"), "\(kind)")
                let nameless = try await sandbox.flowengine(
                    "apply", "-f", "-", input: "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n")
                #expect(nameless.exitCode == 1)
                #expect(nameless.errors.contains("name"), "\(nameless)")
                let absent = try await sandbox.flowengine("apply", "-f", "/nowhere/job.yaml")
                #expect(absent.exitCode == 1)
                #expect(absent.errors.contains("/nowhere/job.yaml"), "\(absent)")
                let empty = try await sandbox.flowengine("apply", "-f", "-", input: "# nothing\n")
                #expect(empty.exitCode == 1)
                let wrongType = try await sandbox.flowengine(
                    "apply", "-f", "-", input: Sandbox.job("maxParallel: many\ntasks: [{name: a, script: \"true\"}]"))
                #expect(wrongType.exitCode == 1)
                #expect(wrongType.errors.contains("spec.maxParallel"), "\(wrongType)")
            }
        }
    }
}
