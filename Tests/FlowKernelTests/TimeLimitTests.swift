import FlowAPI
import FlowKernel
import KubeCore
import Testing

@Suite("Time limits")
struct TimeLimitTests {
    @Test("The kernel ends an attempt 30 seconds past its timeout, if nobody else has")
    func slack() throws {
        var world = try World([task("a", timeout: "1m")])
        world.pass(.seconds(500))
        world.begin("a")
        #expect(world.wakeAt == world.now + .seconds(90))
        world.pass(.seconds(89))
        #expect(world.deletions.isEmpty)
        world.pass(.seconds(1))
        #expect(world.deletions.first?.reason == .timeout)
        #expect(world.phase == .running)
        world.confirmDeletion("a")
        #expect(world.phase == .failed)
        #expect(world.failure(of: "a") == Failure(.timeout, "it took longer than its timeout of 1m"))
    }

    @Test("A timeout that the kubelet found counts at once")
    func kubelet() throws {
        var world = try World([task("a", retry: retries(1, on: [.timeout]), timeout: "1m")])
        world.begin("a")
        world.pass(.seconds(60))
        world.fail("a", nil, .timeout, "DeadlineExceeded")
        world.pass(.seconds(10))
        #expect(world.living == ["a (attempt 2)"])
    }

    @Test("Each attempt has the whole timeout, and the machine wants to be woken for it")
    func secondAttempt() throws {
        var world = try World([task("a", retry: retries(1), timeout: "1m")])
        world.begin("a")
        world.pass(.seconds(80))
        world.fail("a")
        world.pass(.seconds(10))
        world.begin("a")
        let begun = world.now
        #expect(world.wakeAt == begun + .seconds(90))
        world.pass(.seconds(60))
        #expect(world.deletions.isEmpty)
        #expect(world.wakeAt == begun + .seconds(90))
        world.pass(.seconds(30))
        #expect(world.deletions.count == 1)
    }

    @Test("An attempt that ends well while it is being stopped has succeeded")
    func successWins() throws {
        var world = try World([task("a", timeout: "1m")])
        world.begin("a")
        world.pass(.seconds(90))
        #expect(world.deletions.count == 1)
        world.succeed("a")
        #expect(world.phase == .succeeded)
    }

    @Test("A deletion that fails is asked for again without anything else happening")
    func deletionRepeated() throws {
        var world = try World([task("a", timeout: "1m")])
        world.begin("a")
        world.ignoresDeletions = true
        world.now = world.now + .seconds(90)
        world.step()
        #expect(world.deletions.count == 1)
        let wake = try #require(world.wakeAt)
        #expect(wake > world.now && wake <= world.now + .seconds(60))
        world.now = wake
        world.step()
        #expect(world.deletions.count == 2)
        world.ignoresDeletions = false
        world.settle()
        let asked = world.deletions.count
        world.pass(.seconds(60))
        #expect(world.deletions.count == asked, "A pod that is terminating is not deleted again")
        world.confirmDeletion("a")
        #expect(world.phase == .failed)
    }

    @Test("The run ends when it takes longer than its timeout, and what runs is stopped")
    func runTimeout() throws {
        var world = try World(
            [task("a", retry: retries(3)), task("b", needs: ["a"]), task("c", retry: retries(3))], timeout: "10m")
        #expect(world.wakeAt == world.now + .seconds(600))
        world.begin("a")
        world.pass(.seconds(595))
        world.fail("c")
        world.pass(.seconds(5))
        #expect(world.deletions.map(\.reason) == [.timeout])
        #expect(world.phase(of: "b") == .skipped)
        #expect(world.living == ["a"])
        world.confirmDeletion("a")
        #expect(world.phase == .failed)
        #expect(world.summary.message == "the run took longer than its timeout of 10m")
        #expect(world.summary.duration == "10m")
        #expect(world.failure(of: "c")?.reason == .timeout)
        #expect(world.created.count == 2)
    }

    @Test("The timeout of a run counts from its start, which a rebuilt machine is told")
    func timeoutOfRebuilt() throws {
        var world = try World([task("a")], timeout: "10m")
        world.machine = RunMachine(plan: world.plan, startedAt: world.machine.startedAt)
        world.pods = [:]
        world.pass(.seconds(600))
        #expect(world.phase == .failed)
    }

    @Test("A run that succeeded in time has succeeded, though it is looked at only after its timeout")
    func lateLook() throws {
        var world = try World(
            [task("a"), task("b", needs: ["a"], if: "${{ false }}")], timeout: "10m",
            outputs: [RunOutputSpec(name: "x", value: "done")])
        let name = world.created[0]
        world.pods[name]?.phase = .succeeded(outputs: [:])
        world.pods[name]?.finishedAt = world.now + .seconds(300)
        world.now = world.now + .seconds(3_000)
        world.settle()
        #expect(world.phase == .succeeded)
        #expect(world.machine.outputs["x"] == "done")
        #expect(world.summary.duration == "5m")
    }

    @Test("A run that failed in time is failed for its own reason, though it is looked at only after its timeout")
    func lateLookAtFailure() throws {
        var world = try World([task("a"), task("b", needs: ["a"])], timeout: "10m")
        let name = world.created[0]
        world.pods[name]?.phase = .failed(Failure(.error, "exit code 3"))
        world.pods[name]?.finishedAt = world.now + .seconds(300)
        world.now = world.now + .seconds(3_000)
        world.settle()
        #expect(world.phase == .failed)
        #expect(world.summary.message == "task a failed: exit code 3")
    }

    @Test("A pod that cannot begin is given five minutes")
    func stuck() throws {
        var world = try World([task("a", retry: retries(1, on: [.startFailed]))])
        world.getStuck("a", nil, "ErrImagePull: no such image")
        #expect(world.summary.message == "task a cannot start: ErrImagePull: no such image")
        #expect(world.wakeAt != nil)
        world.pass(.seconds(299))
        #expect(world.deletions.isEmpty)
        world.pass(.seconds(1))
        #expect(world.deletions.map(\.reason) == [.startFailed])
        world.confirmDeletion("a")
        #expect(world.living.isEmpty)
        world.pass(.seconds(10))
        #expect(world.living == ["a (attempt 2)"])
        world.getStuck("a", nil, "ErrImagePull: no such image")
        world.pass(.seconds(300))
        world.confirmDeletion("a")
        #expect(world.failure(of: "a") == Failure(.startFailed, "ErrImagePull: no such image"))
        #expect(world.phase == .failed)
    }

    @Test("A pod that finds no room on any node waits, however long, and says so")
    func noRoom() throws {
        var world = try World([task("a")])
        world.findNoRoom("a", nil, "0/3 nodes are available: 3 Insufficient cpu.")
        world.pass(.seconds(86_400))
        #expect(world.deletions.isEmpty)
        #expect(world.summary.message == "task a cannot start: 0/3 nodes are available: 3 Insufficient cpu.")
        world.begin("a")
        world.succeed("a")
        #expect(world.phase == .succeeded)
    }

    @Test("The machine wakes by itself when the time of a pod that cannot begin is over")
    func stuckWake() throws {
        var world = try World([task("a")])
        world.getStuck("a", nil, "ErrImagePull")
        for _ in 0..<20 where world.deletions.isEmpty {
            world.now = try #require(world.wakeAt)
            world.step()
        }
        #expect(world.deletions.count == 1)
    }

    @Test("A pod that began after all is left alone")
    func unstuck() throws {
        var world = try World([task("a")])
        world.getStuck("a", nil, "0/1 nodes are available")
        world.pass(.seconds(200))
        world.begin("a")
        world.pass(.seconds(1_000))
        #expect(world.deletions.isEmpty)
        world.succeed("a")
        #expect(world.phase == .succeeded)
    }

    @Test("A pod that is only on its way is waited for")
    func pending() throws {
        var world = try World([task("a", timeout: "1m")])
        world.pass(.seconds(3_000))
        #expect(world.deletions.isEmpty)
        #expect(world.phase(of: "a") == .queued)
    }
}
