/// Runs `operation` until a deadline; nil when the deadline came first. The operation is then cancelled, and has ended
/// when this returns.
///
/// An operation that takes something must not be run this way: it may succeed while the deadline passes, and its result
/// is then dropped.
func withDeadline<Value: Sendable>(
    _ deadline: Duration, _ clock: RuntimeClock, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await clock.sleep(until: deadline)
            return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
}
