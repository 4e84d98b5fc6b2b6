import Testing

@testable import KubeRuntime

@Suite("Backoff")
struct BackoffTests {
    @Test("Delays double up to the cap")
    func doubles() {
        let backoff = Backoff(initial: .seconds(1), factor: 2, cap: .seconds(5), jitter: 0)
        let delays = (0...5).map { backoff.delay(afterFailures: $0, random: .system) }
        #expect(delays == [.zero, .seconds(1), .seconds(2), .seconds(4), .seconds(5), .seconds(5)])
    }

    @Test("Jitter adds at most its share")
    func jitter() {
        let backoff = Backoff(initial: .seconds(1), factor: 2, cap: .seconds(5), jitter: 0.5)
        #expect(backoff.delay(afterFailures: 1, random: .constant(0)) == .seconds(1))
        #expect(backoff.delay(afterFailures: 1, random: .constant(0.5)) == .milliseconds(1_250))
        let top = backoff.delay(afterFailures: 1, random: .constant(7))
        #expect(top < .milliseconds(1_500) && top > .milliseconds(1_499))
    }

    @Test("A million failures neither overflow nor take long")
    func many() {
        #expect(Backoff.workQueue.delay(afterFailures: 1_000_000, random: .constant(0)) == .seconds(300))
    }

    @Test("A seeded sequence repeats, and another seed gives another")
    func seeded() {
        func draw(_ seed: UInt64) -> [Double] {
            let random = Randomness.seeded(seed)
            return (0..<20).map { _ in random.next() }
        }
        #expect(draw(1) == draw(1))
        #expect(draw(1) != draw(2))
        #expect(draw(3).allSatisfy { (0..<1).contains($0) })
    }
}
