import Synchronization

/// The texts of `Warning` headers, gathered while a request is worked on. Each is kept once.
package final class WarningList: Sendable {
    private let state = Mutex<[String]>([])

    package init() {}

    package var texts: [String] { state.withLock { $0 } }

    package func add(_ texts: [String]) {
        if texts.isEmpty { return }
        state.withLock { list in
            for text in texts where !list.contains(text) { list.append(text) }
        }
    }
}
