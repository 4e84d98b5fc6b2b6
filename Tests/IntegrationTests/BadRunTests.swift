import FlowAPI
import KubeCore
import Testing

extension Integration {
    @Suite("A run that cannot succeed")
    struct BadRuns {
        /// A Job with one task, which fails in its own way.
        struct Case: Sendable, CustomTestStringConvertible {
            var testDescription: String
            var task: String
            var reason: FailureReason
            var exitCode: Int?
            var message: String
        }

        @Test(
            "fails with the reason, is not tried again, and its command ends with 1",
            arguments: [
                Case(
                    testDescription: "a script that exits 3", task: "{name: a, script: 'echo out; exit 3'}",
                    reason: .error, exitCode: 3, message: "3"),
                Case(
                    testDescription: "a script that kills itself", task: "{name: a, script: 'kill -9 $$'}",
                    reason: .error, exitCode: 137, message: "9"),
                Case(
                    testDescription: "an output that is not written", task: "{name: a, outputs: [x], script: 'true'}",
                    reason: .outputInvalid, exitCode: 65, message: "x"),
                Case(
                    testDescription: "an output that is too large",
                    task:
                        "{name: a, outputs: [x], script: 'head -c 9000 /dev/zero | tr \"\\\\000\" x > $FLOWENGINE_OUTPUTS/x'}",
                    reason: .outputInvalid, exitCode: 65, message: "4096"),
                Case(
                    testDescription: "a command that is not there",
                    task: "{name: a, container: {image: 'busybox:1.37', command: [no-such-command]}}",
                    reason: .startFailed, exitCode: 127, message: "no-such-command"),
                Case(
                    testDescription: "a map over something that is no list",
                    task: "{name: a, map: {over: '${{ params.p }}'}, script: 'true'}",
                    reason: .expression, message: "map.over must give a list"),
                Case(
                    testDescription: "an expression without a value",
                    task: "{name: a, env: [{name: X, value: '${{ params.p.q }}'}], script: 'true'}",
                    reason: .expression, message: "q"),
                Case(
                    testDescription: "a condition that is neither true nor false",
                    task: "{name: a, if: '${{ params.p }}', script: 'true'}",
                    reason: .expression, message: "if must give true or false"),
            ])
        func fails(test: Case) async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(
                    Sandbox.job("params: [{name: p, value: text}]\ntasks: [\(test.task)]"))
                try await sandbox.condition("Ready", of: .jobs, "j")
                let outcome = try await sandbox.flowengine("run", "j", "--name", "r", "--watch")
                #expect(outcome.exitCode == 1, "\(outcome)")
                let status = try await sandbox.ended()
                #expect(status.phase == .failed)
                let failure = try #require(status.failed.first, "\(status)")
                #expect(failure.task == "a")
                #expect(failure.reason == test.reason)
                #expect(failure.exitCode == test.exitCode)
                #expect(failure.message?.contains(test.message) == true, "\(failure)")
                #expect(status.message?.contains("a") == true)
                #expect(try await sandbox.pods().count == (test.reason == .expression ? 0 : 1))
                #expect(try await sandbox.condition("Succeeded", "False", of: .jobRuns, "r").reason == "Failed")
                try await sandbox.condition("Stalled", of: .jobRuns, "r")
                try await sandbox.event("Failed", about: "r")
                #expect(try await sandbox.changes(of: .jobRuns, "r", seconds: 1) == 0)
            }
        }

        @Test("for a parameter that is missing, unknown or not allowed is refused by the command")
        func badParamsOfCommand() async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(Self.parameterized)
                let missing = try await sandbox.flowengine("run", "j")
                #expect(missing.exitCode == 1)
                #expect(missing.errors.contains("--param day: is missing"), "\(missing)")
                let unknown = try await sandbox.flowengine("run", "j", "--param", "day=mon", "--param", "sise=2")
                #expect(unknown.exitCode == 1)
                #expect(
                    unknown.errors.contains("--param sise: the Job 'j' has no parameter 'sise'; did you mean 'size'?"))
                let other = try await sandbox.flowengine("run", "j", "--param", "day=never")
                #expect(other.exitCode == 1)
                #expect(other.errors.contains(#"--param day: "never" is not among the values allowed"#), "\(other)")
                let malformed = try await sandbox.flowengine("run", "j", "--param", "day")
                #expect(malformed.exitCode == 64)
                let noJob = try await sandbox.flowengine("run", "k")
                #expect(noJob.exitCode == 1)
                #expect(noJob.errors.contains("there is no Job k") && noJob.errors.contains("there are: j"), "\(noJob)")
                #expect(try await sandbox.resource(.jobRuns).listAll().items.isEmpty)
            }
        }

        @Test(
            "for a parameter that is missing, unknown or not allowed fails at once when another client made it",
            arguments: [
                ([:] as [String: JSON], "spec.params.day: is missing"),
                (
                    ["day": "mon", "sise": 2],
                    "spec.params.sise: the Job 'j' has no parameter 'sise'; did you mean 'size'?"
                ),
                (["day": "never"], #"spec.params.day: "never" is not among the values allowed"#),
            ])
        func badParamsOfOthers(params: [String: JSON], message: String) async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(Self.parameterized)
                try await sandbox.start(params: params)
                let status = try await sandbox.ended()
                #expect(status.phase == .failed)
                #expect(status.message?.contains(message) == true, "\(status)")
                #expect(try await sandbox.condition("Stalled", of: .jobRuns, "r").reason == "InvalidParams")
                #expect(try await sandbox.event("InvalidParams", about: "r").contains(message))
                #expect(try await sandbox.pods().isEmpty)
            }
        }

        private static let parameterized = Sandbox.job(
            """
            params:
              - {name: day, enum: [mon, tue]}
              - {name: size, value: 1}
            tasks: [{name: a, script: "true"}]
            """)

        @Test("for a Job that does not exist waits for it with an Event, and runs when it appears")
        func missingJob() async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.start()
                let stalled = try await sandbox.condition("Stalled", of: .jobRuns, "r")
                #expect(stalled.reason == "JobNotFound")
                #expect(stalled.message.contains("spec.job: there is no Job j"))
                try await sandbox.event("JobNotFound", about: "r")
                try await sandbox.declare(Sandbox.job("tasks: [{name: a, script: \"true\"}]"))
                #expect(try await sandbox.ended().phase == .succeeded)
            }
        }

        @Test("for an image that nobody knows says so, makes one pod, and can be cancelled")
        func unknownImage() async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(
                    Sandbox.job("tasks: [{name: a, image: 'registry.invalid/no/such:image', script: 'true'}]"))
                try await sandbox.start()
                let status = try await sandbox.run { $0.message?.contains("registry.invalid/no/such:image") == true }
                #expect(status.message?.contains("task a cannot start") == true, "\(status)")
                #expect(status.phase?.isFinal == false)
                #expect(try await sandbox.pods().count == 1)
                try await sandbox.set(.jobRuns, "r", ["cancel": true])
                #expect(try await sandbox.ended().phase == .cancelled)
                #expect(try await sandbox.pods().count <= 1)
            }
        }
    }
}
