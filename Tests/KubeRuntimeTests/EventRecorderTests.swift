import KubeClient
import KubeCore
import ServiceLifecycle
import Testing

@testable import KubeRuntime

private let engine = ObjectReference(
    apiVersion: "example.com/v1", kind: "Engine", namespace: "default", name: "e", uid: "uid-e", resourceVersion: "7")

private func occurrence(_ note: String = "it began", on object: ObjectReference = engine) -> EventOccurrence {
    EventOccurrence(regarding: object, reason: "Started", action: "Start", note: note)
}

@Suite("Event aggregator")
struct EventAggregatorTests {
    let time = Timestamp(seconds: 1_700_000_000)

    func aggregator(_ limits: EventLimits = EventLimits()) -> EventAggregator { EventAggregator(limits: limits) }

    @Test("The first occurrence is an event, and repetitions become its count, at most once an interval")
    func series() {
        var aggregator = aggregator()
        let first = aggregator.observe(occurrence(), now: .zero, timestamp: time, suffix: "1")
        #expect(first == .create(name: "e.1", occurrence(), at: time))
        for second in 1...5 {
            var again = occurrence()
            again.regarding.resourceVersion = "\(second)"
            #expect(aggregator.observe(again, now: .seconds(second), timestamp: time, suffix: "x") == nil)
        }
        #expect(aggregator.nextFlush == .seconds(10))
        #expect(aggregator.flush(now: .seconds(9)).isEmpty)
        guard case .count("e.1", _, 6, _)? = aggregator.flush(now: .seconds(10)).first else {
            Issue.record("no count")
            return
        }
        #expect(aggregator.nextFlush == nil)
        #expect(aggregator.flush(now: .seconds(20)).isEmpty)
    }

    @Test("What has been quiet for long begins anew")
    func quiet() {
        var aggregator = aggregator()
        _ = aggregator.observe(occurrence(), now: .zero, timestamp: time, suffix: "1")
        let again = aggregator.observe(occurrence(), now: .seconds(360), timestamp: time, suffix: "2")
        #expect(again == .create(name: "e.2", occurrence(), at: time))
    }

    @Test("One object cannot have more than its share, and earns it back; others are not touched")
    func rateLimit() {
        var aggregator = aggregator(EventLimits(burstPerObject: 3, refillInterval: .seconds(60)))
        var written = 0
        for index in 0..<10
        where aggregator.observe(occurrence("\(index)"), now: .zero, timestamp: time, suffix: "\(index)") != nil {
            written += 1
        }
        #expect(written == 3)
        #expect(aggregator.suppressed == 7)
        var other = engine
        other.uid = "uid-f"
        #expect(aggregator.observe(occurrence(on: other), now: .zero, timestamp: time, suffix: "f") != nil)
        #expect(aggregator.observe(occurrence("a"), now: .seconds(59), timestamp: time, suffix: "a") == nil)
        #expect(aggregator.observe(occurrence("b"), now: .seconds(60), timestamp: time, suffix: "b") != nil)
        #expect(aggregator.observe(occurrence("c"), now: .seconds(60), timestamp: time, suffix: "c") == nil)
    }

    @Test("Memory is bounded by the capacity, and freed by time")
    func bounded() {
        var aggregator = aggregator(EventLimits(capacity: 5))
        func object(_ index: Int) -> ObjectReference {
            var object = engine
            object.uid = "uid-\(index)"
            return object
        }
        for index in 0..<20 {
            let write = aggregator.observe(
                occurrence(on: object(index)), now: .zero, timestamp: time, suffix: "s")
            #expect((write != nil) == (index < 5))
        }
        #expect(
            aggregator.observe(occurrence(on: object(30)), now: .seconds(3_600), timestamp: time, suffix: "s") != nil)
    }

    @Test("Notes are cut at 1,024 bytes, between characters")
    func notes() {
        let note = occurrence(String(repeating: "ä", count: 2_000)).note
        #expect(note.utf8.count <= 1_024)
        #expect(note.utf8.count >= 1_020)
        #expect(note.hasSuffix("ä…"))
        #expect(occurrence("short").note == "short")
    }
}

@Suite("Event recorder", .timeLimit(.minutes(1)))
struct EventRecorderTests {
    let clock = ManualClock()
    let api = FakeAPI()

    func recorder(limits: EventLimits = EventLimits()) -> EventRecorder {
        EventRecorder(
            client: api, controller: "example.com/operator", instance: "pod-1", limits: limits, logger: silent,
            clock: clock.runtime, random: .seeded(1), wallClock: { Timestamp(seconds: 1_700_000_000) })
    }

    func running(_ recorder: EventRecorder, _ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await recorder.run() }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test("An event has all that the API asks for")
    func shape() async throws {
        let recorder = recorder()
        try await running(recorder) { [api] in
            recorder.record(.warning, on: engine, reason: "Started", action: "Start", note: "it began")
            try await api.waitForCalls(1)
        }
        let request = try #require(api.log.first)
        #expect(request.method == .post)
        #expect(request.path == "/apis/events.k8s.io/v1/namespaces/default/events")
        let event = try JSON.parse(request.body ?? [])
        #expect(event["apiVersion"] == "events.k8s.io/v1")
        #expect(event["kind"] == "Event")
        #expect(event.at("metadata", "name")?.stringValue?.hasPrefix("e.") == true)
        #expect(event["eventTime"] == "2023-11-14T22:13:20.000000Z")
        #expect(event["reportingController"] == "example.com/operator")
        #expect(event["reportingInstance"] == "pod-1")
        #expect(event["type"] == "Warning")
        #expect(event["reason"] == "Started")
        #expect(event["action"] == "Start")
        #expect(event["note"] == "it began")
        #expect(event["series"] == nil)
        #expect(event.at("regarding", "uid") == "uid-e")
        #expect(event.at("regarding", "resourceVersion") == "7")
    }

    @Test("Repetitions become one event with a series")
    func series() async throws {
        let recorder = recorder()
        try await running(recorder) { [clock, api] in
            for _ in 0..<4 { recorder.record(occurrence()) }
            try await clock.waitForSleeper(in: .seconds(10))
            clock.advance(by: .seconds(10))
            try await api.waitForCalls(2)
        }
        #expect(api.objects.count == 1)
        let patch = try #require(api.log.last)
        #expect(patch.method == .patch)
        #expect(api.objects.first?.at("series", "count") == 4)
        #expect(api.objects.first?.at("series", "lastObservedTime") == "2023-11-14T22:13:20.000000Z")
    }

    @Test("A series whose event has expired on the server is created again with its count")
    func expired() async throws {
        let recorder = recorder()
        try await running(recorder) { [clock, api] in
            recorder.record(occurrence())
            recorder.record(occurrence())
            try await clock.waitForSleeper(in: .seconds(10))
            let name = api.objects.first?.at("metadata", "name")?.stringValue ?? ""
            api.remove("/apis/events.k8s.io/v1/namespaces/default/events/\(name)")
            clock.advance(by: .seconds(10))
            try await api.waitForCalls(3)
        }
        #expect(api.log.map(\.method) == [.post, .patch, .post])
        #expect(api.objects.first?.at("series", "count") == 2)
    }

    @Test("Events about objects of the cluster go to the namespace default")
    func clusterScoped() async throws {
        let recorder = recorder()
        try await running(recorder) { [api] in
            var node = engine
            node.namespace = nil
            recorder.record(occurrence(on: node))
            try await api.waitForCalls(1)
        }
        #expect(api.log.first?.path == "/apis/events.k8s.io/v1/namespaces/default/events")
    }

    @Test("A write that fails for a while is tried again; one that is refused is dropped")
    func failures() async throws {
        let recorder = recorder()
        api.fail(.before(.lineCut), .before(.status(.serviceUnavailable("starting"))))
        try await running(recorder) { [clock, api] in
            recorder.record(occurrence())
            for _ in 0..<2 { try await clock.advanceToNextSleeper() }
            try await api.waitForCalls(3)
            #expect(api.objects.count == 1)
            api.fail(.before(.status(.forbidden(.eventsV1, "", "no"))))
            recorder.record(occurrence("refused"))
            recorder.record(occurrence("taken"))
            try await api.waitForCalls(5)
            #expect(api.objects.count == 2)
        }
    }

    @Test("A server that takes nothing costs the caller nothing, and memory is bounded")
    func bounded() async throws {
        let recorder = recorder(limits: EventLimits(capacity: 10))
        for index in 0..<100 { recorder.record(occurrence("\(index)")) }
        #expect(recorder.dropped == 90)
    }

    @Test("Graceful shutdown writes what is pending, and takes no more")
    func shutdown() async throws {
        let recorder = recorder()
        for index in 0..<5 { recorder.record(occurrence("\(index)")) }
        let group = ServiceGroup(services: [recorder], logger: silent)
        let task = Task { try await group.run() }
        try await api.waitForCalls(1)
        await group.triggerGracefulShutdown()
        _ = try? await task.value
        #expect(api.objects.count == 5)
        recorder.record(occurrence("late"))
        #expect(recorder.dropped == 1)
    }
}
