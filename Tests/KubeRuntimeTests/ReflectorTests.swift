import KubeClient
import KubeCore
import ServiceLifecycle
import Testing

@testable import KubeRuntime

@Suite("Reflector", .timeLimit(.minutes(1)))
struct ReflectorTests {
    let clock = ManualClock()
    let server = ScriptedListWatch()
    let store = Store(kind: .dynamic(.pods))

    func reflecting(
        options: ReflectorOptions = ReflectorOptions(
            backoff: Backoff(initial: .seconds(1), factor: 2, cap: .seconds(8), jitter: 0)),
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let reflector = Reflector(
            store: store, client: server, options: options, logger: silent, clock: clock.runtime,
            random: .constant(0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await reflector.run() }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test("A streaming list fills the store, and changes follow on the same watch")
    func follows() async throws {
        try await reflecting { [server, store] in
            let watch = try await server.serveStreamingList(
                [pod("a", version: 1), pod("b", version: 2)], resourceVersion: "10")
            try await store.waitUntilSynced()
            #expect(store.count == 2)
            watch.send(.modified(pod("a", version: 11, phase: "Running")))
            watch.send(.deleted(pod("b", version: 12)))
            try await store.waitUntilSeen(resourceVersion: "12")
            #expect(store.list().map(\.resourceVersion) == ["11"])
        }
    }

    @Test("A watch resumes after a cut line, and nothing is listed again")
    func resumes() async throws {
        try await reflecting { [clock, server, store] in
            let first = try await server.serveStreamingList([pod("a", version: 1)], resourceVersion: "10")
            first.send(.added(pod("b", version: 11)))
            first.fail(.lineCut)
            try await clock.waitForSleeper(in: .seconds(1))
            clock.advance(by: .seconds(1))
            let (request, second) = try await server.nextWatch()
            #expect(request.resourceVersion == "11")
            #expect(!request.sendInitialEvents)
            second.send(.added(pod("c", version: 12)))
            try await store.waitUntilSeen(resourceVersion: "12")
            #expect(store.count == 3)
        }
    }

    @Test("410 as an HTTP answer leads to a new list and deletions for what is gone")
    func goneAsAnswer() async throws {
        let journal = Journal<String>()
        _ = store.subscribe { journal.append($0.text) }
        try await reflecting { [clock, server, store] in
            let first = try await server.serveStreamingList(
                [pod("a", version: 1), pod("b", version: 2)], resourceVersion: "10")
            first.fail(.lineCut)
            try await clock.waitForSleeper(in: .seconds(1))
            clock.advance(by: .seconds(1))
            let refused = try await server.refuseWatch(.gone)
            #expect(refused.resourceVersion == "10")
            _ = try await server.serveStreamingList([pod("b", version: 2)], resourceVersion: "90")
            try await store.waitUntilSeen(resourceVersion: "90")
            #expect(journal.entries.last == "deleted a@1")
            #expect(journal.entries.count == 3)
        }
    }

    @Test("410 as an ERROR event leads to a new list")
    func goneAsEvent() async throws {
        try await reflecting { [server, store] in
            let first = try await server.serveStreamingList([pod("a", version: 1)], resourceVersion: "10")
            first.send(.error(.expired("too old resource version")))
            _ = try await server.serveStreamingList([pod("b", version: 20)], resourceVersion: "90")
            try await store.waitUntilSeen(resourceVersion: "90")
            #expect(store.list().map(\.name) == ["b"])
        }
    }

    @Test("An older server, which refuses streaming lists, is listed by pages")
    func fallsBack() async throws {
        try await reflecting(options: ReflectorOptions(pageSize: 1)) { [server, store] in
            let refusal = Status(code: 422, reason: .invalid, message: "sendInitialEvents: Forbidden")
            _ = try await server.refuseWatch(.status(refusal))
            let (first, firstReply) = try await server.nextList()
            #expect(first == ListRequest(limit: 1))
            firstReply.succeed(
                ObjectList(items: [pod("a", version: 1)], resourceVersion: "10", continueToken: "next"))
            let (second, secondReply) = try await server.nextList()
            #expect(second == ListRequest(limit: 1, continueToken: "next"))
            #expect(!store.isSynced)
            secondReply.succeed(ObjectList(items: [pod("b", version: 2)], resourceVersion: "10"))
            let (watch, _) = try await server.nextWatch()
            #expect(watch.resourceVersion == "10")
            #expect(store.count == 2)
        }
    }

    @Test("A page that expires restarts the list, and no part of the first is published")
    func pageExpires() async throws {
        try await reflecting(options: ReflectorOptions(streamingList: false)) { [server, store] in
            let (_, first) = try await server.nextList()
            first.succeed(ObjectList(items: [pod("old", version: 1)], resourceVersion: "10", continueToken: "t"))
            let (_, second) = try await server.nextList()
            second.fail(.gone)
            let (restarted, third) = try await server.nextList()
            #expect(restarted.continueToken == nil)
            third.succeed(ObjectList(items: [pod("new", version: 20)], resourceVersion: "20"))
            try await store.waitUntilSynced()
            #expect(store.list().map(\.name) == ["new"])
        }
    }

    @Test("A silent watch is given up after the idle timeout; a bookmark keeps it alive")
    func idle() async throws {
        try await reflecting(options: ReflectorOptions(backoff: Backoff(initial: .seconds(1), jitter: 0))) {
            [clock, server, store] in
            let first = try await server.serveStreamingList([], resourceVersion: "10")
            try await store.waitUntilSynced()
            try await clock.waitForSleeper(in: .seconds(150))
            clock.advance(by: .seconds(100))
            first.send(.bookmark(resourceVersion: "20", isInitialEventsEnd: false))
            try await store.waitUntilSeen(resourceVersion: "20")
            clock.advance(by: .seconds(50))
            try await clock.waitForSleeper(in: .seconds(100))
            clock.advance(by: .seconds(100))
            try await first.waitUntilAbandoned()
            try await clock.waitForSleeper(in: .seconds(1))
            clock.advance(by: .seconds(1))
            let (request, _) = try await server.nextWatch()
            #expect(request.resourceVersion == "20")
        }
    }

    @Test("A request that is never answered is given up after the idle timeout too")
    func neverAnswers() async throws {
        try await reflecting { [clock, server] in
            guard case .watch = try await server.nextRequest() else { throw UnexpectedRequest("list") }
            try await clock.waitForSleeper(in: .seconds(150))
            clock.advance(by: .seconds(150))
            try await clock.waitForSleeper(in: .seconds(1))
            clock.advance(by: .seconds(1))
            let (request, _) = try await server.nextWatch()
            #expect(request.sendInitialEvents)
        }
    }

    @Test("Retry-After of an overloaded server is kept")
    func retryAfter() async throws {
        try await reflecting { [clock, server, store] in
            let busy = Status.tooManyRequests("slow down", retryAfterSeconds: 30)
            _ = try await server.refuseWatch(.status(busy, retryAfter: .seconds(30)))
            try await clock.waitForSleeper(in: .seconds(30))
            clock.advance(by: .seconds(30))
            _ = try await server.serveStreamingList([], resourceVersion: "1")
            try await store.waitUntilSynced()
        }
    }

    @Test("A kind that the program cannot read does not hold up the others")
    func poison() async throws {
        let widgets = Store(kind: ObjectKind<Widget>.typed())
        let reflector = Reflector(store: widgets, client: server, logger: silent, clock: clock.runtime)
        let task = Task { try await reflector.run() }
        let watch = try await server.serveStreamingList(
            [widget("good", version: 1, size: 1), pod("bad", version: 2)], resourceVersion: "10")
        try await widgets.waitUntilSynced()
        #expect(widgets.snapshot.keys == [key("good")])
        #expect(widgets.quarantined.keys.map(\.name) == ["bad"])
        watch.send(.modified(DynamicObject("no object at all")))
        watch.send(.modified(widget("good", version: 12, size: 2)))
        try await widgets.waitUntilSeen(resourceVersion: "12")
        #expect(widgets.get(key("good"))?.spec.size == 2)
        task.cancel()
        try await task.value
    }

    @Test("Graceful shutdown ends it, in a watch as in a pause")
    func shutdown() async throws {
        let reflector = Reflector(store: store, client: server, logger: silent, clock: clock.runtime)
        let group = ServiceGroup(services: [reflector], logger: silent)
        let task = Task { try await group.run() }
        let watch = try await server.serveStreamingList([], resourceVersion: "10")
        try await store.waitUntilSynced()
        await group.triggerGracefulShutdown()
        try await watch.waitUntilAbandoned()
        try await task.value
    }

    @Test("The requests carry the parameters that the API wants, and no others")
    func parameters() {
        let scope = WatchScope(namespace: "n", labelSelector: "a=b", fieldSelector: "c=d")
        let streaming = WatchRequest(resourceVersion: "", sendInitialEvents: true, timeoutSeconds: 300)
        #expect(
            APIRequest.watch(.pods, namespace: "n", options: streaming.options(in: scope)).target
                == "/api/v1/namespaces/n/pods?watch=true&labelSelector=a%3Db&fieldSelector=c%3Dd"
                + "&resourceVersionMatch=NotOlderThan&timeoutSeconds=300&allowWatchBookmarks=true"
                + "&sendInitialEvents=true")
        let resumed = WatchRequest(resourceVersion: "12", sendInitialEvents: false, timeoutSeconds: 300)
        #expect(
            APIRequest.watch(.pods, options: resumed.options(in: .everything)).target
                == "/api/v1/pods?watch=true&resourceVersion=12&timeoutSeconds=300&allowWatchBookmarks=true")
        let page = ListRequest(limit: 500, continueToken: "t")
        #expect(
            APIRequest.list(.pods, options: page.options(in: .everything)).target
                == "/api/v1/pods?limit=500&continue=t")
    }
}

@Suite("Watch failures")
struct WatchFailureTests {
    func kind(_ status: Status, streaming: Bool = false) -> WatchFailure.Kind {
        WatchFailure(.status(status), operation: "watch", isStreamingList: streaming, wasOpen: false).kind
    }

    @Test("A failure is classified by what is to be done about it")
    func classification() {
        #expect(kind(.expired("too old")) == .expired)
        #expect(kind(Status(code: 410, reason: .gone, message: "")) == .expired)
        let ahead = Status.Details(causes: [Status.Cause(reason: "ResourceVersionTooLarge")])
        #expect(kind(Status(code: 504, reason: .timeout, message: "", details: ahead)) == .unknownResourceVersion)
        let invalid = Status(code: 422, reason: .invalid, message: "")
        #expect(kind(invalid, streaming: true) == .streamingListUnsupported)
        #expect(kind(.badRequest(""), streaming: true) == .streamingListUnsupported)
        #expect(kind(invalid) == .refused)
        #expect(kind(.forbidden(.pods, "", "no"), streaming: true) == .refused)
        let broken = WatchFailure(.lineCut, operation: "watch", isStreamingList: false, wasOpen: true)
        #expect(broken.kind == .disconnected)
        let unreached = WatchFailure(.lineCut, operation: "watch", isStreamingList: false, wasOpen: false)
        #expect(unreached.kind == .unreachable)
    }

    @Test("The server's wish to be left alone is read from the Status too")
    func retryAfter() {
        let failure = WatchFailure(
            .tooManyRequests("slow down", retryAfterSeconds: 4), operation: "watch", isStreamingList: false)
        #expect(failure.retryAfter == .seconds(4))
    }
}
