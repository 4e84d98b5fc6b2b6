import FlowAPI
import FlowKernel
import KubeCore
import Testing

@Suite("Retries")
struct RetryTests {
    @Test("A failed attempt is followed by another after the gap, until one succeeds")
    func retry() throws {
        var world = try World([task("a", retry: retries(2)), task("b", needs: ["a"])])
        world.fail("a")
        #expect(world.living.isEmpty)
        #expect(world.phase(of: "a") == .running)
        #expect(world.wakeAt == world.now + .seconds(10))
        world.pass(.milliseconds(9_999))
        #expect(world.living.isEmpty)
        world.pass(.milliseconds(1))
        #expect(world.living == ["a (attempt 2)"])
        world.succeed("a")
        #expect(world.living == ["b"])
    }

    @Test("After the last attempt the task fails for the reason of that attempt")
    func limit() throws {
        var world = try World([task("a", retry: retries(2))])
        for message in ["first", "second", "third"] {
            #expect(world.phase == .running)
            world.fail("a", nil, .error, message)
            world.pass(.seconds(10))
        }
        #expect(world.phase == .failed)
        #expect(world.created.count == 3)
        #expect(world.failure(of: "a")?.message == "third")
        #expect(world.summary.failed.map(\.attempt) == [3])
        #expect(world.summary.message == "task a failed after 3 attempts: third")
        #expect(world.summary.taskStates.map(\.attempts) == [3])
    }

    @Test("Without a policy there is one attempt")
    func noPolicy() throws {
        var world = try World([task("a")])
        world.fail("a")
        #expect(world.phase == .failed)
    }

    @Test(
        "Errors, timeouts and lost pods are retried by default, other reasons are not",
        arguments: FailureReason.allCases)
    func defaultReasons(reason: FailureReason) throws {
        var world = try World([task("a", retry: retries(1))])
        world.fail("a", nil, reason, "so it is")
        #expect((world.phase == .running) == [.error, .timeout, .lost].contains(reason))
    }

    @Test(
        "A policy's reasons replace the default ones, and never make retriable what is not",
        arguments: FailureReason.allCases)
    func givenReasons(reason: FailureReason) throws {
        let policy = retries(1, on: [.startFailed, .outputInvalid, .rejected, .expression, .cancelled])
        var world = try World([task("a", retry: policy)])
        world.fail("a", nil, reason, "so it is")
        #expect((world.phase == .running) == [.startFailed, .outputInvalid].contains(reason))
    }

    @Test("A policy with no retriable reason retries nothing")
    func nothingRetriable() throws {
        var world = try World([task("a", retry: retries(1, on: [.rejected]))])
        world.fail("a")
        #expect(world.phase == .failed)
    }

    @Test("The gap grows by its factor from attempt to attempt, up to the maximum")
    func backoff() throws {
        let policy = RetryPolicy(limit: 5, backoff: Backoff(base: "1s", factor: 3, max: "20s"))
        #expect(try gaps(policy) == [.seconds(1), .seconds(3), .seconds(9), .seconds(20), .seconds(20)])
    }

    @Test("Without a backoff the gap is a second, and doubles up to five minutes")
    func defaultBackoff() throws {
        let expected = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map { Duration.seconds($0) }
        #expect(try gaps(RetryPolicy(limit: 11)) == expected)
    }

    @Test(
        "A base above the maximum waits the maximum; factors beyond all sense do no harm",
        arguments: [
            1e300, -1e300, .infinity, -.infinity, .nan, 0,
        ])
    func strangeBackoff(factor: Double) throws {
        let policy = RetryPolicy(limit: 4, backoff: Backoff(base: "10s", factor: factor, max: "30s"))
        let waits = try gaps(policy)
        #expect(waits.count == 4)
        #expect(waits.allSatisfy { $0 >= .zero && $0 <= .seconds(30) })
        #expect(
            try gaps(RetryPolicy(limit: 2, backoff: Backoff(base: "1h", factor: 2, max: "1m")))
                == [.seconds(60), .seconds(60)])
    }

    @Test("The items of a map are retried each for itself")
    func map() throws {
        var world = try World([task("each", map: MapSpec(count: 2), retry: retries(1))])
        world.fail("each", 0)
        world.pass(.seconds(10))
        #expect(world.living == ["each[0] (attempt 2)", "each[1]"])
        world.fail("each", 1)
        world.pass(.seconds(10))
        world.succeed("each", 1)
        world.succeed("each", 0)
        #expect(world.phase == .succeeded)
    }

    @Test("While it waits for its next attempt a task takes no place")
    func placesInBackoff() throws {
        var world = try World([task("a", retry: retries(1)), task("b")], maxParallel: 1)
        world.fail("a")
        #expect(world.living == ["b"])
        world.pass(.seconds(10))
        #expect(world.living == ["b"])
        world.succeed("b")
        #expect(world.living == ["a (attempt 2)"])
    }

    @Test("The gap counts from the end of the attempt, not from when the end was seen")
    func gapFromEnd() throws {
        var world = try World([task("a", retry: retries(1))])
        let name = world.created[0]
        world.pods[name]?.phase = .failed(Failure(.error, "exit code 1"))
        world.pods[name]?.finishedAt = world.now
        world.now = world.now + .seconds(60)
        world.settle()
        #expect(world.living == ["a (attempt 2)"])
    }

    @Test("The pod of an attempt is kept until the next attempt has one")
    func memory() throws {
        var world = try World([task("a", retry: retries(1))])
        let first = world.created[0]
        world.fail("a")
        #expect(world.pods[first] != nil)
        world.pass(.seconds(10))
        #expect(world.pods[first] == nil)
    }

    @Test("Attempts that were begun are counted while the next one waits")
    func attempts() throws {
        var world = try World([task("a", retry: retries(1))])
        #expect(world.summary.taskStates.map(\.attempts) == [1])
        world.fail("a")
        #expect(world.summary.taskStates.map(\.attempts) == [1])
        world.pass(.seconds(10))
        #expect(world.summary.taskStates.map(\.attempts) == [2])
    }

    /// The gaps after attempts 1, 2, … until no other attempt is granted.
    private func gaps(_ policy: RetryPolicy) throws -> [Duration] {
        let retry = try #require(try runPlan([task("a", retry: policy)]).tasks.first?.retry)
        var gaps: [Duration] = []
        while let gap = retry.gap(after: gaps.count + 1, .error) { gaps.append(gap) }
        return gaps
    }
}
