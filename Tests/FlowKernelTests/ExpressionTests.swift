import FlowAPI
import FlowKernel
import KubeCore
import Testing

@Suite("Expressions of a run")
struct ExpressionTests {
    @Test("An expression that has no value fails its task, skips what needs it, and ends the run")
    func argument() throws {
        var world = try World([
            task("a", outputs: ["list"]),
            task("b", needs: ["a"], args: ["${{ tasks.a.outputs.list[5] }}"], retry: retries(5)),
            task("c", needs: ["b"]),
        ])
        world.succeed("a", outputs: ["list": [1]])
        #expect(world.phase == .failed)
        #expect(world.failure(of: "b")?.reason == .expression)
        #expect(world.failure(of: "b")?.message.contains("args[0]") == true)
        #expect(world.phase(of: "c") == .skipped)
        #expect(world.summary.failed.map(\.reason) == [.expression])
        #expect(world.created.count == 1)
    }

    @Test("A task whose needs fail at their expressions can still react to that in the same step")
    func reaction() throws {
        let world = try World([
            task("a", args: ["${{ 1 / 0 }}"]), task("b", needs: ["a"], if: "${{ tasks.a.status == 'Failed' }}"),
        ])
        #expect(world.living == ["b"])
    }

    @Test("An `if` that cannot be evaluated fails its task")
    func condition() throws {
        let world = try World([task("a", if: "${{ params.nothing }}")])
        #expect(world.failure(of: "a")?.reason == .expression)
        #expect(world.phase == .failed)
        #expect(world.summary.tasks == TaskCounts(total: 1, failed: 1))
    }

    @Test("An `if` that is neither true nor false fails its task, and says what it gives")
    func conditionOfOtherType() throws {
        let world = try World([task("a", if: "${{ 'yes' }}")])
        #expect(world.failure(of: "a")?.reason == .expression)
        #expect(world.failure(of: "a")?.message == "if must give true or false, and it gives: yes")
    }

    @Test("A run hands out its outputs once it has succeeded, with their types")
    func outputs() throws {
        var world = try World(
            [task("a", map: MapSpec(count: 2), outputs: ["n"]), task("b", outputs: ["note"])],
            outputs: [
                RunOutputSpec(name: "all", value: "${{ tasks.a.outputs.n }}"),
                RunOutputSpec(name: "text", value: "note: ${{ tasks.b.outputs.note }}"),
            ])
        world.succeed("a", 1, outputs: ["n": 2])
        world.succeed("a", 0, outputs: ["n": 1])
        #expect(world.summary.outputs.isEmpty)
        world.succeed("b", outputs: ["note": "fine"])
        #expect(world.summary.outputs == ["all": [1, 2], "text": "note: fine"])
    }

    @Test("A failed run hands out nothing")
    func outputsOfFailed() throws {
        var world = try World(
            [task("a"), task("b")], outputs: [RunOutputSpec(name: "x", value: "1")])
        world.fail("a")
        world.succeed("b")
        #expect(world.summary.outputs.isEmpty)
    }

    @Test("An output of the run that cannot be evaluated fails the run and says which, and none is handed out")
    func badOutput() throws {
        var world = try World(
            [task("a", outputs: ["n"])],
            outputs: [
                RunOutputSpec(name: "good", value: "1"),
                RunOutputSpec(name: "bad", value: "${{ tasks.a.outputs.n[3] }}"),
            ])
        world.succeed("a", outputs: ["n": []])
        #expect(world.phase == .failed)
        #expect(world.summary.message?.hasPrefix("outputs[bad]: ") == true)
        #expect(world.summary.outputs.isEmpty)
    }

    @Test("Outputs that no status could hold fail the run")
    func hugeOutput() throws {
        var world = try World(
            [task("a", map: MapSpec(count: 200), outputs: ["text"])],
            outputs: [RunOutputSpec(name: "all", value: "${{ tasks.a.outputs.text }}")])
        let text = JSON.string(String(repeating: "x", count: 4_000))
        for name in world.created { world.pods[name]?.phase = .succeeded(outputs: ["text": text]) }
        world.settle()
        #expect(world.phase == .failed)
        #expect(world.summary.outputs.isEmpty)
        #expect(world.summary.message?.contains("outputs") == true)
    }

    @Test("A run's own values replace those of the Job, and what it does not give stays")
    func params() throws {
        let plan = try runPlan(
            [task("a", args: ["${{ params.x }}", "${{ params.y }}"])],
            params: [ParamSpec(name: "x", value: 1), ParamSpec(name: "y", value: 2)], given: ["x": 5])
        var world = World(plan)
        world.settle()
        #expect(world.arguments("a") == ["5", "2"])
        #expect(world.summary.params == ["x": 5, "y": 2])
    }
}
