import FlowAPI
import FlowKernel
import KubeCore
import Testing

@Suite("Maps")
struct MapTests {
    @Test("A map over a list makes one pod for each item, which knows the item and its place")
    func overList() throws {
        var world = try World([
            task("split", outputs: ["parts"]),
            task(
                "count", needs: ["split"], args: ["${{ part.name }} at ${{ index }}"],
                map: MapSpec(over: "${{ tasks.split.outputs.parts }}", as: "part")),
        ])
        world.succeed("split", outputs: ["parts": [["name": "x"], ["name": "y"]]])
        #expect(world.living == ["count[0]", "count[1]"])
        #expect(world.arguments("count", 0) == ["x at 0"])
        #expect(world.arguments("count", 1) == ["y at 1"])
        let env = world.pods.values.first { $0.plan.id.instance.index == 1 }?.plan.container.env ?? []
        #expect(env.contains(EnvVar(name: "PART", value: #"{"name":"y"}"#)))
        #expect(env.contains(EnvVar(name: "FLOWENGINE_INDEX", value: "1")))
    }

    @Test("The outputs of a map are lists in the order of its items, whatever order they end in")
    func outputs() throws {
        var world = try World([
            task("square", map: MapSpec(count: 3), outputs: ["value", "note"]),
            task("sum", needs: ["square"], args: ["${{ tasks.square.outputs.value }}"]),
        ])
        world.succeed("square", 2, outputs: ["value": 4])
        world.succeed("square", 0, outputs: ["value": 0, "note": "none"])
        #expect(world.living == ["square[1]"])
        world.succeed("square", 1, outputs: ["value": 1])
        #expect(world.arguments("sum") == ["[0,1,4]"])
    }

    @Test("An item that failed has null among the outputs that a later task reads")
    func outputsWithFailure() throws {
        var world = try World([
            task("square", map: MapSpec(count: 2), outputs: ["value"]),
            task("sum", needs: ["square"], args: ["${{ tasks.square.outputs.value }}"], if: "${{ true }}"),
        ])
        world.fail("square", 0)
        world.succeed("square", 1, outputs: ["value": 1])
        #expect(world.arguments("sum") == ["[null,1]"])
    }

    @Test("A map over an empty list succeeds at once, and its outputs are empty lists")
    func empty() throws {
        let world = try World(
            [
                task("each", map: MapSpec(over: "${{ params.items }}"), outputs: ["value"]),
                task("after", needs: ["each"], args: ["${{ tasks.each.outputs.value }}"]),
            ],
            params: [ParamSpec(name: "items", value: [])])
        #expect(world.phase(of: "each") == .succeeded)
        #expect(world.living == ["after"])
        #expect(world.arguments("after") == ["[]"])
        #expect(world.summary.tasks?.total == 1)
    }

    @Test("A map over something that is no list fails its task, and says what it got")
    func noList() throws {
        let world = try World(
            [task("each", map: MapSpec(over: "${{ params.items }}")), task("after", needs: ["each"])],
            params: [ParamSpec(name: "items", value: "a,b")])
        #expect(world.failure(of: "each")?.reason == .expression)
        #expect(world.failure(of: "each")?.message == "map.over must give a list, and it gives: a,b")
        #expect(world.phase(of: "after") == .skipped)
        #expect(world.phase == .failed)
        #expect(world.summary.tasks?.failed == 1)
        #expect(world.summary.failed.count == 1)
    }

    @Test("A map over more items than a run may have fails its task")
    func tooMany() throws {
        let items = JSON.array((0..<10_001).map { .int($0) })
        let world = try World(
            [task("each", map: MapSpec(over: "${{ params.items }}"))],
            params: [ParamSpec(name: "items", value: items)])
        #expect(world.failure(of: "each")?.message == "map.over gives 10001 items; the most is 10000")
        #expect(world.created.isEmpty)
    }

    @Test("A map keeps to its own limit, and starts its items in order")
    func maxParallel() throws {
        var world = try World([task("each", map: MapSpec(count: 5, maxParallel: 2)), task("other")])
        #expect(world.living == ["each[0]", "each[1]", "other"])
        world.succeed("each", 1)
        #expect(world.living == ["each[0]", "each[2]", "other"])
        world.succeed("each", 0)
        world.succeed("each", 2)
        #expect(world.living == ["each[3]", "each[4]", "other"])
        #expect(world.violations.isEmpty)
    }

    @Test("A map fails when an item does, after the others have ended")
    func failure() throws {
        var world = try World([task("each", map: MapSpec(count: 4))])
        world.fail("each", 1, .error, "no space")
        #expect(world.phase == .running)
        world.fail("each", 3, .outputInvalid, "no output")
        world.succeed("each", 0)
        world.succeed("each", 2)
        #expect(world.phase == .failed)
        #expect(world.failure(of: "each")?.message == "[1]: no space (and 1 more of 4)")
        #expect(world.summary.failed.map(\.index) == [1, 3])
        #expect(world.summary.failed.map(\.reason) == [.error, .outputInvalid])
        #expect(world.summary.message == "task each[1] failed: no space; 1 more failed")
    }

    @Test("An expression that fails for one item fails that item alone")
    func itemExpression() throws {
        var world = try World(
            [task("each", args: ["${{ 6 / item }}"], map: MapSpec(over: "${{ params.items }}"))],
            params: [ParamSpec(name: "items", value: [1, 0, 3])])
        #expect(world.living == ["each[0]", "each[2]"])
        world.succeed("each", 0)
        world.succeed("each", 2)
        #expect(world.phase == .failed)
        #expect(world.summary.failed.map(\.index) == [1])
        #expect(world.summary.failed.map(\.reason) == [.expression])
    }
}
