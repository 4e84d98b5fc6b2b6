import FlowAPI
import KubeCore
import Testing

extension Integration {
    @Suite("The examples")
    struct Examples {
        @Test("hello runs once by itself, and again with another parameter when asked to")
        func hello() async throws {
            try await Sandbox.with { sandbox in
                let applied = try await sandbox.flowengine("apply", "-f", Repository.example("hello"))
                #expect(applied.lines == ["engine.flowengine.io/greetings created", "job.flowengine.io/hello created"])
                let runs = try await sandbox.wait(for: .jobRuns) {
                    $0.contains { $0.json.at("status", "phase") == "Succeeded" }
                }
                let first = try #require(runs.first?.name)
                let said = try await sandbox.flowengine("logs", first)
                #expect(said.output == "Hello, world!\n")

                let again = try await sandbox.flowengine("run", "hello", "--param", "whom=you", "--watch", "--logs")
                #expect(again.exitCode == 0, "\(again)")
                #expect(again.lines.contains("greet | Hello, you!"), "\(again)")
            }
        }

        @Test("diamond-with-retries: the left side takes three attempts, each a pod, and the sum is 50")
        func diamond() async throws {
            try await Sandbox.with { sandbox in
                let applied = try await sandbox.flowengine("apply", "-f", Repository.example("diamond-with-retries"))
                #expect(applied.exitCode == 0, "\(applied)")
                let run = try await sandbox.flowengine("run", "diamond", "--name", "r", "--watch")
                #expect(run.exitCode == 0, "\(run)")
                #expect(run.lines.last == "sum: 50")

                let status = try await sandbox.ended()
                #expect(status.outputs == ["sum": 50])
                #expect(status.failed.isEmpty)
                #expect(status.taskStates.map(\.attempts) == [1, 3, 1, 1])
                let left = try await sandbox.pods(task: "left")
                #expect(left.compactMap { $0.labels[Labels.attempt] }.sorted() == ["1", "2", "3"])
                let phases = left.compactMap { $0.json.at("status", "phase")?.stringValue }
                #expect(phases.sorted() == ["Failed", "Failed", "Succeeded"])
                let second = try await sandbox.flowengine("logs", "r", "left", "--attempt", "2")
                #expect(second.lines.first == "attempt 2: not this time")
            }
        }
    }
}
