import Testing

@testable import KubeRuntime

@Suite("Work queue", .timeLimit(.minutes(1)))
struct WorkQueueTests {
    let clock = ManualClock()

    func queue(backoff: Backoff = Backoff(jitter: 0)) -> WorkQueue<String> {
        WorkQueue(name: "test", backoff: backoff, clock: clock.runtime, random: .constant(0))
    }

    /// Runs the queue's timer around a body.
    func running(
        _ queue: WorkQueue<String>, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await queue.run() }
            try await body()
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }

    @Test("Keys come out in the order in which they were added, each once")
    func dedupes() async throws {
        let queue = queue()
        for key in ["a", "b", "a", "c", "b"] { queue.add(key) }
        #expect(queue.statistics.depth == 3)
        #expect(queue.statistics.adds == 3)
        let keys = [try await queue.next(), try await queue.next(), try await queue.next()]
        #expect(keys == ["a", "b", "c"])
        #expect(queue.statistics.depth == 0)
    }

    @Test("A key in hand is not handed out again before it is done, and then comes back once")
    func serializes() async throws {
        let queue = queue()
        queue.add("a")
        #expect(try await queue.next() == "a")
        queue.add("a")
        queue.add("a")
        queue.add("b")
        #expect(try await queue.next() == "b")
        #expect(queue.statistics.depth == 0)
        queue.done("a")
        #expect(try await queue.next() == "a")
        queue.done("a")
        queue.done("b")
        #expect(queue.statistics.depth == 0)
        #expect(queue.statistics.inFlight == 0)
    }

    @Test("A waiting worker gets a key as it is added")
    func wakes() async throws {
        let queue = queue()
        async let key = queue.next()
        queue.add("a")
        #expect(try await key == "a")
    }

    @Test("A delayed key comes when its time has come, not before")
    func delays() async throws {
        let queue = queue()
        try await running(queue) { [clock] in
            queue.add("a", after: .seconds(5))
            try await clock.waitForSleeper(in: .seconds(5))
            clock.advance(by: .seconds(4))
            #expect(queue.statistics.depth == 0)
            clock.advance(by: .seconds(1))
            #expect(try await queue.next() == "a")
        }
    }

    @Test("Of two delays of a key the earlier counts, whichever came first")
    func earliest() async throws {
        let queue = queue()
        try await running(queue) { [clock] in
            queue.add("a", after: .seconds(5))
            queue.add("a", after: .seconds(2))
            queue.add("a", after: .seconds(9))
            try await clock.waitForSleeper(in: .seconds(2))
            clock.advance(by: .seconds(2))
            #expect(try await queue.next() == "a")
            queue.done("a")
            #expect(queue.statistics.delayed == 0)
        }
    }

    @Test("A shorter delay of another key wakes a timer that sleeps for a longer one")
    func rearms() async throws {
        let queue = queue()
        try await running(queue) { [clock] in
            queue.add("late", after: .seconds(60))
            try await clock.waitForSleeper(in: .seconds(60))
            queue.add("early", after: .seconds(1))
            try await clock.waitForSleeper(in: .seconds(1))
            clock.advance(by: .seconds(1))
            #expect(try await queue.next() == "early")
            #expect(queue.statistics.delayed == 1)
        }
    }

    @Test("An immediate add replaces a delayed one")
    func immediateWins() async throws {
        let queue = queue()
        queue.add("a", after: .seconds(5))
        queue.add("a")
        #expect(try await queue.next() == "a")
        #expect(queue.statistics.delayed == 0)
        queue.done("a")
        queue.add("a")
        queue.add("a", after: .seconds(5))
        #expect(queue.statistics.delayed == 0)
    }

    @Test("A key that becomes due while in hand comes back when it is done")
    func dueWhileInHand() async throws {
        let queue = queue()
        try await running(queue) { [clock] in
            queue.add("a")
            #expect(try await queue.next() == "a")
            queue.add("a", after: .seconds(1))
            try await clock.waitForSleeper(in: .seconds(1))
            clock.advance(by: .seconds(1))
            queue.add("b")
            #expect(try await queue.next() == "b")
            queue.done("a")
            #expect(try await queue.next() == "a")
        }
    }

    @Test("Failures of a key back off exponentially until they are forgotten")
    func backsOff() async throws {
        let queue = queue(backoff: Backoff(initial: .seconds(1), factor: 2, cap: .seconds(3), jitter: 0))
        #expect(queue.addAfterFailure("a") == .seconds(1))
        #expect(queue.addAfterFailure("a") == .seconds(2))
        #expect(queue.addAfterFailure("a") == .seconds(3))
        #expect(queue.addAfterFailure("b") == .seconds(1))
        #expect(queue.failures(of: "a") == 3)
        #expect(queue.statistics.retries == 4)
        queue.forget("a")
        #expect(queue.addAfterFailure("a") == .seconds(1))
        #expect(queue.addAfterFailure("a", atLeast: .seconds(60)) == .seconds(60))
    }

    @Test("Urgent keys come first, and a key that is added again takes the higher priority")
    func priorities() async throws {
        let queue = queue()
        queue.add("low", priority: .low)
        queue.add("raised", priority: .low)
        queue.add("normal")
        queue.add("high", priority: .high)
        queue.add("raised", priority: .high)
        var keys: [String?] = []
        for _ in 0..<4 { keys.append(try await queue.next()) }
        #expect(keys == ["high", "raised", "normal", "low"])
        #expect(queue.statistics.depth == 0)
    }

    @Test("Lanes take turns, so that one with many keys does not starve the others")
    func fairness() async throws {
        let queue = WorkQueue<String>(
            name: "test", clock: clock.runtime, lane: { $0.split(separator: "/").first.map(String.init) ?? "" })
        for number in 0..<5 { queue.add("busy/\(number)") }
        queue.add("quiet/0")
        var keys: [String?] = []
        for _ in 0..<3 { keys.append(try await queue.next()) }
        #expect(keys == ["busy/0", "quiet/0", "busy/1"])
    }

    @Test("After shutdown nothing is added, what is queued is handed out, and then workers get nil")
    func shutsDown() async throws {
        let queue = queue()
        queue.add("a")
        queue.add("b", after: .seconds(5))
        queue.shutDown()
        queue.add("c")
        #expect(try await queue.next() == "a")
        #expect(try await queue.next() == nil)
        #expect(queue.statistics.delayed == 0)
    }

    @Test("A key that was added again while in hand is still handed out after shutdown")
    func shutdownKeepsAgain() async throws {
        let queue = queue()
        queue.add("a")
        #expect(try await queue.next() == "a")
        queue.add("a")
        queue.shutDown()
        let worker = Task { try await queue.next() }
        // Long enough for the worker to ask before the key is there.
        for _ in 0..<100 { await Task.yield() }
        queue.done("a")
        #expect(try await worker.value == "a")
        queue.done("a")
        #expect(try await queue.next() == nil)
    }

    @Test("Draining ends when the last key in hand is done")
    func drains() async throws {
        let queue = queue()
        for key in ["a", "b", "c"] { queue.add(key) }
        _ = try await queue.next()
        queue.shutDown(discardingQueued: true)
        #expect(try await queue.next() == nil)
        let drained = Journal<String>()
        async let wait: Void = {
            try await queue.waitUntilDrained()
            drained.append("drained")
        }()
        #expect(drained.entries.isEmpty)
        queue.done("a")
        try await wait
        #expect(drained.entries == ["drained"])
    }

    @Test("A cancelled worker takes no key with it")
    func cancellation() async throws {
        let queue = queue()
        let worker = Task { try await queue.next() }
        worker.cancel()
        await #expect(throws: CancellationError.self) { _ = try await worker.value }
        queue.add("a")
        #expect(try await queue.next() == "a")
    }

    @Test("Shutdown ends the timer, even while it sleeps")
    func timerEnds() async throws {
        let queue = queue()
        queue.add("a", after: .seconds(5))
        async let timer: Void = queue.run()
        try await clock.waitForSleeper(in: .seconds(5))
        queue.shutDown()
        try await timer
    }

    @Test("Statistics tell how long the longest work has run")
    func longestRunning() async throws {
        let queue = queue()
        queue.add("a")
        queue.add("b")
        _ = try await queue.next()
        clock.advance(by: .seconds(3))
        _ = try await queue.next()
        clock.advance(by: .seconds(1))
        #expect(queue.statistics.longestRunning == .seconds(4))
        queue.done("a")
        #expect(queue.statistics.longestRunning == .seconds(1))
    }

    @Test("No key is lost or worked on twice at once under many producers and workers")
    func stress() async throws {
        let queue = queue()
        let inHand = Monitor<Set<String>>([])
        let seen = Monitor<[String: Int]>([:])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    while let key = try await queue.next() {
                        #expect(inHand.change { $0.insert(key).inserted })
                        await Task.yield()
                        seen.change { $0[key, default: 0] += 1 }
                        inHand.change { $0.remove(key) }
                        queue.done(key)
                    }
                }
            }
            await withTaskGroup(of: Void.self) { producers in
                for producer in 0..<4 {
                    producers.addTask {
                        for step in 0..<500 {
                            queue.add("key-\((step * 7 + producer) % 40)")
                            if step % 16 == 0 { await Task.yield() }
                        }
                    }
                }
            }
            queue.shutDown()
            try await group.waitForAll()
        }
        #expect(seen.read { $0.count } == 40)
        #expect(queue.statistics.depth == 0)
        #expect(queue.statistics.inFlight == 0)
    }
}
