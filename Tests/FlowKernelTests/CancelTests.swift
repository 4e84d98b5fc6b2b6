import FlowAPI
import FlowKernel
import KubeCore
import Testing

@Suite("Cancelling a run")
struct CancelTests {
    @Test("Before it was admitted it ends at once, and never made a pod")
    func queued() throws {
        var world = World(try runPlan([task("a")]))
        world.admits = false
        world.settle()
        world.cancel()
        #expect(world.phase == .cancelled)
        #expect(world.created.isEmpty)
        #expect(world.summary.taskStates.map(\.phase) == [.cancelled])
        #expect(world.summary.tasks == TaskCounts(total: 1, skipped: 1))
    }

    @Test("Instances that wait for a place never start")
    func ready() throws {
        var world = try World([task("each", map: MapSpec(count: 3)), task("after", needs: ["each"])], maxParallel: 1)
        world.cancel()
        #expect(world.deletions.map(\.reason) == [.cancelled])
        #expect(world.living == ["each[0]"])
        world.confirmDeletion("each", 0)
        #expect(world.phase == .cancelled)
        #expect(world.created.count == 1)
        #expect(world.phase(of: "each") == .cancelled)
        #expect(world.phase(of: "after") == .cancelled)
        #expect(world.summary.failed.isEmpty)
        #expect(world.summary.message == "the run was cancelled")
    }

    @Test("A pod that is being made is stopped once it is there")
    func creating() throws {
        let plan = try runPlan([task("a")])
        var machine = RunMachine(plan: plan)
        let now = Timestamp(seconds: 1_800_000_000)
        #expect(machine.step(observed: [], now: now, admits: true, isCancelled: false).effects.count == 1)
        let id = AttemptID(InstanceID(task: "a"), number: 1)

        #expect(machine.step(observed: [], now: now, admits: true, isCancelled: true).effects.isEmpty)
        #expect(machine.phase == .running)
        machine.creationEnded(id, .created, now: now)
        #expect(machine.step(observed: [], now: now, admits: true, isCancelled: true).effects.isEmpty)
        #expect(machine.phase == .running)
        let pod = AttemptObservation(id: id, pod: "pod-a", phase: .pending(stuck: nil), createdAt: now)
        let step = machine.step(observed: [pod], now: now, admits: true, isCancelled: true)
        #expect(step.effects.count == 1)
        #expect(machine.phase == .running)
        #expect(machine.step(observed: [], now: now, admits: true, isCancelled: true).effects.isEmpty)
        #expect(machine.phase == .cancelled)
    }

    @Test(
        "A creation that was refused is not tried again",
        arguments: [
            CreationOutcome.deferred(message: "quota"), .rejected(message: "no"),
        ])
    func creationRefused(outcome: CreationOutcome) throws {
        let plan = try runPlan([task("a")])
        var machine = RunMachine(plan: plan)
        let now = Timestamp(seconds: 1_800_000_000)
        _ = machine.step(observed: [], now: now, admits: true, isCancelled: false)
        _ = machine.step(observed: [], now: now, admits: true, isCancelled: true)
        machine.creationEnded(AttemptID(InstanceID(task: "a"), number: 1), outcome, now: now)
        #expect(machine.step(observed: [], now: now, admits: true, isCancelled: true).effects.isEmpty)
        #expect(machine.phase == .cancelled)
    }

    @Test("A pod that has not begun, or runs, is deleted, and the run ends when it has", arguments: [false, true])
    func pendingOrRunning(running: Bool) throws {
        var world = try World([task("a", retry: retries(3)), task("b", needs: ["a"])])
        if running { world.begin("a") }
        world.cancel()
        #expect(world.deletions.count >= 1)
        #expect(world.phase == .running)
        #expect(world.phase(of: "b") == .cancelled)
        world.confirmDeletion("a")
        #expect(world.phase == .cancelled)
        #expect(world.phase(of: "a") == .cancelled)
        #expect(world.created.count == 1)
    }

    @Test("Between two attempts no other one begins")
    func backoff() throws {
        var world = try World([task("a", retry: retries(3))])
        world.fail("a")
        world.cancel()
        #expect(world.phase == .cancelled)
        world.pass(.seconds(100))
        #expect(world.created.count == 1)
    }

    @Test("A pod whose removal takes its object along at once counts as stopped")
    func vanishes() throws {
        var world = try World([task("a")])
        world.begin("a")
        world.cancel()
        world.vanish("a")
        #expect(world.phase == .cancelled)
        #expect(world.phase(of: "a") == .cancelled)
    }

    @Test("What had ended before keeps its outcome")
    func mixture() throws {
        var world = try World([task("done"), task("bad"), task("a"), task("b", needs: ["done"])])
        world.succeed("done")
        world.fail("bad")
        world.cancel()
        world.confirmDeletion("a")
        world.confirmDeletion("b")
        #expect(world.phase == .cancelled)
        #expect(world.summary.taskStates.map(\.phase) == [.succeeded, .failed, .cancelled, .cancelled])
        #expect(world.summary.failed.map(\.task) == ["bad"])
    }

    @Test("While the Engine admits nothing a run can be cancelled all the same")
    func suspended() throws {
        var world = try World([task("a"), task("b", needs: ["a"])])
        world.admits = false
        world.begin("a")
        world.cancel()
        world.confirmDeletion("a")
        #expect(world.phase == .cancelled)
    }

    @Test("A run that has ended does not change its phase any more")
    func ended() throws {
        var world = try World([task("a")])
        world.succeed("a")
        world.cancel()
        #expect(world.phase == .succeeded)
    }

    @Test("When a run is over, pods that live on though nobody needs them are deleted")
    func strays() throws {
        var world = try World([task("a"), task("b", needs: ["a"])])
        world.succeed("a")
        world.begin("b")
        // Somebody takes a's pod away while no kernel runs: b's is then the pod of a task that is never reached.
        world.pods[world.created[0]] = nil
        world.isCancelled = true
        world.machine = RunMachine(plan: world.plan, startedAt: world.machine.startedAt)
        world.settle()
        #expect(world.phase == .cancelled)
        #expect(world.deletions.map(\.pod) == [world.created[1]])
    }

    @Test("A restarted kernel stops the pods of a cancelled run before it calls the run over")
    func rebuilt() throws {
        var world = try World([task("done"), task("a", needs: ["done"]), task("b", needs: ["a"])])
        world.succeed("done")
        world.begin("a")
        world.isCancelled = true
        world.machine = RunMachine(plan: world.plan, startedAt: world.machine.startedAt)
        world.settle()
        #expect(world.deletions.map(\.reason).contains(.cancelled))
        #expect(world.phase == .running)
        world.machine = RunMachine(plan: world.plan, startedAt: world.machine.startedAt)
        world.confirmDeletion("a")
        #expect(world.phase == .cancelled)
        #expect(world.summary.taskStates.map(\.phase) == [.succeeded, .cancelled, .cancelled])
        #expect(world.violations.isEmpty)
    }
}
