import KubeCore
import Synchronization

/// What one watch tells its client.
package enum WatchOutput: Sendable {
    /// `shownAt` is the resourceVersion to show when it is not the object's own.
    case change(WatchEventType, StoredObject, shownAt: UInt64?)
    /// Nothing before this revision is left to tell.
    case bookmark(revision: UInt64, endsInitialEvents: Bool)
    case error(Status)
}

/// One watch: a place in the history that moves on as it is read.
///
/// It holds no events of its own, so a client that reads slowly costs no memory; when it falls behind the history it gets a 410. One task
/// reads it.
package final class WatchSession: Sendable {
    private struct State {
        /// Objects still to be told as ADDED, last first.
        var initial: [StoredObject]
        /// Set until the bookmark that ends the initial events was given.
        var owesInitialEnd: Bool
        var cursor: UInt64
        var isEnded = false
        var nextBookmark: ContinuousClock.Instant?
        var end: ContinuousClock.Instant?
    }

    private let store: ObjectStore
    private let resource: GroupResource
    private let selection: Selection
    private let waker = Waker()
    private let state: Mutex<State>

    /// How often a client that allows bookmarks gets one.
    private static let bookmarkInterval = Duration.seconds(60)
    private static let chunk = 256

    init(
        store: ObjectStore, resource: GroupResource, selection: Selection, initial: [StoredObject],
        endsInitialEvents: Bool, cursor: UInt64, bookmarks: Bool, timeout: Duration?
    ) {
        self.store = store
        self.resource = resource
        self.selection = selection
        let now = ContinuousClock.now
        let end = timeout.map { now + $0 }
        state = Mutex(
            State(
                initial: initial.reversed(), owesInitialEnd: endsInitialEvents, cursor: cursor,
                nextBookmark: bookmarks ? Self.nextBookmark(now, end: end) : nil, end: end))
        store.register(waker, for: resource)
    }

    deinit {
        store.unregister(waker, for: resource)
    }

    /// When the session has to be woken though nothing changed: for a bookmark or for its end.
    package var nextDeadline: ContinuousClock.Instant? {
        state.withLock { state in
            switch (state.nextBookmark, state.end) {
            case (let bookmark?, let end?): min(bookmark, end)
            case (let bookmark?, nil): bookmark
            case (nil, let end): end
            }
        }
    }

    /// Makes `next` look at the clock.
    package func wake() { waker.wake() }

    /// The next things to tell, at least one. nil when the watch has ended: by its timeout, by cancellation of the task, after
    /// an error, or because the store was closed.
    package func next() async -> [WatchOutput]? {
        while !Task.isCancelled {
            if let initial = takeInitial() { return initial }
            let (cursor, isEnded) = state.withLock { ($0.cursor, $0.isEnded) }
            if isEnded { return nil }
            switch store.events(resource, after: cursor, limit: Self.chunk) {
            case .closed:
                return nil
            case .expired(let current):
                state.withLock { $0.isEnded = true }
                return [.error(.expired("too old resource version: \(cursor) (\(current))"))]
            case .changes(let events, let upTo):
                state.withLock { $0.cursor = upTo }
                let outputs = events.compactMap(output)
                if !outputs.isEmpty { return outputs }
                if !events.isEmpty { continue }
                switch due(upTo) {
                case .end: return nil
                case .bookmark: return [.bookmark(revision: upTo, endsInitialEvents: false)]
                case .nothing: await waker.wait()
                }
            }
        }
        return nil
    }

    private func takeInitial() -> [WatchOutput]? {
        state.withLock { state in
            if !state.initial.isEmpty {
                let part = state.initial.suffix(Self.chunk)
                state.initial.removeLast(part.count)
                return part.reversed().map { .change(.added, $0, shownAt: nil) }
            }
            if state.owesInitialEnd {
                state.owesInitialEnd = false
                return [.bookmark(revision: state.cursor, endsInitialEvents: true)]
            }
            return nil
        }
    }

    private func output(_ event: StoreEvent) -> WatchOutput? {
        let before = event.previous.map(selection.matches) ?? false
        let now = event.object.map(selection.matches) ?? false
        switch (before, now) {
        case (false, true): return event.object.map { .change(.added, $0, shownAt: nil) }
        case (true, true): return event.object.map { .change(.modified, $0, shownAt: nil) }
        case (true, false): return event.previous.map { .change(.deleted, $0, shownAt: event.revision) }
        case (false, false): return nil
        }
    }

    private enum Due { case end, bookmark, nothing }

    private func due(_ revision: UInt64) -> Due {
        let now = ContinuousClock.now
        return state.withLock { state in
            if let end = state.end, now >= end { return .end }
            if let bookmark = state.nextBookmark, now >= bookmark {
                state.nextBookmark = Self.nextBookmark(now, end: state.end)
                return .bookmark
            }
            return .nothing
        }
    }

    /// A minute from now, or two seconds before the end so that a client can go on from there.
    private static func nextBookmark(
        _ now: ContinuousClock.Instant, end: ContinuousClock.Instant?
    ) -> ContinuousClock.Instant? {
        let next = now + bookmarkInterval
        guard let end else { return next }
        let last = end - .seconds(2)
        if next < last { return next }
        return last > now ? last : nil
    }
}

extension Registry {
    /// Starts a watch.
    ///
    /// - Throws: what refuses the watch as a whole; a version that is too old is told by an error event instead.
    package func watch(
        _ resource: Resource, namespace: String?, _ options: ServerListOptions
    ) throws(Status) -> WatchSession {
        let selection = try selection(resource, namespace: namespace, options)
        var wanted: UInt64 = 0
        if !options.resourceVersion.isEmpty {
            guard let number = UInt64(options.resourceVersion) else {
                throw .plain(Self.badVersion(options.resourceVersion))
            }
            wanted = number
        }
        let current = store.revision
        var initial: [StoredObject] = []
        var cursor = wanted
        let startsAtPresent = wanted == 0
        if options.sendsInitialEvents == true || (options.sendsInitialEvents == nil && startsAtPresent) {
            if wanted > current { throw .resourceVersionTooLarge(wanted, current: current) }
            if case .objects(let objects, let revision) = store.snapshot(resource.storage) {
                initial = objects.filter(selection.matches)
                cursor = revision
            }
        } else if startsAtPresent {
            cursor = current
        }
        let seconds = options.timeoutSeconds ?? 0
        return WatchSession(
            store: store, resource: resource.storage, selection: selection, initial: initial,
            endsInitialEvents: options.sendsInitialEvents == true && options.allowsBookmarks, cursor: cursor,
            bookmarks: options.allowsBookmarks,
            // As the real server: without a wish of the client, between half an hour and an hour.
            timeout: .seconds(seconds > 0 ? seconds : Int64.random(in: 1_800...3_600)))
    }
}
