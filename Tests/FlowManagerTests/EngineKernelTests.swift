import FlowAPI
import FlowKernel
import FlowManager
import KubeCore
import Testing

@Suite("The kernel of an Engine")
struct EngineKernelTests {
    static let engine = ObjectID(namespace: "shop", name: "shop", uid: "engine-1")

    @Test("A step makes the pods that the run needs, and reports how it stands")
    func create() async throws {
        let driver = RecordingDriver()
        let kernel = EngineKernel(engine: Self.engine, driver: driver)
        let time = ManualTime()
        await kernel.adopt(try plan([task("a"), task("b", needs: ["a"])]), startedAt: nil)
        let report = try #require(await step(kernel, driver, time))
        #expect(driver.created == ["run-1: a"])
        #expect(report.status.phase == .running)
        #expect(report.mustStepAgain == false)
        #expect(report.countedPods.isEmpty)

        driver.end("run-1: a", .succeeded(outputs: [:]))
        _ = await step(kernel, driver, time)
        driver.end("run-1: b", .succeeded(outputs: [:]))
        let last = try #require(await step(kernel, driver, time))
        #expect(last.status.phase == .succeeded)
        #expect(last.wakeAt == nil)
        #expect(last.countedPods == ["run-1: a", "run-1: b"])
        #expect(driver.created == ["run-1: a", "run-1: b"])
    }

    @Test("Each way a creation can end is acted on")
    func outcomes() async throws {
        let driver = RecordingDriver()
        driver.answer(["later": .deferred(message: "exceeded quota"), "never": .rejected(message: "webhook says no")])
        let kernel = EngineKernel(engine: Self.engine, driver: driver)
        let time = ManualTime()
        await kernel.adopt(
            try plan([task("good"), task("later"), task("never"), task("after", needs: ["never"])]), startedAt: nil)
        let first = try #require(await step(kernel, driver, time))
        #expect(first.mustStepAgain)
        #expect(first.wakeAt == time.now + .seconds(2))
        #expect(first.status.taskStates.first { $0.name == "later" }?.message == "exceeded quota")

        let second = try #require(await step(kernel, driver, time))
        #expect(second.mustStepAgain == false)
        let phases = second.status.taskStates.map(\.phase)
        #expect(phases == [.running, .queued, .failed, .skipped])
        #expect(second.status.failed.map(\.message) == ["webhook says no"])
        #expect(driver.created.count == 3)

        driver.answer([:])
        time.pass(.seconds(2))
        _ = await step(kernel, driver, time)
        #expect(driver.created.filter { $0 == "run-1: later" }.count == 2)
        driver.end("run-1: good", .succeeded(outputs: [:]))
        driver.end("run-1: later", .succeeded(outputs: [:]))
        #expect(await step(kernel, driver, time)?.status.phase == .failed)
    }

    @Test("At most sixteen pods of a run are asked for at the same time")
    func concurrency() async throws {
        let gate = Gate()
        let driver = RecordingDriver(gate: gate)
        let kernel = EngineKernel(engine: Self.engine, driver: driver)
        await kernel.adopt(try plan([task("each", map: MapSpec(count: 50))]), startedAt: nil)
        let time = ManualTime()
        async let report = step(kernel, driver, time)
        await gate.arrivals(16)
        #expect(driver.created.count == 16)
        await gate.releaseOne()
        await gate.arrivals(17)
        #expect(driver.created.count == 17)
        await gate.open()
        #expect(await report?.status.phase == .running)
        #expect(driver.created.count == 50)
        #expect(driver.mostRunning == 16)
    }

    @Test("Pods are deleted by the names under which they are observed")
    func delete() async throws {
        let driver = RecordingDriver()
        let kernel = EngineKernel(engine: Self.engine, driver: driver)
        let time = ManualTime()
        await kernel.adopt(try plan([task("each", map: MapSpec(count: 2))]), startedAt: nil)
        _ = await step(kernel, driver, time)
        let report = try #require(await step(kernel, driver, time, isCancelled: true))
        #expect(driver.deleted.sorted() == ["run-1: each[0]", "run-1: each[1]"])
        #expect(report.wakeAt != nil, "A deletion that failed must be asked for again")
        for pod in driver.deleted { driver.end(pod, .failed(Failure(.lost, "its pod was deleted"))) }
        #expect(await step(kernel, driver, time, isCancelled: true)?.status.phase == .cancelled)
    }

    @Test("A step of a run that is not known here gives nothing and does nothing")
    func unknown() async throws {
        let driver = RecordingDriver()
        let kernel = EngineKernel(engine: Self.engine, driver: driver)
        #expect(await step(kernel, driver, ManualTime()) == nil)
        #expect(driver.created.isEmpty)
    }

    @Test("A run that is forgotten while its pods are made stays forgotten")
    func forgetDuringStep() async throws {
        let gate = Gate()
        let driver = RecordingDriver(gate: gate)
        let kernel = EngineKernel(engine: Self.engine, driver: driver)
        await kernel.adopt(try plan([task("a")]), startedAt: nil)
        let time = ManualTime()
        async let report = step(kernel, driver, time)
        await gate.arrivals(1)
        await kernel.forget(run: "uid-1")
        await gate.open()
        #expect(await report == nil)
        #expect(await kernel.knows(run: "uid-1") == false)
        #expect(await kernel.activeRuns == 0)
    }

    @Test("While one run's pods are made another run goes on")
    func independentRuns() async throws {
        let gate = Gate()
        let driver = RecordingDriver(gate: gate)
        let kernel = EngineKernel(engine: Self.engine, driver: driver)
        await kernel.adopt(try plan([task("a")]), startedAt: nil)
        await kernel.adopt(try plan([task("a", if: "${{ false }}")], run: "2"), startedAt: nil)
        let time = ManualTime()
        async let slow = step(kernel, driver, time)
        await gate.arrivals(1)
        #expect(await step(kernel, driver, time, run: "2")?.status.phase == .succeeded)
        await gate.open()
        #expect(await slow?.status.phase == .running)
    }

    @Test("Adopting a run a second time changes nothing; after it was forgotten it starts from its pods")
    func adoptAgain() async throws {
        let driver = RecordingDriver()
        let kernel = EngineKernel(engine: Self.engine, driver: driver)
        let time = ManualTime()
        let content = try plan([task("a"), task("b", needs: ["a"])])
        await kernel.adopt(content, startedAt: nil)
        _ = await step(kernel, driver, time)
        driver.end("run-1: a", .succeeded(outputs: [:]))
        _ = await step(kernel, driver, time)
        await kernel.adopt(content, startedAt: nil)
        #expect(await kernel.activeRuns == 1)
        await kernel.forget(run: "uid-1")
        await kernel.adopt(content, startedAt: time.now)
        let report = try #require(await step(kernel, driver, time))
        #expect(report.status.taskStates.map(\.phase) == [.succeeded, .running])
        #expect(driver.created == ["run-1: a", "run-1: b"])
    }

    @Test("What falls due while pods are made is not slept through")
    func dueMeanwhile() async throws {
        let gate = Gate(isOpen: true)
        let driver = RecordingDriver(gate: gate)
        let kernel = EngineKernel(engine: Self.engine, driver: driver)
        let time = ManualTime()
        let retry = RetryPolicy(limit: 1, backoff: Backoff(base: "5s"))
        await kernel.adopt(try plan([task("a"), task("flaky", retry: retry), task("b", needs: ["a"])]), startedAt: nil)
        _ = await step(kernel, driver, time)
        driver.end("run-1: flaky", .failed(Failure(.error, "exit code 1")))
        #expect(await step(kernel, driver, time)?.wakeAt == time.now + .seconds(5))
        time.pass(.seconds(4))
        driver.end("run-1: a", .succeeded(outputs: [:]))
        // Making b's pod takes from second 4 to second 10, over the end of the gap at second 5.
        let slowly = Slowly(driver: driver, time: time)
        let other = EngineKernel(engine: Self.engine, driver: slowly)
        await other.adopt(try plan([task("a"), task("flaky", retry: retry), task("b", needs: ["a"])]), startedAt: nil)
        let report = try #require(await step(other, driver, time))
        #expect(driver.created.last == "run-1: b")
        #expect(time.now == RecordingDriver.start + .seconds(10))
        #expect(report.wakeAt == RecordingDriver.start + .seconds(5))
        _ = await step(other, driver, time)
        #expect(driver.created.last == "run-1: flaky (attempt 2)")
    }

    @Test("The pod of an attempt that was followed by another may go while the run goes on")
    func counted() async throws {
        let driver = RecordingDriver()
        let kernel = EngineKernel(engine: Self.engine, driver: driver)
        let time = ManualTime()
        let retry = RetryPolicy(limit: 1, backoff: Backoff(base: "5s"))
        await kernel.adopt(try plan([task("a", retry: retry)]), startedAt: nil)
        _ = await step(kernel, driver, time)
        driver.end("run-1: a", .failed(Failure(.error, "exit code 1")))
        #expect(await step(kernel, driver, time)?.countedPods == [])
        time.pass(.seconds(5))
        #expect(await step(kernel, driver, time)?.countedPods == [], "The second pod has not been observed yet")
        #expect(await step(kernel, driver, time)?.countedPods == ["run-1: a"])
    }

    // MARK: Helpers

    private func step(
        _ kernel: EngineKernel, _ driver: RecordingDriver, _ time: ManualTime, run: String = "1",
        isCancelled: Bool = false
    ) async -> RunReport? {
        await kernel.step(
            run: "uid-\(run)", observed: driver.observed.filter { $0.pod.hasPrefix("run-\(run): ") }, admits: true,
            isCancelled: isCancelled, now: { time.now })
    }

    private func plan(_ tasks: [TaskSpec], run: String = "1") throws -> RunPlan {
        let identity = RunIdentity(
            namespace: "shop", name: "run-\(run)", uid: "uid-\(run)", job: "train", engine: "shop")
        let revision = Revision(job: JobSpec(engine: "shop", tasks: tasks), engine: EngineSpec())
        return try RunPlan(run: identity, revision: revision, params: [:])
    }

    private func task(
        _ name: String, needs: [String] = [], map: MapSpec? = nil, if condition: String? = nil,
        retry: RetryPolicy? = nil
    ) -> TaskSpec {
        TaskSpec(name: name, needs: needs, script: "true", map: map, if: condition, retry: retry)
    }
}

/// A driver whose creations take six seconds.
private struct Slowly: WorkloadDriver {
    let driver: RecordingDriver
    let time: ManualTime

    func create(_ attempt: AttemptPlan, of run: RunIdentity) async -> CreationOutcome {
        time.pass(.seconds(6))
        return await driver.create(attempt, of: run)
    }

    func delete(pod: String, of run: RunIdentity) async { await driver.delete(pod: pod, of: run) }
}
