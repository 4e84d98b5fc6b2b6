import FlowAPI
import FlowKernel
import KubeCore
import Testing

@Suite("Making pods")
struct CreationTests {
    @Test("A creation that is refused for now is tried again by and by, ever less often, and uses up no attempt")
    func deferred() throws {
        var world = World(try runPlan([task("a")]))
        world.answer = { _ in .deferred(message: "exceeded quota: pods") }
        world.settle()
        #expect(world.summary.message == "task a waits: exceeded quota: pods")
        var waits: [Duration] = []
        for _ in 0..<8 {
            let wake = try #require(world.wakeAt)
            waits.append(wake - world.now)
            world.now = wake
            world.settle()
        }
        #expect(waits.first == .seconds(2))
        #expect(waits == waits.sorted())
        #expect(waits.last == .seconds(60))
        world.answer = { _ in .created }
        world.pass(.seconds(60))
        #expect(world.living == ["a"])
        #expect(world.summary.message == nil)
        world.succeed("a")
        #expect(world.phase == .succeeded)
        #expect(world.created.count == 1)
    }

    @Test("One refusal for now does not hold up the others")
    func deferredOthers() throws {
        var world = World(try runPlan([task("a"), task("b"), task("c")], maxParallel: 1))
        world.answer = { $0.id.instance.task == "a" ? .deferred(message: "later") : .created }
        world.settle()
        #expect(world.living == ["b"])
        world.succeed("b")
        #expect(world.living == ["c"])
    }

    @Test("A creation that is refused for good fails the task with the server's words, and is never retried")
    func rejected() throws {
        var world = World(try runPlan([task("a", retry: retries(3)), task("b", needs: ["a"])]))
        world.answer = { _ in .rejected(message: "admission webhook denied the request") }
        world.settle()
        #expect(world.phase == .failed)
        #expect(world.failure(of: "a") == Failure(.rejected, "admission webhook denied the request"))
        #expect(world.phase(of: "b") == .skipped)
        #expect(world.summary.failed.map(\.reason) == [.rejected])
    }

    @Test("A pod whose creation was answered and that is not in the cache yet is waited for")
    func staleCache() throws {
        var world = World(try runPlan([task("a")]))
        world.hides = { _ in true }
        world.settle()
        world.pass(.seconds(5))
        #expect(world.created.count == 1)
        #expect(world.phase == .running)
        world.hides = { _ in false }
        world.succeed("a")
        #expect(world.phase == .succeeded)
        #expect(world.violations.isEmpty)
    }

    @Test("A pod that is never seen is asked for again, as the same attempt, without anything else happening")
    func neverSeen() throws {
        var world = World(try runPlan([task("a", retry: retries(1))]))
        world.hides = { _ in true }
        world.settle()
        var asked: [AttemptID] = []
        world.now = try #require(world.wakeAt)
        let step = world.machine.step(observed: [], now: world.now, admits: true, isCancelled: false)
        for case .create(let attempt) in step.effects { asked.append(attempt.id) }
        #expect(asked == [AttemptID(InstanceID(task: "a"), number: 1)])
    }

    @Test("A cancelled run does not wait for ever for a pod that was made and is never seen")
    func neverSeenCancelled() throws {
        var world = World(try runPlan([task("a")]))
        world.hides = { _ in true }
        world.settle()
        world.cancel()
        #expect(world.phase == .running, "The pod may still show up, and would then have to be deleted")
        for _ in 0..<10 where !world.phase.isFinal {
            world.now = try #require(world.wakeAt)
            world.settle()
        }
        #expect(world.phase == .cancelled)
    }

    @Test("A pod that vanishes while it runs is a lost attempt, and the next one follows")
    func vanish() throws {
        var world = try World([task("a", retry: retries(1))])
        world.begin("a")
        world.vanish("a")
        #expect(world.living.isEmpty)
        world.pass(.seconds(10))
        #expect(world.living == ["a (attempt 2)"])
        world.vanish("a")
        #expect(world.failure(of: "a") == Failure(.lost, "its pod is gone"))
        #expect(world.phase == .failed)
    }

    @Test("An attempt that ended keeps its outcome when its pod is removed")
    func removedAfterEnd() throws {
        var world = try World([
            task("a", outputs: ["x"]), task("b", needs: ["a"]),
            task("c", needs: ["b"], args: ["${{ tasks.a.outputs.x }}"]),
        ])
        world.succeed("a", outputs: ["x": 7])
        world.pods[world.created[0]] = nil
        world.succeed("b")
        #expect(world.arguments("c") == ["7"])
    }

    @Test("Seeing a pod twice, in any order, or as it was before it ended, changes nothing")
    func repeatedObservations() throws {
        let plan = try runPlan([task("a", retry: retries(2)), task("b", needs: ["a"])])
        let now = Timestamp(seconds: 1_800_000_000)
        let id = AttemptID(InstanceID(task: "a"), number: 1)
        let next = AttemptID(InstanceID(task: "a"), number: 2)
        func seen(_ id: AttemptID, _ phase: AttemptObservation.Phase) -> AttemptObservation {
            AttemptObservation(
                id: id, pod: World.name(id), phase: phase, createdAt: now, startedAt: now, finishedAt: now)
        }
        let failed = seen(id, .failed(Failure(.error, "exit code 1")))
        let running = seen(next, .running)
        var machine = RunMachine(plan: plan)
        for observed in [[running, failed], [failed, running, failed, running], [running]] {
            let step = machine.step(observed: observed, now: now, admits: true, isCancelled: false)
            #expect(step.effects.isEmpty)
            #expect(machine.tasks[0].instances[0].attempt == 2)
            #expect(machine.tasks[0].instances[0].phase == .running)
        }
        let done = seen(next, .succeeded(outputs: [:]))
        #expect(machine.step(observed: [failed, done], now: now, admits: true, isCancelled: false).effects.count == 1)
        let stale = machine.step(observed: [failed, running], now: now, admits: true, isCancelled: false)
        #expect(stale.effects.isEmpty)
        #expect(machine.tasks[0].phase == .succeeded)
    }

    @Test("An answer to a creation that nobody waits for is passed over")
    func strayAnswer() throws {
        var world = try World([task("a")])
        world.begin("a")
        let a = AttemptID(InstanceID(task: "a"), number: 1)
        for id in [
            a, AttemptID(InstanceID(task: "a"), number: 9), AttemptID(InstanceID(task: "a", index: 5), number: 1),
            AttemptID(InstanceID(task: "nobody"), number: 1),
        ] {
            world.machine.creationEnded(id, .rejected(message: "late"), now: world.now)
        }
        world.succeed("a")
        #expect(world.phase == .succeeded)
    }

    @Test("Pods of tasks and items that the plan does not have are passed over")
    func foreignPods() throws {
        var world = try World([task("a"), task("each", map: MapSpec(count: 1))])
        let now = world.now
        let foreign = [
            AttemptID(InstanceID(task: "nobody"), number: 1), AttemptID(InstanceID(task: "each", index: 7), number: 1),
            AttemptID(InstanceID(task: "each"), number: 1), AttemptID(InstanceID(task: "a", index: 0), number: 3),
        ].map { AttemptObservation(id: $0, pod: "foreign", phase: .failed(Failure(.error, "x")), createdAt: now) }
        let step = world.machine.step(
            observed: world.observed + foreign, now: now, admits: true, isCancelled: false)
        #expect(step.effects.isEmpty)
        world.succeed("a")
        world.succeed("each", 0)
        #expect(world.phase == .succeeded)
    }

    @Test("A pod is told everything that its attempt needs")
    func attemptPlan() throws {
        let world = try World(
            [task("a", args: ["${{ params.date }}"], outputs: ["x"], timeout: "5m")],
            params: [ParamSpec(name: "date", value: "2026-01-01")])
        let plan = try #require(world.pods.values.first?.plan)
        #expect(plan.outputs == ["x"])
        #expect(plan.timeout == .seconds(300))
        #expect(plan.container.args == ["2026-01-01"])
        for variable in [
            EnvVar(name: "FLOWENGINE_RUN", value: "train-1"), EnvVar(name: "FLOWENGINE_TASK", value: "a"),
            EnvVar(name: "FLOWENGINE_ATTEMPT", value: "1"), EnvVar(name: "PARAM_DATE", value: "2026-01-01"),
        ] {
            #expect(plan.container.env.contains(variable))
        }
    }
}
