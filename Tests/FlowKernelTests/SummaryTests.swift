import FlowAPI
import FlowKernel
import KubeCore
import Testing

@Suite("The summary of a run")
struct SummaryTests {
    @Test("Counts tell each item of a map, and add up to the total at every stage")
    func counts() throws {
        var world = try World(
            [
                task("a"), task("each", map: MapSpec(count: 4)), task("no", if: "${{ false }}"),
                task("after", needs: ["each"]),
            ], maxParallel: 3)
        #expect(world.summary.tasks == TaskCounts(total: 7, queued: 5, skipped: 1))
        world.begin("a")
        world.begin("each", 0)
        #expect(world.summary.tasks == TaskCounts(total: 7, running: 2, queued: 3, skipped: 1))
        #expect(world.summary.progress == "1/7")
        world.succeed("a")
        world.succeed("each", 0)
        world.fail("each", 1)
        world.succeed("each", 2)
        #expect(world.summary.tasks == TaskCounts(total: 7, succeeded: 3, queued: 1, failed: 1, skipped: 1))
        world.succeed("each", 3)
        #expect(world.phase == .failed)
        #expect(world.summary.tasks == TaskCounts(total: 7, succeeded: 4, failed: 1, skipped: 2))
        #expect(world.summary.progress == "6/7")
    }

    @Test("A task is pending, then queued, then running, then what it came to")
    func taskPhases() throws {
        var world = try World([task("a"), task("b", needs: ["a"])])
        #expect(world.summary.taskStates.map(\.phase) == [.queued, .pending])
        world.begin("a")
        #expect(world.summary.taskStates.map(\.phase) == [.running, .pending])
        world.succeed("a")
        #expect(world.summary.taskStates.map(\.phase) == [.succeeded, .queued])
    }

    @Test("Times are those of the pods, and the duration is for people")
    func times() throws {
        var world = try World([task("a")])
        let start = world.now
        world.pass(.seconds(5))
        world.begin("a")
        world.pass(.seconds(85))
        world.succeed("a")
        let summary = world.summary
        #expect(summary.startedAt == start)
        #expect(summary.finishedAt == start + .seconds(90))
        #expect(summary.duration == "1m30s")
        #expect(summary.taskStates.map(\.startedAt) == [start + .seconds(5)])
        #expect(summary.taskStates.map(\.finishedAt) == [start + .seconds(90)])
    }

    @Test("A node whose clock is behind gives no run that ends before it began")
    func skew() throws {
        var world = try World([task("a")])
        let name = world.created[0]
        world.pods[name]?.phase = .succeeded(outputs: [:])
        world.pods[name]?.finishedAt = world.now + .seconds(-30)
        world.settle()
        #expect(world.summary.finishedAt == world.summary.startedAt)
        #expect(world.summary.duration == "0s")
    }

    @Test("Messages are clipped, and by code points, as an API server counts them")
    func clipping() throws {
        var world = try World([task("a")])
        world.fail("a", nil, .error, String(repeating: "é\u{301}", count: 100_000))
        let summary = world.summary
        #expect(summary.taskStates.first?.message?.unicodeScalars.count == 1024)
        #expect(summary.failed.first?.message?.unicodeScalars.count == 4096)
        #expect(summary.message?.unicodeScalars.count == 4096)
        #expect(summary.message?.hasSuffix("…") == true)
    }

    @Test("A short message is left as it is")
    func shortMessage() throws {
        var world = try World([task("a")])
        world.fail("a", nil, .error, "é")
        #expect(world.summary.failed.first?.message == "é")
    }

    @Test("However many items fail with however long messages, the summary stays small")
    func bounded() throws {
        let tasks = (0..<100).map { task("t\($0)", map: MapSpec(count: 5)) }
        var world = World(try runPlan(tasks))
        let words = String(repeating: "\u{1F600}", count: 5_000)
        world.answer = { _ in .rejected(message: words) }
        world.settle()
        #expect(world.phase == .failed)
        #expect(world.summary.failed.count == JobRunStatus.maxFailed)
        #expect(world.summary.tasks?.failed == 500)
        let size = try JSON(encoding: world.summary).encoded().count
        #expect(size < 1_000_000, "\(size) bytes")
    }

    @Test("A failure that a later attempt made good is not among the failed")
    func madeGood() throws {
        var world = try World([task("a", retry: retries(1))])
        world.fail("a")
        #expect(world.summary.failed.isEmpty)
        world.pass(.seconds(10))
        world.succeed("a")
        #expect(world.summary.failed.isEmpty)
        #expect(world.summary.message == nil)
    }

    @Test("A failed attempt is told with its pod, exit code and number")
    func failure() throws {
        var world = try World([task("a", retry: retries(1))])
        world.fail("a")
        world.pass(.seconds(10))
        world.fail("a", nil, .error, "exit code 1")
        #expect(
            world.summary.failed == [
                TaskFailure(
                    task: "a", attempt: 2, reason: .error, exitCode: 1, message: "exit code 1",
                    pod: world.created.last)
            ])
    }
}
