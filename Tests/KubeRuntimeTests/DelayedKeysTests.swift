import Testing

@testable import KubeRuntime

@Suite("Delayed keys")
struct DelayedKeysTests {
    @Test("They behave like a dictionary of deadlines, whatever is done to them", arguments: 1...20)
    func agreesWithModel(seed: UInt64) {
        let random = Randomness.seeded(seed)
        func draw(_ bound: Int) -> Int { Int(random.next() * Double(bound)) }
        var keys = DelayedKeys<Int>()
        var model: [Int: Int] = [:]
        var now = 0
        for _ in 0..<2_000 {
            let key = draw(30)
            switch draw(10) {
            case 0..<6:
                let deadline = now + draw(50)
                keys.schedule(key, at: .seconds(deadline), priority: .normal)
                model[key] = min(model[key] ?? deadline, deadline)
            case 6..<8:
                keys.remove(key)
                model[key] = nil
            default:
                now += draw(10)
                var popped: [Int] = []
                var last = 0
                while let due = keys.popDue(at: .seconds(now)) {
                    let deadline = model[due.key] ?? -1
                    #expect(deadline >= last)
                    last = deadline
                    popped.append(due.key)
                }
                let expected = model.filter { $0.value <= now }.keys
                #expect(popped.sorted() == expected.sorted())
                for key in popped { model[key] = nil }
            }
            #expect(keys.count == model.count)
            #expect(keys.nextDeadline == model.values.min().map { .seconds($0) })
        }
    }

    @Test("Of equal deadlines the one scheduled first comes first, and the highest priority asked for counts")
    func ties() {
        var keys = DelayedKeys<String>()
        for key in ["c", "a", "b"] { keys.schedule(key, at: .seconds(1), priority: .low) }
        keys.schedule("a", at: .seconds(2), priority: .high)
        var order: [String] = []
        var priorities: [QueuePriority] = []
        while let due = keys.popDue(at: .seconds(1)) {
            order.append(due.key)
            priorities.append(due.priority)
        }
        #expect(order == ["c", "a", "b"])
        #expect(priorities == [.low, .high, .low])
    }
}
