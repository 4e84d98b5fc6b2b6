import FlowAPI
import FlowKernel
import KubeCore
import Testing

@Suite("Plans")
struct PlanTests {
    @Test("The order of a plan has each task after what it needs, and else keeps the Job's order")
    func order() throws {
        let plan = try runPlan([
            task("d", needs: ["b", "c"]), task("b", needs: ["a"]), task("c", needs: ["a"]), task("a"), task("e"),
        ])
        #expect(plan.order.map { plan.tasks[$0].name } == ["a", "e", "b", "c", "d"])
    }

    @Test("A task that names the same need twice runs after it")
    func doubleNeed() throws {
        var world = try World([task("a"), task("b", needs: ["a", "a"])])
        world.succeed("a")
        #expect(world.living == ["b"])
    }

    @Test(
        "What no run can follow is refused, with the field",
        arguments: [
            ([task("a", needs: ["b"]), task("b", needs: ["a"])], "circle"),
            ([task("a", needs: ["a"])], "circle"),
            ([task("a", needs: ["x"])], "spec.tasks[0].needs: there is no task x"),
            ([task("a"), task("a")], "spec.tasks[1].name"),
            ([task("a", timeout: "soon")], "spec.tasks[0].timeout"),
            ([task("a", if: "${{ 1 + }}")], "spec.tasks[0].if"),
            ([task("a", map: MapSpec(over: "${{ ( }}"))], "spec.tasks[0].map.over"),
            ([task("a", map: MapSpec(count: 10_001))], "spec.tasks[0].map.count"),
            ([task("a", map: MapSpec(count: -1))], "spec.tasks[0].map.count"),
            ([task("a", map: MapSpec(count: 1, maxParallel: 0))], "spec.tasks[0].map.maxParallel"),
            ([task("a", args: ["${{ x"])], "spec.tasks[0]"),
            (
                [task("a", retry: RetryPolicy(limit: 1, backoff: Backoff(base: "1x")))],
                "spec.tasks[0].retry.backoff.base"
            ),
            ([TaskSpec(name: "a", runtime: "cobol", script: "x")], "spec.tasks[0]"),
        ])
    func problems(tasks: [TaskSpec], words: String) {
        let problem = #expect(throws: PlanProblem.self) { try runPlan(tasks) }
        #expect(problem?.description.contains(words) == true, "\(problem?.description ?? "")")
    }

    @Test("Limits of the run that it could not live with are refused")
    func runLimits() {
        let tasks = [task("a")]
        #expect(throws: PlanProblem.self) { try runPlan(tasks, maxParallel: 0) }
        #expect(throws: PlanProblem.self) { try runPlan(tasks, timeout: "1 hour") }
        #expect(throws: PlanProblem.self) { try runPlan(tasks, outputs: [RunOutputSpec(name: "x", value: "${{ }}")]) }
    }
}
