import FlowAPI
import Foundation
import KubeCore
import KubeYAML
import Testing

/// Tests that start and kill operators of their own, each for the namespace of its test.
@Suite(
    "An operator that dies", .enabled(if: TestCluster.isLocal, "the given cluster has its own operator"),
    .clusterWithoutOperator, .fewAtATime, .timeLimit(.minutes(10)))
struct CrashTests {
    enum Moment: String, CaseIterable, Sendable {
        case whileSplitRuns, afterSplit, whileAllPartsAreCounted, afterHalfOfTheParts, afterAllParts, whileReduceRuns
    }

    @Test(
        "in the middle of the word count leaves the table as it is, and starts no task twice",
        arguments: Moment.allCases, [true, false])
    func wordCount(moment: Moment, goesOnMeanwhile: Bool) async throws {
        try await Sandbox.with { sandbox in
            let before = try await sandbox.resource(.pods).list().resourceVersion
            let gates = try await Self.declareGatedWordCount(in: sandbox)
            var running = try await OperatorProcess.start(on: sandbox.cluster, ["-n", sandbox.namespace])
            try await sandbox.start("wordcount")
            try await Self.reach(moment, gates)
            try await running.kill()
            if goesOnMeanwhile {
                try await gates.open(Self.allGates)
                try await sandbox.wait(for: .pods) { pods in
                    pods.allSatisfy { ["Succeeded", "Failed"].contains($0.json.at("status", "phase")?.stringValue) }
                }
            }
            running = try await OperatorProcess.start(on: sandbox.cluster, ["-n", sandbox.namespace])
            do {
                if !goesOnMeanwhile { try await gates.open(Self.allGates) }
                try await Self.expectWholeCount(sandbox, since: before)
            } catch {
                try? await running.kill()
                throw error
            }
            try await running.kill()
        }
    }

    @Test("again and again, at every task, leaves the table as it is, and starts no task twice")
    func manyCrashes() async throws {
        try await Sandbox.with { sandbox in
            let before = try await sandbox.resource(.pods).list().resourceVersion
            let gates = try await Self.declareGatedWordCount(in: sandbox)
            try await sandbox.start("wordcount")
            for moment in Moment.allCases {
                let running = try await OperatorProcess.start(on: sandbox.cluster, ["-n", sandbox.namespace])
                do { try await Self.reach(moment, gates) } catch {
                    try? await running.kill()
                    throw error
                }
                try await running.kill()
            }
            let running = try await OperatorProcess.start(on: sandbox.cluster, ["-n", sandbox.namespace])
            do {
                try await gates.open(Self.allGates)
                try await Self.expectWholeCount(sandbox, since: before)
            } catch {
                try? await running.kill()
                throw error
            }
            let stopped = try await running.stop()
            #expect(stopped.exitCode == 0, "\(stopped)")
        }
    }

    @Test("is followed by another one that waited for its lease, which finishes the run")
    func failover() async throws {
        try await Sandbox.with { sandbox in
            let gates = try await Gates.declare(
                in: sandbox,
                Sandbox.job(
                    "tasks: [{name: a, \(Gates.mount), script: '\(Gates.wait("a"))'}, {name: b, needs: [a], script: \"true\"}]"
                ))
            let options = ["-n", sandbox.namespace, "--leader-elect", "--lease-namespace", sandbox.namespace]
            let first = try await OperatorProcess.start(on: sandbox.cluster, options)
            let second = try OperatorProcess(on: sandbox.cluster, options)
            do {
                try await sandbox.start()
                try await sandbox.wait(for: .pods) { $0.contains { $0.json.at("status", "phase") == "Running" } }
                try await first.kill()
                try await gates.open("a")
                #expect(try await sandbox.ended().phase == .succeeded)
                #expect(try await sandbox.pods().count == 2)
            } catch {
                try? await first.kill()
                try? await second.kill()
                throw error
            }
            try await second.kill()
        }
    }

    @Test("does not start a Job's onCreate run a second time when it comes back")
    func onCreateOnce() async throws {
        try await Sandbox.with { sandbox in
            var running = try await OperatorProcess.start(on: sandbox.cluster, ["-n", sandbox.namespace])
            try await sandbox.declare(Sandbox.job("triggers: [{onCreate: {}}]\ntasks: [{name: a, script: \"true\"}]"))
            let first = try await sandbox.wait(for: .jobRuns) {
                $0.contains { $0.json.at("status", "phase") == "Succeeded" }
            }
            // Even when the run itself is gone, it was started once.
            for run in first { _ = try await sandbox.resource(.jobRuns).delete(run.name) }
            try await sandbox.wait(for: .jobRuns) { $0.isEmpty }
            try await running.kill()
            running = try await OperatorProcess.start(on: sandbox.cluster, ["-n", sandbox.namespace])
            // A later run shows that the operator has looked at the Job again.
            try await sandbox.start()
            try await sandbox.ended()
            try await sandbox.wait(for: .jobs, named: "j") { $0?.json.at("status", "lastRun", "name") == "r" }
            #expect(try await sandbox.resource(.jobRuns).listAll().items.map(\.name) == ["r"])
            try await running.kill()
        }
    }

    // MARK: The word count with gates

    /// Each task of the word count waits for a gate of its name, each item of the map for one of its own.
    private static func declareGatedWordCount(in sandbox: Sandbox) async throws -> Gates {
        let folder = Repository.example("wordcount")
        for file in ["1-engine.yaml", "2-job.yaml"] {
            let text = try String(contentsOfFile: folder + file, encoding: .utf8)
            for document in try YAMLDocument.parseAll(text) {
                var json = document.json
                if json["kind"] == "Engine" {
                    let gates: JSON = ["name": "gates", "persistentVolumeClaim": ["claimName": "gates"]]
                    json.set(.array((json.at("spec", "data")?.arrayValue ?? []) + [gates]), at: ["spec", "data"])
                }
                if json["kind"] == "Job" {
                    json.set(.array((json.at("spec", "tasks")?.arrayValue ?? []).map(gated)), at: ["spec", "tasks"])
                }
                try await sandbox.apply(YAMLWriter.write(json))
            }
        }
        try await sandbox.apply(Gates.claim)
        return Gates(sandbox: sandbox)
    }

    private static func gated(_ task: JSON) -> JSON {
        var task = task
        let mount: JSON = ["name": "gates", "mountPath": "/gates"]
        task["volumeMounts"] = .array((task["volumeMounts"]?.arrayValue ?? []) + [mount])
        let wait = Gates.wait("$FLOWENGINE_TASK${FLOWENGINE_INDEX:-}")
        task["script"] = .string(wait + "\n" + (task["script"]?.stringValue ?? ""))
        return task
    }

    private static let firstHalf = (0..<4).map { "count\($0)" }
    private static let secondHalf = (4..<8).map { "count\($0)" }
    private static let allGates = ["split", "reduce"] + firstHalf + secondHalf

    /// Lets the run come to a moment and no further.
    private static func reach(_ moment: Moment, _ gates: Gates) async throws {
        let sandbox = gates.sandbox
        func wait(_ task: String, _ phase: String, _ count: Int) async throws {
            try await sandbox.wait(for: .pods, ListOptions(labelSelector: "\(Labels.task)=\(task)")) { pods in
                pods.count { $0.json.at("status", "phase")?.stringValue == phase } >= count
            }
        }
        switch moment {
        case .whileSplitRuns:
            try await wait("split", "Running", 1)
        case .afterSplit:
            try await gates.open("split")
            try await wait("split", "Succeeded", 1)
        case .whileAllPartsAreCounted:
            try await gates.open("split")
            try await wait("count", "Running", 8)
        case .afterHalfOfTheParts:
            try await gates.open(["split"] + firstHalf)
            try await wait("count", "Succeeded", 4)
        case .afterAllParts:
            try await gates.open(["split"] + firstHalf + secondHalf)
            try await wait("count", "Succeeded", 8)
        case .whileReduceRuns:
            try await gates.open(["split"] + firstHalf + secondHalf)
            try await wait("reduce", "Running", 1)
        }
    }

    private static func expectWholeCount(_ sandbox: Sandbox, since before: String) async throws {
        let status = try await sandbox.ended()
        #expect(status.phase == .succeeded, "\(status)")
        #expect(status.taskStates.map(\.attempts) == [1, 8, 1])
        let table = try await sandbox.flowengine("logs", "r", "reduce")
        let expected = try await Integration.WordCount.expected(sandbox.cluster)
        #expect(
            table.output == expected, "\(table.exitCode) \(table.errors) \(table.output.count) of \(expected.count)")
        let made = try await sandbox.additions(of: .pods, since: before).filter { $0.labels[Labels.run] == "r" }
        #expect(made.count == 10)
        #expect(Set(made.map(\.name)).count == 10)
    }
}
