import Testing

@testable import KubeRuntime

@Suite("Sharded map")
struct ShardedMapTests {
    @Test("It behaves like a dictionary, and old copies stay as they were", arguments: 1...10)
    func agreesWithDictionary(seed: UInt64) {
        let random = Randomness.seeded(seed)
        func draw(_ bound: Int) -> Int { Int(random.next() * Double(bound)) }
        var map = ShardedMap<Int, Int>()
        var model: [Int: Int] = [:]
        var copies: [(ShardedMap<Int, Int>, [Int: Int])] = []
        for step in 0..<3_000 {
            let key = draw(400)
            if draw(3) == 0 {
                #expect(map.removeValue(for: key) == model.removeValue(forKey: key))
            } else if draw(4) == 0 {
                map.modify(key, from: 0) { $0 += step }
                model[key, default: 0] += step
            } else {
                #expect(map.update(step, for: key) == model.updateValue(step, forKey: key))
            }
            #expect(map.count == model.count)
            if step % 500 == 0 { copies.append((map, model)) }
        }
        copies.append((map, model))
        for (map, model) in copies {
            #expect(Set(map.keys) == Set(model.keys))
            #expect(map.values.sorted() == model.values.sorted())
            #expect(model.allSatisfy { map[$0.key] == $0.value })
        }
    }
}
