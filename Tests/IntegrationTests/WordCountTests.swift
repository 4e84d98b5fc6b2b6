import FlowAPI
import KubeCore
import Testing

extension Integration {
    @Suite("The word count")
    struct WordCount {
        /// The same count without FlowEngine.
        static func expected(_ cluster: TestCluster) async throws -> String {
            try await cluster.shell.succeed(
                "-c",
                #"""
                set -euo pipefail
                export LC_ALL=C
                find /usr/share/common-licenses -type f -print0 | xargs -0 cat |
                  tr -cs 'A-Za-z' '\n' | tr 'A-Z' 'a-z' | grep . | sort | uniq -c |
                  sed -E 's/^ +//' | sort -k1,1nr -k2,2
                """#)
        }

        @Test("Its whole table is the one that coreutils make, from any number of parts", arguments: [8, 3, 1])
        func table(parts: Int) async throws {
            try await Sandbox.with { sandbox in
                let applied = try await sandbox.flowengine("apply", "-f", Repository.example("wordcount"))
                #expect(applied.exitCode == 0, "\(applied)")
                let run = try await sandbox.flowengine(
                    "run", "wordcount", "--name", "r", "--param", "parts=\(parts)", "--watch")
                #expect(run.exitCode == 0, "\(run)")

                let expected = try await Self.expected(sandbox.cluster)
                let table = try await sandbox.flowengine("logs", "r", "reduce")
                #expect(table.output == expected)
                #expect(expected.count > 10_000)

                let status = try await sandbox.ended()
                #expect(status.phase == .succeeded)
                #expect(status.progress == "\(parts + 2)/\(parts + 2)")
                #expect(status.taskStates.map(\.name) == ["split", "count", "reduce"])
                #expect(status.taskStates.map(\.succeeded) == [1, parts, 1])
                #expect(try await sandbox.pods().count == parts + 2)

                let rows = expected.split(separator: "\n")
                let words = rows.compactMap { $0.split(separator: " ").first }.compactMap { Int64($0) }.reduce(0, +)
                #expect(status.outputs["words"] == .int(words))
                #expect(status.outputs["top"]?.stringValue == rows.prefix(10).joined(separator: "\n"))
            }
        }
    }
}
