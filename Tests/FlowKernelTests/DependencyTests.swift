import FlowAPI
import FlowKernel
import KubeCore
import Testing

@Suite("Dependencies")
struct DependencyTests {
    @Test("Tasks in a line run one after the other")
    func line() throws {
        var world = try World([task("a"), task("b", needs: ["a"]), task("c", needs: ["b"])])
        #expect(world.living == ["a"])
        world.begin("a")
        #expect(world.living == ["a"])
        world.succeed("a")
        #expect(world.living == ["b"])
        world.succeed("b")
        #expect(world.living == ["c"])
        #expect(world.phase == .running)
        world.succeed("c")
        #expect(world.phase == .succeeded)
        #expect(world.violations.isEmpty)
    }

    @Test("The foot of a diamond waits for both of its sides")
    func diamond() throws {
        var world = try World([
            task("top"), task("left", needs: ["top"]), task("right", needs: ["top"]),
            task("foot", needs: ["left", "right"]),
        ])
        world.succeed("top")
        #expect(world.living == ["left", "right"])
        world.succeed("right")
        #expect(world.living == ["left"])
        #expect(world.phase(of: "foot") == .pending)
        world.succeed("left")
        #expect(world.living == ["foot"])
        world.succeed("foot")
        #expect(world.phase == .succeeded)
    }

    @Test("A task may be written before those that it needs")
    func order() throws {
        var world = try World([task("last", needs: ["first"]), task("first")])
        #expect(world.living == ["first"])
        world.succeed("first")
        #expect(world.living == ["last"])
    }

    @Test("What needs a failed task is skipped, and so on down the line; what does not goes on")
    func cascade() throws {
        var world = try World([
            task("a"), task("b", needs: ["a"]), task("c", needs: ["b"]), task("other"), task("after", needs: ["other"]),
        ])
        world.fail("a")
        #expect(world.phase(of: "b") == .skipped)
        #expect(world.phase(of: "c") == .skipped)
        #expect(world.summary.taskStates.map(\.message) == ["exit code 1", "a is failed", "b is skipped", nil, nil])
        #expect(world.living == ["other"])
        world.succeed("other")
        world.succeed("after")
        #expect(world.phase == .failed)
        #expect(world.summary.message == "task a failed: exit code 1")
    }

    @Test("A task whose `if` reads the status of a failed one runs, and the run is failed all the same")
    func handler() throws {
        var world = try World([
            task("work"), task("report", needs: ["work"], if: "${{ tasks.work.status == 'Failed' }}"),
            task("publish", needs: ["work"]),
        ])
        world.fail("work")
        #expect(world.living == ["report"])
        #expect(world.phase(of: "publish") == .skipped)
        world.succeed("report")
        #expect(world.phase == .failed)
    }

    @Test("A task whose `if` is false is skipped, and the run succeeds without it")
    func condition() throws {
        var world = try World([
            task("work", outputs: ["changed"]),
            task("publish", needs: ["work"], if: "${{ tasks.work.outputs.changed }}"),
            task("announce", needs: ["publish"]),
            task("clean", needs: ["publish"], if: "${{ true }}"),
        ])
        world.succeed("work", outputs: ["changed": false])
        #expect(world.phase(of: "publish") == .skipped)
        #expect(world.phase(of: "announce") == .skipped)
        #expect(world.living == ["clean"])
        world.succeed("clean")
        #expect(world.phase == .succeeded)
    }

    @Test("A run in which every task is skipped succeeds at once")
    func nothingToDo() throws {
        let world = try World([task("a", if: "${{ params.on }}")], params: [ParamSpec(name: "on", value: false)])
        #expect(world.phase == .succeeded)
        #expect(world.created.isEmpty)
        #expect(world.summary.progress == "1/1")
    }

    @Test("No more pods live than the run may have, and each that ends makes room")
    func maxParallel() throws {
        var world = try World([task("a"), task("b"), task("c", map: MapSpec(count: 3))], maxParallel: 2)
        #expect(world.living == ["a", "b"])
        world.succeed("b")
        #expect(world.living == ["a", "c[0]"])
        world.fail("a")
        #expect(world.living == ["c[0]", "c[1]"])
        world.succeed("c", 1)
        #expect(world.living == ["c[0]", "c[2]"])
        #expect(world.violations.isEmpty)
    }

    @Test("While the Engine admits nothing no pod is made, and what runs goes on")
    func admission() throws {
        var world = World(try runPlan([task("a"), task("b", needs: ["a"])]))
        world.admits = false
        world.settle()
        #expect(world.phase == .queued)
        #expect(world.machine.startedAt == nil)
        world.admits = true
        world.settle()
        #expect(world.phase == .running)
        world.admits = false
        world.succeed("a")
        #expect(world.living.isEmpty)
        #expect(world.phase(of: "b") == .queued)
        world.admits = true
        world.settle()
        #expect(world.living == ["b"])
    }
}
