@testable import KubeRuntime

/// What happened, in order, for tests that wait for it.
final class Journal<Entry: Sendable>: Sendable {
    private let monitor = Monitor<[Entry]>([])

    var entries: [Entry] { monitor.read { $0 } }

    func append(_ entry: Entry) { monitor.change { $0.append(entry) } }

    /// Returns the entries when there are at least so many.
    @discardableResult
    func wait(for count: Int) async throws -> [Entry] {
        try await monitor.wait { $0.count >= count ? $0 : nil }
    }

    /// Takes what is there.
    func drain() -> [Entry] {
        monitor.change { entries in
            defer { entries = [] }
            return entries
        }
    }
}
