import KubeClient
import KubeCore
import ServiceLifecycle
import Testing

@testable import KubeRuntime

@Suite("Controller", .timeLimit(.minutes(1)))
struct ControllerTests {
    let clock = ManualClock()
    let server = ScriptedListWatch()
    let calls = Journal<ObjectKey>()

    /// A store that the test writes to, as an informer that nobody runs.
    func informer(_ type: ResourceType = .engines) -> Informer<DynamicObject> {
        Informer(kind: .dynamic(type), client: server, logger: silent)
    }

    func controller(
        _ sources: [ControllerSource], workers: Int = 1, reconcile: Controller.Reconcile? = nil
    ) -> Controller {
        let calls = calls
        return Controller(
            name: "test", sources: sources,
            options: Controller.Options(
                workers: workers, backoff: Backoff(initial: .seconds(1), factor: 2, cap: .seconds(60), jitter: 0),
                drainTimeout: .seconds(30)),
            logger: silent, clock: clock.runtime, random: .constant(0),
            reconcile: reconcile ?? { key in
                calls.append(key)
                return .done
            })
    }

    func running(_ controller: Controller, _ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await controller.run() }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test("Each object of the first list is reconciled once, and only when all caches are filled")
    func firstList() async throws {
        let engines = informer()
        let pods = informer(.pods)
        StoreWriter(engines.store).replace(
            [item(pod("a", version: 1)), item(pod("b", version: 2))], resourceVersion: "2")
        let calls = calls
        try await running(controller([.primary(engines), .owned(pods, by: .engines)])) {
            for _ in 0..<20 { await Task.yield() }
            #expect(calls.entries.isEmpty)
            StoreWriter(pods.store).replace([item(pod("p", version: 3, owner: owner("a")))], resourceVersion: "3")
            let keys1 = try await calls.wait(for: 2).sorted()
            #expect(keys1 == [key("a"), key("b")])
        }
        #expect(calls.entries.count == 2)
    }

    @Test("Changes of an owned object bring its controller, when that is of the right kind")
    func owned() async throws {
        let pods = informer(.pods)
        let writer = StoreWriter(pods.store)
        writer.replace([], resourceVersion: "1")
        let calls = calls
        try await running(controller([.owned(pods, by: .engines)])) {
            writer.upsert(item(pod("p0", version: 2, owner: owner("x", kind: "Other"))))
            writer.upsert(item(pod("p1", version: 3, owner: owner("x", apiVersion: "other.com/v1"))))
            var unmanaged = owner("x")
            unmanaged.controller = false
            writer.upsert(item(pod("p2", version: 4, owner: unmanaged)))
            writer.upsert(item(pod("p3", version: 5)))
            writer.upsert(item(pod("p4", version: 6, owner: owner("e", apiVersion: "example.com/v2"))))
            let keys2 = try await calls.wait(for: 1)
            #expect(keys2 == [key("e")])
            writer.delete(item(pod("p4", version: 7, owner: owner("e"))))
            let keys3 = try await calls.wait(for: 2)
            #expect(keys3 == [key("e"), key("e")])
        }
    }

    @Test("An object that changes its owner brings the old and the new one")
    func adopted() async throws {
        let pods = informer(.pods)
        let writer = StoreWriter(pods.store)
        writer.replace([item(pod("p", version: 1, owner: owner("old")))], resourceVersion: "1")
        let calls = calls
        try await running(controller([.owned(pods, by: .engines)])) {
            try await calls.wait(for: 1)
            writer.upsert(item(pod("p", version: 2, owner: owner("new"))))
            let keys4 = try await calls.wait(for: 3).map(\.name)
            #expect(keys4 == ["old", "new", "old"])
        }
    }

    @Test("Any mapping from a change to keys can be a source, with a predicate")
    func mapped() async throws {
        let configs = informer(.configMaps)
        let writer = StoreWriter(configs.store)
        writer.replace([], resourceVersion: "1")
        let source = ControllerSource.mapped(
            configs, when: ChangePredicate { $0.object.labels["watch"] != nil },
            to: { change in [key("one-\(change.key.name)"), key("two-\(change.key.name)")] })
        let calls = calls
        try await running(controller([source])) {
            writer.upsert(item(pod("ignored", version: 2)))
            writer.upsert(item(pod("c", version: 3, labels: ["watch": "yes"])))
            let keys5 = try await calls.wait(for: 2).map(\.name)
            #expect(keys5 == ["one-c", "two-c"])
        }
    }

    @Test("A failure comes back after a growing pause, and a success ends the row")
    func retries() async throws {
        let engines = informer()
        StoreWriter(engines.store).replace([item(pod("a", version: 1))], resourceVersion: "1")
        let attempts = Journal<Int>()
        let controller = controller([.primary(engines)]) { _ in
            attempts.append(0)
            if attempts.entries.count <= 3 { throw TestError() }
            return .done
        }
        try await running(controller) { [clock] in
            for pause in [1, 2, 4] {
                try await clock.waitForSleeper(in: .seconds(pause))
                clock.advance(by: .seconds(pause))
            }
            try await attempts.wait(for: 4)
            controller.enqueue(key("a"))
            try await attempts.wait(for: 5)
            #expect(controller.queueStatistics.retries == 3)
        }
    }

    @Test("The server's Retry-After is the least pause")
    func retryAfter() async throws {
        let engines = informer()
        StoreWriter(engines.store).replace([item(pod("a", version: 1))], resourceVersion: "1")
        let controller = controller([.primary(engines)]) { _ in
            throw ClientError.status(.tooManyRequests("slow", retryAfterSeconds: 20))
        }
        try await running(controller) { [clock] in try await clock.waitForSleeper(in: .seconds(20)) }
    }

    @Test("A terminal error rests until the object changes")
    func terminal() async throws {
        let engines = informer()
        let writer = StoreWriter(engines.store)
        writer.replace([item(pod("a", version: 1))], resourceVersion: "1")
        let calls = calls
        let controller = controller([.primary(engines)]) { key in
            calls.append(key)
            throw TerminalError("the spec makes no sense")
        }
        try await running(controller) {
            try await calls.wait(for: 1)
            controller.enqueue(key("other"))
            try await calls.wait(for: 2)
            #expect(controller.queueStatistics.delayed == 0)
            #expect(controller.queueStatistics.retries == 0)
            writer.upsert(item(pod("a", version: 2)))
            let keys6 = try await calls.wait(for: 3).map(\.name)
            #expect(keys6 == ["a", "other", "a"])
        }
    }

    @Test("A reconciliation can ask to come back later")
    func requeues() async throws {
        let engines = informer()
        StoreWriter(engines.store).replace([item(pod("a", version: 1))], resourceVersion: "1")
        let calls = calls
        let controller = controller([.primary(engines)]) { key in
            calls.append(key)
            return .requeue(after: .seconds(90))
        }
        try await running(controller) { [clock] in
            try await calls.wait(for: 1)
            try await clock.waitForSleeper(in: .seconds(90))
            clock.advance(by: .seconds(90))
            try await calls.wait(for: 2)
        }
    }

    @Test("Several workers work at once, and never on one key")
    func workers() async throws {
        let engines = informer()
        let writer = StoreWriter(engines.store)
        writer.replace([], resourceVersion: "1")
        let inHand = Monitor<Set<ObjectKey>>([])
        let release = Monitor(false)
        let calls = calls
        let controller = controller([.primary(engines)], workers: 3) { key in
            #expect(inHand.change { $0.insert(key).inserted })
            _ = try await release.wait { $0 ? true : nil }
            inHand.change { $0.remove(key) }
            calls.append(key)
            return .done
        }
        try await running(controller) {
            for name in ["a", "b", "c"] { writer.upsert(item(pod(name, version: 2))) }
            _ = try await inHand.wait { $0.count == 3 ? true : nil }
            for name in ["a", "b", "c"] { writer.upsert(item(pod(name, version: 3))) }
            release.change { $0 = true }
            let keys7 = try await calls.wait(for: 6).count
            #expect(keys7 == 6)
        }
    }

    @Test("Graceful shutdown finishes what is in hand and begins nothing new")
    func drains() async throws {
        let engines = informer()
        StoreWriter(engines.store).replace(
            [item(pod("a", version: 1)), item(pod("b", version: 1))], resourceVersion: "1")
        let begun = Journal<ObjectKey>()
        let release = Monitor(false)
        let calls = calls
        let controller = controller([.primary(engines)]) { key in
            begun.append(key)
            _ = try await release.wait { $0 ? true : nil }
            calls.append(key)
            return .done
        }
        let group = ServiceGroup(services: [controller], logger: silent)
        let task = Task { try await group.run() }
        try await begun.wait(for: 1)
        await group.triggerGracefulShutdown()
        try await clock.waitForSleeper(in: .seconds(30))
        release.change { $0 = true }
        try await task.value
        #expect(calls.entries.count == 1)
        #expect(begun.entries.count == 1)
    }

    @Test("What does not end within the drain timeout is cancelled")
    func drainTimeout() async throws {
        let engines = informer()
        StoreWriter(engines.store).replace([item(pod("a", version: 1))], resourceVersion: "1")
        let begun = Journal<ObjectKey>()
        let ended = Journal<String>()
        let controller = controller([.primary(engines)]) { key in
            begun.append(key)
            do {
                _ = try await Monitor(0).wait { $0 > 0 ? true : nil }
            } catch {
                ended.append("cancelled")
            }
            return .done
        }
        let group = ServiceGroup(services: [controller], logger: silent)
        let task = Task { try await group.run() }
        try await begun.wait(for: 1)
        await group.triggerGracefulShutdown()
        try await clock.waitForSleeper(in: .seconds(30))
        clock.advance(by: .seconds(30))
        try await task.value
        #expect(ended.entries == ["cancelled"])
    }

    @Test("Shutdown before the caches are filled ends it too")
    func shutdownBeforeSync() async throws {
        let group = ServiceGroup(services: [controller([.primary(informer())])], logger: silent)
        let task = Task { try await group.run() }
        await group.triggerGracefulShutdown()
        try await task.value
        #expect(calls.entries.isEmpty)
    }

    @Test("A controller that has ended no longer listens to its sources")
    func unsubscribes() async throws {
        let engines = informer()
        let writer = StoreWriter(engines.store)
        writer.replace([], resourceVersion: "1")
        let heard = Journal<String>()
        let source = ControllerSource.mapped(engines) { change in
            heard.append(change.key.name)
            return [change.key]
        }
        let calls = calls
        try await running(controller([source])) {
            writer.upsert(item(pod("early", version: 2)))
            try await calls.wait(for: 1)
        }
        writer.upsert(item(pod("late", version: 3)))
        #expect(heard.entries == ["early"])
    }
}

struct TestError: Error {}

@Suite("Change predicates")
struct ChangePredicateTests {
    func update(_ old: DynamicObject, _ new: DynamicObject) -> ObjectChange<DynamicObject> {
        ObjectChange(kind: .updated, key: key("a"), object: new, old: old)
    }

    func matches(_ predicate: ChangePredicate<DynamicObject>, _ change: ObjectChange<DynamicObject>) -> Bool {
        predicate.matches(change, .dynamic(.engines))
    }

    @Test("A change of the generation counts, one of the status does not")
    func generation() {
        let old = pod("a", version: 1, generation: 1)
        #expect(matches(.generationChanged, update(old, pod("a", version: 2, generation: 2))))
        #expect(!matches(.generationChanged, update(old, pod("a", version: 2, generation: 1, phase: "Ready"))))
        #expect(matches(.generationChanged, ObjectChange(kind: .deleted, key: key("a"), object: old)))
        #expect(matches(.generationChanged, update(pod("a", version: 1), pod("a", version: 2))))
    }

    @Test("The beginning of a deletion counts although the desired state stays")
    func deletion() {
        var deleting = pod("a", version: 2, generation: 1)
        deleting.json.set("2026-01-01T00:00:00Z", at: ["metadata", "deletionTimestamp"])
        #expect(matches(.generationChanged, update(pod("a", version: 1, generation: 1), deleting)))
    }

    @Test("Predicates can be combined")
    func combined() {
        let old = pod("a", version: 1, generation: 1)
        let relabelled = update(old, pod("a", version: 2, labels: ["x": "y"], generation: 1))
        #expect(matches(.labelsChanged, relabelled))
        #expect(!matches(.annotationsChanged, relabelled))
        #expect(matches(.generationChanged.or(.labelsChanged), relabelled))
        #expect(!matches(.generationChanged.and(.labelsChanged), relabelled))
        #expect(matches(.always, relabelled))
    }
}
