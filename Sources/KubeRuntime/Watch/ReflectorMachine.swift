/// The list+watch protocol as a value: what has happened goes in, what to do comes out. No I/O, clock or lock.
///
/// ```
///            start                        initial-events-end
///   idle ──────────► streaming ────────────────────────────────────┐
///                      │ refused for good                          ▼
///                      └────────► paging ── last page ───────► watching(rv)
///                                   ▲                              │  cut, ended: watch again from rv
///                                   └───────── 410 ────────────────┘  (streaming, if the server can)
/// ```
///
/// Guarantees:
/// - A list is published whole or not at all: `replace` comes only after the last page or the bookmark that ends the
///   initial events. A break before that starts the list again.
/// - After a break a watch goes on from the last complete event or bookmark, so that no change is lost.
/// - `410 Gone` leads to a new list; as `replace` carries all objects, the cache can synthesize the deletions.
/// - Consecutive failures back off exponentially with jitter, never less than what the server asked for. A whole list,
///   an event or a bookmark ends the series.
///
/// Source: "API Concepts" of the Kubernetes documentation (efficient detection of changes, streaming lists,
/// resourceVersion semantics) and KEP-3157.
public struct ReflectorMachine<Element: WatchedElement>: Sendable {
    private enum Phase: Sendable {
        case idle
        /// A streaming list is coming in; nothing of it has been published.
        case streaming
        /// A paged list is coming in; nothing of it has been published.
        case paging
        case watching
        case waiting(then: Next)
    }

    private enum Next: Sendable {
        case list
        case watch
    }

    private var phase: Phase = .idle
    /// What has come in of a streaming list.
    private var initial: [ObjectKey: Element] = [:]
    /// What has come in of a paged list.
    private var pages: [Element] = []
    private let options: ReflectorOptions
    private let random: Randomness
    private var canStream: Bool
    private var failures = 0
    /// How many streaming lists in a row broke before they were whole. A server that knows nothing of them may send
    /// the objects and never the bookmark, so from the second time on lists are paged.
    private var brokenStreams = 0
    /// How many states in a row were too old for a watch before it had brought anything.
    private var expiredWatches = 0
    /// How often in a row a continue token expired. From the second time on the list is asked for in one piece.
    private var expiredContinues = 0
    /// Whether the current watch has brought anything.
    private var watchIsFruitful = false

    /// The state that the cache has reached; nil before the first list is whole.
    public private(set) var resourceVersion: String?

    public init(options: ReflectorOptions = ReflectorOptions(), random: Randomness = .system) {
        self.options = options
        self.random = random
        canStream = options.streamingList
    }

    /// Takes one input; returns what to do now.
    public mutating func step(_ input: Input) -> [Action] {
        switch (input, phase) {
        case (.start, .idle):
            return [beginList()]
        case (.waited, .waiting(then: .list)):
            return [beginList()]
        case (.waited, .waiting(then: .watch)):
            return [beginWatch()]
        case (.page(let page), .paging):
            return take(page)
        case (.failed(let failure), .paging):
            return listFailed(failure)
        case (.changed(let element), .streaming):
            initial[element.key] = element
            return []
        case (.deleted(let element), .streaming):
            initial[element.key] = nil
            return []
        case (.bookmark(let version, endOfInitialEvents: true), .streaming):
            return takeInitialEvents(version)
        case (.failed(let failure), .streaming):
            return streamingListFailed(failure)
        case (.ended, .streaming):
            return streamingListFailed(
                WatchFailure(.disconnected, "the server ended a streaming list before it was whole; listing again"))
        case (.changed(let element), .watching):
            advance(to: element.resourceVersion)
            return [.upsert(element)]
        case (.deleted(let element), .watching):
            advance(to: element.resourceVersion)
            return [.delete(element)]
        case (.bookmark(let version, _), .watching):
            advance(to: version)
            return [.progress(resourceVersion: resourceVersion ?? version)]
        case (.failed(let failure), .watching):
            return watchFailed(failure)
        case (.ended, .watching):
            return watchEnded()
        default:
            // An input that nothing asked for, such as an event read from a watch that was abandoned.
            return []
        }
    }

    // MARK: Lists

    private mutating func beginList() -> Action {
        initial = [:]
        pages = []
        if canStream {
            phase = .streaming
            return .watch(
                WatchRequest(resourceVersion: "", sendInitialEvents: true, timeoutSeconds: watchTimeout()))
        }
        phase = .paging
        return .list(ListRequest(limit: pageSize))
    }

    /// The first expired continue token is bad luck. After the second the list is asked for in one piece.
    private var pageSize: Int? { expiredContinues > 1 ? nil : options.pageSize }

    private mutating func take(_ page: Page) -> [Action] {
        pages.append(contentsOf: page.items)
        if let token = page.continueToken, !token.isEmpty {
            return [.list(ListRequest(limit: pageSize, continueToken: token))]
        }
        expiredContinues = 0
        let items = pages
        pages = []
        return [publish(items, page.resourceVersion), beginWatch()]
    }

    private mutating func takeInitialEvents(_ version: String) -> [Action] {
        let items = Array(initial.values)
        initial = [:]
        brokenStreams = 0
        phase = .watching
        watchIsFruitful = true
        return [publish(items, version)]
    }

    private mutating func publish(_ items: [Element], _ version: String) -> Action {
        failures = 0
        resourceVersion = version
        return .replace(items, resourceVersion: version)
    }

    private mutating func listFailed(_ failure: WatchFailure) -> [Action] {
        if failure.kind == .expired, !pages.isEmpty {
            expiredContinues += 1
            // A list that takes longer than the server keeps history does no better after a pause.
            if expiredContinues <= 2 { return [.report(failure, consecutive: failures + 1), beginList()] }
        }
        return backOff(failure, then: .list)
    }

    private mutating func streamingListFailed(_ failure: WatchFailure) -> [Action] {
        switch failure.kind {
        case .streamingListUnsupported:
            canStream = false
            return [beginList()]
        case .disconnected:
            brokenStreams += 1
            if brokenStreams > 1 { canStream = false }
            return backOff(failure, then: .list)
        case .expired, .unknownResourceVersion, .unreachable, .refused:
            return backOff(failure, then: .list)
        }
    }

    // MARK: Watches

    private mutating func beginWatch() -> Action {
        phase = .watching
        watchIsFruitful = false
        return .watch(
            WatchRequest(
                resourceVersion: resourceVersion ?? "", sendInitialEvents: false, timeoutSeconds: watchTimeout()))
    }

    private mutating func watchFailed(_ failure: WatchFailure) -> [Action] {
        switch failure.kind {
        case .expired, .unknownResourceVersion:
            expiredWatches += 1
            guard expiredWatches > 1 else {
                // To be expected after a long sleep or a quiet time, and cured by a list: no need to wait.
                return [.report(failure, consecutive: failures + 1), beginList()]
            }
            failures = max(failures, expiredWatches - 2)
            return backOff(failure, then: .list)
        case .disconnected, .unreachable, .refused, .streamingListUnsupported:
            return backOff(failure, then: .watch)
        }
    }

    private mutating func watchEnded() -> [Action] {
        if watchIsFruitful { return [beginWatch()] }
        return backOff(
            WatchFailure(.disconnected, "the server ended a watch that had brought nothing; watching again"),
            then: .watch)
    }

    /// Notes a sign of life. Versions never go backwards, even if a server replays events.
    private mutating func advance(to version: String) {
        watchIsFruitful = true
        failures = 0
        expiredWatches = 0
        guard !version.isEmpty else { return }
        if let current = resourceVersion, let known = UInt64(current), let new = UInt64(version), new <= known {
            return
        }
        resourceVersion = version
    }

    // MARK: Waiting

    private mutating func backOff(_ failure: WatchFailure, then next: Next) -> [Action] {
        failures += 1
        phase = .waiting(then: next)
        let delay = options.backoff.delay(afterFailures: failures, random: random)
        return [.report(failure, consecutive: failures), .wait(max(delay, failure.retryAfter ?? .zero))]
    }

    private func watchTimeout() -> Int {
        options.watchTimeoutSeconds + Int(Double(options.watchTimeoutSeconds) * random.next())
    }
}
