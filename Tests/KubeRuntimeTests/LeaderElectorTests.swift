import KubeClient
import KubeCore
import ServiceLifecycle
import Testing

@testable import KubeRuntime

@Suite("Leader election", .timeLimit(.minutes(1)))
struct LeaderElectorTests {
    let clock = ManualClock()
    let api = FakeAPI()
    static let path = "/apis/coordination.k8s.io/v1/namespaces/default/leases/operator"

    func elector(_ identity: String, floor: Int64 = 0) -> LeaderElector {
        LeaderElector(
            client: api, lease: key("operator"), identity: identity,
            options: LeaderElectionOptions(epochFloor: floor), logger: silent, clock: clock.runtime,
            random: .constant(0), wallClock: { Timestamp(seconds: 1_700_000_000) })
    }

    var holder: String? { api.object(Self.path)?.at("spec", "holderIdentity")?.stringValue }
    var transitions: Int64? { api.object(Self.path)?.at("spec", "leaseTransitions")?.intValue }

    func held(by identity: String, transitions: Int64 = 4, renewTime: String = "x") {
        api.put(
            Self.path,
            [
                "metadata": ["name": "operator", "namespace": "default"],
                "spec": [
                    "holderIdentity": .string(identity), "leaseDurationSeconds": 15,
                    "leaseTransitions": .int(transitions), "renewTime": .string(renewTime),
                    "strategy": "kept",
                ],
            ])
    }

    /// Work that goes on until it is cancelled.
    static func forever() async throws {
        _ = try await Monitor(0).wait { $0 > 0 ? true : nil }
    }

    @Test("Without a Lease the first candidate makes it, leads, and releases it")
    func createsAndReleases() async throws {
        let epoch = try await elector("one").lead { [api] leadership in
            #expect(leadership.isCurrent)
            #expect(api.object(Self.path)?.at("spec", "holderIdentity") == "one")
            return leadership.epoch
        }
        #expect(epoch == 1)
        #expect(holder == "")
        #expect(transitions == 1)
    }

    @Test("A free lease is taken at once, under a higher epoch, and nothing else in it is touched")
    func takesFree() async throws {
        held(by: "")
        let epoch = try await elector("one").lead { $0.epoch }
        #expect(epoch == 5)
        #expect(transitions == 5)
        #expect(api.object(Self.path)?.at("spec", "strategy") == "kept")
    }

    @Test("A held lease is taken when it was seen unchanged for its whole duration, not before")
    func waitsForExpiry() async throws {
        held(by: "dead")
        let elector = elector("one")
        let task = Task { try await elector.lead { $0.epoch } }
        for look in 1...8 {
            try await clock.waitForSleeper(in: .seconds(2))
            #expect(holder == "dead")
            clock.advance(by: .seconds(2))
            try await api.waitForCalls(1 + look)
        }
        #expect(try await task.value == 5)
        #expect(clock.elapsed == .seconds(16))
    }

    @Test("A holder that renews keeps the lease, whatever its wall clock says")
    func respectsRenewals() async throws {
        held(by: "alive", renewTime: "0")
        let elector = elector("one")
        let task = Task { try await elector.lead { $0.epoch } }
        for round in 1...30 {
            try await clock.waitForSleeper(in: .seconds(2))
            held(by: "alive", renewTime: "\(round)")
            clock.advance(by: .seconds(2))
        }
        try await clock.waitForSleeper(in: .seconds(2))
        #expect(holder == "alive")
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("Of two candidates one leads, and the other takes over when it lets go")
    func takesTurns() async throws {
        let first = elector("one")
        let second = elector("two")
        let leaders = Journal<String>()
        let stop = Monitor(false)
        let one = Task {
            try await first.lead { leadership in
                leaders.append("one \(leadership.epoch)")
                _ = try await stop.wait { $0 ? true : nil }
            }
        }
        try await leaders.wait(for: 1)
        let two = Task { try await second.lead { leaders.append("two \($0.epoch)") } }
        // Each period brings a renewal of the one and a look of the other; the clock waits for both.
        for round in 1...10 {
            try await clock.waitForSleepers(2, in: .seconds(2))
            clock.advance(by: .seconds(2))
            try await api.waitForCalls(3 + 2 * round)
        }
        #expect(leaders.entries == ["one 1"])
        stop.change { $0 = true }
        try await one.value
        try await clock.waitForSleeper(in: .seconds(2))
        clock.advance(by: .seconds(2))
        try await two.value
        #expect(leaders.entries == ["one 1", "two 2"])
    }

    @Test("Renewals go on while the work does, and keep the leadership current")
    func renews() async throws {
        let elector = elector("one")
        let began = Journal<Leadership>()
        let task = Task {
            try await elector.lead { leadership in
                began.append(leadership)
                try await Self.forever()
            }
        }
        let leadership = try await began.wait(for: 1)[0]
        for round in 1...20 {
            try await clock.waitForSleeper(in: .seconds(2))
            clock.advance(by: .seconds(2))
            try await api.waitForCalls(2 + round)
        }
        #expect(leadership.isCurrent)
        #expect(clock.elapsed == .seconds(40))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(!leadership.isCurrent)
        #expect(holder == "")
    }

    @Test("A leader that cannot renew stops its work before anybody else can take the lease")
    func losesByTime() async throws {
        let elector = elector("one")
        let began = Journal<Leadership>()
        let ended = Journal<Duration>()
        let task = Task { [clock] in
            try await elector.lead { leadership in
                began.append(leadership)
                do { try await Self.forever() } catch { ended.append(clock.elapsed) }
            }
        }
        try await began.wait(for: 1)
        api.failAlways(.before(.lineCut))
        for _ in 1...5 {
            try await clock.waitForSleeper(in: .seconds(2))
            clock.advance(by: .seconds(2))
        }
        await #expect(throws: LeadershipLost.self) { try await task.value }
        #expect(ended.entries[0] == .seconds(10))
        #expect(!began.entries[0].isCurrent)
    }

    @Test("A renewal that is never answered ends the term at its deadline as well")
    func losesBySilence() async throws {
        let elector = elector("one")
        let began = Journal<Leadership>()
        let task = Task {
            try await elector.lead { leadership in
                began.append(leadership)
                try await Self.forever()
            }
        }
        try await began.wait(for: 1)
        api.fail(.silence)
        try await clock.waitForSleeper(in: .seconds(2))
        clock.advance(by: .seconds(2))
        try await api.waitForCalls(3)
        try await clock.waitForSleeper(in: .seconds(8))
        clock.advance(by: .seconds(8))
        await #expect(throws: LeadershipLost.self) { try await task.value }
    }

    @Test("A renewal counts from when it was sent, not from when its answer came")
    func countsFromSending() async throws {
        let elector = elector("one")
        let began = Journal<Leadership>()
        let task = Task {
            try await elector.lead { leadership in
                began.append(leadership)
                try await Self.forever()
            }
        }
        let leadership = try await began.wait(for: 1)[0]
        api.fail(.held)
        try await clock.waitForSleeper(in: .seconds(2))
        clock.advance(by: .seconds(2))
        try await api.waitForCalls(3)
        clock.advance(by: .seconds(4))
        api.failAlways(.before(.lineCut))
        api.release()
        try await clock.waitForSleeper(in: .seconds(2))
        clock.advance(by: .milliseconds(5_900))
        #expect(leadership.isCurrent)
        // The renewal of that moment fails, and what is left is slept, not another whole period.
        try await clock.waitForSleeper(in: .milliseconds(100))
        clock.advance(by: .milliseconds(100))
        await #expect(throws: LeadershipLost.self) { try await task.value }
        #expect(clock.elapsed == .seconds(12))
        #expect(!leadership.isCurrent)
    }

    @Test("A lease that another has taken ends the term, and is left to the other")
    func losesToOther() async throws {
        let elector = elector("one")
        let began = Journal<Leadership>()
        let task = Task {
            try await elector.lead { leadership in
                began.append(leadership)
                try await Self.forever()
            }
        }
        try await began.wait(for: 1)
        held(by: "two", transitions: 2)
        try await clock.waitForSleeper(in: .seconds(2))
        clock.advance(by: .seconds(2))
        await #expect(throws: LeadershipLost.self) { try await task.value }
        #expect(holder == "two")
        // Made, tried to renew, and looked: nothing to release.
        #expect(api.calls.count == 4)
    }

    @Test("A later term under the same identity, of a process with a copied name, ends the earlier one")
    func losesToNamesake() async throws {
        let elector = elector("one")
        let began = Journal<Leadership>()
        let task = Task {
            try await elector.lead { leadership in
                began.append(leadership)
                try await Self.forever()
            }
        }
        try await began.wait(for: 1)
        held(by: "one", transitions: 2)
        try await clock.waitForSleeper(in: .seconds(2))
        clock.advance(by: .seconds(2))
        await #expect(throws: LeadershipLost.self) { try await task.value }
        #expect(holder == "one")
    }

    @Test("A renewal whose answer was lost, and a hand on the metadata, do not end the term")
    func survivesLostAnswer() async throws {
        let elector = elector("one")
        let began = Journal<Leadership>()
        let task = Task {
            try await elector.lead { leadership in
                began.append(leadership)
                try await Self.forever()
            }
        }
        let leadership = try await began.wait(for: 1)[0]
        api.fail(.after(ClientError(.outcomeUnknown, "connection reset", isOutcomeUnknown: true)))
        try await clock.waitForSleeper(in: .seconds(2))
        clock.advance(by: .seconds(2))
        // The lost one, the look at what became of it, and another renewal.
        try await api.waitForCalls(5)
        try await clock.waitForSleeper(in: .seconds(2))

        var touched = try #require(api.object(Self.path))
        touched.set("yes", at: ["metadata", "annotations", "touched"])
        api.put(Self.path, touched)
        clock.advance(by: .seconds(2))
        try await api.waitForCalls(8)
        try await clock.waitForSleeper(in: .seconds(2))
        #expect(leadership.isCurrent)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(holder == "")
    }

    @Test("A renewal that is cancelled on its way does not keep the lease from being released")
    func releasesAfterLostRenewal() async throws {
        let elector = elector("one")
        let began = Journal<Leadership>()
        let task = Task {
            try await elector.lead { leadership in
                began.append(leadership)
                try await Self.forever()
            }
        }
        try await began.wait(for: 1)
        api.put(Self.path, try #require(api.object(Self.path)))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(holder == "")
    }

    @Test("Epochs rise over a Lease that was deleted, and above what the caller has seen")
    func epochs() async throws {
        let elector = elector("one", floor: 40)
        #expect(try await elector.lead { $0.epoch } == 41)
        api.remove(Self.path)
        #expect(try await elector.lead { $0.epoch } == 42)
        #expect(try await self.elector("two").lead { $0.epoch } == 43)
    }

    @Test("An error of the work is thrown on, after the lease was released")
    func workFails() async throws {
        await #expect(throws: TestError.self) { try await elector("one").lead { _ in throw TestError() } }
        #expect(holder == "")
    }

    @Test("Graceful shutdown lets the work end by itself while renewals go on, then releases")
    func shutdown() async throws {
        let began = Journal<Int>()
        let release = Monitor(false)
        let service = ElectedService(elector: elector("one"), logger: silent) { _ in
            began.append(0)
            _ = try await release.wait { $0 ? true : nil }
        }
        let group = ServiceGroup(services: [service], logger: silent)
        let task = Task { try await group.run() }
        try await began.wait(for: 1)
        await group.triggerGracefulShutdown()
        let before = api.calls.count
        try await clock.waitForSleeper(in: .seconds(2))
        clock.advance(by: .seconds(2))
        try await api.waitForCalls(before + 1)
        #expect(holder == "one")
        release.change { $0 = true }
        _ = try? await task.value
        #expect(holder == "")
    }

    @Test("Graceful shutdown of a candidate ends its campaign")
    func shutdownOfCandidate() async throws {
        held(by: "other")
        let service = ElectedService(elector: elector("one"), logger: silent) { _ in Issue.record("led") }
        let group = ServiceGroup(services: [service], logger: silent)
        let task = Task { try await group.run() }
        try await clock.waitForSleeper(in: .seconds(2))
        await group.triggerGracefulShutdown()
        try await task.value
        #expect(holder == "other")
    }
}
