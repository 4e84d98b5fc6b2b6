import Foundation
import KubeCore
import Testing

/// Not a check but a measurement: `FLOWENGINE_BENCHMARK=1 swift test -c release --filter JSONBenchmarks`.
@Suite(
    "Speed of JSON", .serialized,
    .enabled(if: ProcessInfo.processInfo.environment["FLOWENGINE_BENCHMARK"] != nil, "a measurement, run on request"))
struct JSONBenchmarks {
    @Test("A PodList of 10 MB, against Foundation's JSONSerialization")
    func podList() throws {
        let bytes = PodListText.list(bytes: 10_000_000)
        let data = Data(bytes)
        let tree = try JSON.parse(bytes)
        try measure("parse into a tree", bytes.count) { try JSON.parse(bytes) }
        try measure("parse into a tree, without managed fields", bytes.count) {
            try JSON.parse(bytes, options: .init(dropManagedFields: true))
        }
        try measure("skip", bytes.count) { try JSONReader.read(bytes) { try $0.skipValue() } }
        measure("write", bytes.count) { tree.encoded() }
        try measure("JSONSerialization parse", bytes.count) { try JSONSerialization.jsonObject(with: data) }
    }

    /// Prints the best of several rounds, by the processor time of this thread.
    private func measure<Value>(_ name: String, _ count: Int, _ body: () throws -> Value) rethrows {
        var best = Double.infinity
        for _ in 0..<7 {
            let start = Self.processorTime()
            let value = try body()
            best = Swift.min(best, Self.processorTime() - start)
            withExtendedLifetime(value) {}
        }
        print("\(name): \((Double(count) / best / 1e5).rounded() / 10) MB/s")
    }

    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
