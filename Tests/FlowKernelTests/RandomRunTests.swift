import FlowAPI
import FlowKernel
import KubeCore
import Testing

@Suite("Random runs")
struct RandomRunTests {
    @Test("Runs of random graphs, fates and crashes end, and never break a promise", arguments: 0..<400)
    func any(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let tasks = Self.tasks(&random)
        let maxParallel = random.chance(50) ? 1 + random.below(4) : nil
        let timeout = random.chance(15) ? "\(1 + random.below(5))m" : nil
        let plan = try runPlan(tasks, maxParallel: maxParallel, timeout: timeout)
        let fates = UInt64(seed) &* 977
        var simulation = Simulation(plan) { Self.fate($0, seed: fates, of: plan, mayBeStuck: true) }
        var crashing = SeededRandom(seed: UInt64(seed) &+ 5_000)
        let crashPercent = random.pick([0, 2, 10, 25], else: 0)
        simulation.world.crashes = { $0 < 3_000 && crashing.chance(crashPercent) }
        var refusing = SeededRandom(seed: UInt64(seed) &+ 6_000)
        let refusePercent = random.pick([0, 0, 20], else: 0)
        simulation.world.answer = { _ in
            refusing.chance(refusePercent) ? .deferred(message: "exceeded quota") : .created
        }
        if random.chance(20) {
            simulation.happenings.append(.init(after: .seconds(random.below(200))) { $0.isCancelled = true })
        }
        if random.chance(20) {
            let from = random.below(60)
            simulation.happenings.append(.init(after: .seconds(from)) { $0.admits = false })
            simulation.happenings.append(.init(after: .seconds(from + random.below(200))) { $0.admits = true })
        }

        let name: Comment = "seed \(seed)"
        let ended = simulation.run()
        #expect(ended, name)
        let world = simulation.world
        #expect(world.violations.isEmpty, name)
        #expect(Set(world.created).count == world.created.count, name)
        for (spec, progress) in zip(tasks, world.machine.tasks) {
            #expect(progress.phase.isTerminal, name)
            #expect(progress.instances.allSatisfy { $0.attempt <= (spec.retry?.limit ?? 0) + 1 }, name)
        }
        let summary = world.summary
        let counts = try #require(summary.tasks)
        #expect(counts.total == counts.succeeded + counts.failed + counts.skipped, name)
        #expect(counts.running == 0 && counts.queued == 0, name)
        #expect(summary.finishedAt != nil, name)
        if summary.phase == .succeeded { #expect(counts.failed == 0, name) }
    }

    @Test("A calm run and one with crashes come to the same end for any graph", arguments: 0..<150)
    func sameEnd(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) &+ 90_000)
        let plan = try runPlan(Self.tasks(&random), maxParallel: random.chance(50) ? 1 + random.below(3) : nil)
        let fates = UInt64(seed) &* 31
        var calm = Simulation(plan) { Self.fate($0, seed: fates, of: plan) }
        let calmEnded = calm.run()
        #expect(calmEnded, "seed \(seed)")
        var disturbed = Simulation(plan) { Self.fate($0, seed: fates, of: plan) }
        var crashing = SeededRandom(seed: UInt64(seed))
        disturbed.world.crashes = { $0 < 3_000 && crashing.chance(15) }
        let ended = disturbed.run()
        #expect(ended, "seed \(seed)")
        #expect(Ending(disturbed.world) == Ending(calm.world), "seed \(seed)")
    }

    /// Up to nine tasks, each of which needs some of those before it.
    private static func tasks(_ random: inout SeededRandom) -> [TaskSpec] {
        (0..<(1 + random.below(9))).map { position in
            let needs = (0..<position).filter { _ in random.chance(35) }.map { "t\($0)" }
            var spec = task("t\(position)", needs: needs, outputs: ["v"])
            if random.chance(30) {
                let limit = random.chance(50) ? 1 + random.below(2) : nil
                spec.map = MapSpec(count: random.below(5) + 1, maxParallel: limit)
            }
            if random.chance(40) {
                spec.retry = RetryPolicy(limit: 1 + random.below(3), backoff: Backoff(base: "\(1 + random.below(9))s"))
            }
            if random.chance(30) { spec.timeout = "\(20 + random.below(60))s" }
            if let need = needs.first, random.chance(30) {
                spec.if = random.chance(50) ? "${{ tasks.\(need).status == 'Failed' }}" : "${{ true }}"
            }
            if let need = needs.last, random.chance(20) { spec.args = ["${{ tasks.\(need).outputs.v }}"] }
            return spec
        }
    }

    /// The same attempt has the same fate, whoever asks and when.
    private static func fate(
        _ id: AttemptID, seed: UInt64, of plan: RunPlan, mayBeStuck: Bool = false
    ) -> Simulation.Fate {
        var text: UInt64 = seed
        for byte in id.description.utf8 { text = text &* 1_099_511_628_211 ^ UInt64(byte) }
        var random = SeededRandom(seed: text)
        let time = Duration.seconds(1 + random.below(40))
        let isTimed = plan.tasks.contains { $0.name == id.instance.task && $0.timeout != nil }
        switch random.below(100) {
        case ..<15 where isTimed: return .hangs
        case ..<65: return .succeeds(outputs: ["v": .int(Int64(random.below(10)))], after: time)
        case ..<80: return .fails(.error, after: time)
        case ..<88: return .fails(random.pick([.lost, .timeout, .outputInvalid], else: .error), after: time)
        case ..<94 where mayBeStuck: return .stuck
        default: return .fails(.startFailed, after: time)
        }
    }
}
