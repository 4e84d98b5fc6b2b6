import Testing

@testable import KubeRuntime

@Suite("Monitor", .timeLimit(.minutes(1)))
struct MonitorTests {
    @Test("A waiter goes on when a change makes its attempt succeed")
    func wakes() async throws {
        let monitor = Monitor(0)
        async let value = monitor.wait { $0 >= 3 ? $0 : nil }
        for _ in 0..<3 { monitor.change { $0 += 1 } }
        #expect(try await value == 3)
    }

    @Test("Each thing is taken by one waiter only")
    func takes() async throws {
        let monitor = Monitor([Int]())
        let taken = Journal<Int>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    taken.append(try await monitor.wait { $0.isEmpty ? nil : $0.removeFirst() })
                }
            }
            for value in 0..<50 { monitor.change { $0.append(value) } }
            try await group.waitForAll()
        }
        #expect(taken.entries.sorted() == Array(0..<50))
        #expect(monitor.read { $0.isEmpty })
    }

    @Test("A cancelled wait ends with CancellationError, before or after it began")
    func cancels() async throws {
        let monitor = Monitor(0)
        let task = Task { try await monitor.wait { state -> Int? in state > 0 ? state : nil } }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        monitor.change { $0 = 1 }
        let late = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await monitor.wait { state -> Int? in state > 1 ? state : nil }
        }
        await #expect(throws: CancellationError.self) { try await late.value }
    }

    @Test("A waiter whose condition another waiter's taking fulfils is not forgotten")
    func secondPass() async throws {
        let monitor = Monitor([1])
        let order = Journal<String>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                _ = try await monitor.wait { state -> Bool? in state.isEmpty ? true : nil }
                order.append("empty")
            }
            group.addTask {
                _ = try await monitor.wait { state -> Int? in state.popLast() }
            }
            try await group.waitForAll()
        }
        #expect(order.entries == ["empty"])
    }
}
