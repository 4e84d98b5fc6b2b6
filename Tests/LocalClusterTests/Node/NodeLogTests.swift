import Foundation
import KubeCore
import Testing

@testable import LocalCluster

@Suite("Logs of containers", .timeLimit(.minutes(1)))
struct NodeLogTests {
    @Test("A follower gets lines as they are written, and the end")
    func follow() async throws {
        try await NodeHarness.run { node in
            try await node.shell(
                "a", "echo one; read line < /gate/fifo; echo two",
                container: ["volumeMounts": [["name": "gate", "mountPath": "/gate"]]],
                pod: ["volumes": [["name": "gate", "hostPath": ["path": .string(node.directory + "/gate")]]]])
            let fifo = node.directory + "/gate/fifo"
            try FileManager.default.createDirectory(
                atPath: node.directory + "/gate", withIntermediateDirectories: true)
            mkfifo(fifo, 0o666)
            try await node.api.wait { node.container("a")?.at("state", "running") != nil }
            let uid = DynamicObject(try #require(node.pod("a"))).uid ?? ""
            let stream = try await node.node.logs(
                namespace: "default", podUID: uid, podName: "a", container: "main", options: PodLogOptions(follow: true)
            )
            var text = ""
            for try await piece in stream {
                text += String(decoding: piece, as: UTF8.self)
                if text == "one\n" { try Data("go\n".utf8).write(to: URL(filePath: fifo)) }
            }
            #expect(text == "one\ntwo\n")
        }
    }

    @Test("Tail, bytes, timestamps and the previous run")
    func selection() async throws {
        try await NodeHarness.run { node in
            try await node.shell(
                "a", "if [ -e /work/x ]; then printf 'last words'; exit 0; fi; touch /work/x; seq 1 100; exit 1",
                restartPolicy: "OnFailure", container: ["volumeMounts": [["name": "work", "mountPath": "/work"]]],
                pod: ["volumes": [["name": "work", "emptyDir": [:]]]])
            try await node.waitForEnd("a")
            #expect(try await node.log("a") == "last words")
            #expect(
                try await node.log("a", "main", PodLogOptions(previous: true, tailLines: 2)) == "99\n100\n")
            #expect(try await node.log("a", "main", PodLogOptions(previous: true, limitBytes: 5)) == "1\n2\n3")
            let stamped = try await node.log("a", "main", PodLogOptions(previous: true, timestamps: true, tailLines: 1))
            #expect(stamped.hasSuffix("Z 100\n"))
            #expect(Timestamp(rfc3339: String(stamped.prefix { $0 != " " })) != nil)
        }
    }

    @Test("A container without a log of its own says why")
    func absent() async throws {
        try await NodeHarness.run { node in
            try await node.shell("a", "true")
            try await node.waitForEnd("a")
            await #expect(throws: PodLogError.self) {
                _ = try await node.log("a", "main", PodLogOptions(previous: true))
            }
        }
    }

    private func withLog(cap: Int = 10 << 20, _ body: (ContainerLog) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(ContainerLog(path: directory.appending(path: "0.log").path, cap: cap))
    }

    @Test("Lines of both streams stay whole when their bytes come mixed")
    func interleaving() throws {
        try withLog { log in
            log.append(Array("out-".utf8)[...], from: .output)
            log.append(Array("err-".utf8)[...], from: .errors)
            log.append(Array("put\nnext".utf8)[...], from: .output)
            log.append(Array("or\n".utf8)[...], from: .errors)
            log.finish()
            let text = String(decoding: ContainerLogReader.tail(of: log, lines: 10, bytes: 1000), as: UTF8.self)
            #expect(text == "out-put\nerr-or\nnext")
        }
    }

    @Test("A log keeps at most two files, and the end of what was written")
    func rotation() throws {
        try withLog(cap: 1000) { log in
            for number in 0..<200 { log.append(Array("line \(number)\n".utf8)[...], from: .output) }
            log.finish()
            #expect(log.segments.count == 2)
            let text = String(decoding: ContainerLogReader.tail(of: log, lines: 3, bytes: 1000), as: UTF8.self)
            #expect(text == "line 197\nline 198\nline 199\n")
        }
    }

    @Test("A very long line is cut into parts and read as one")
    func longLine() throws {
        try withLog { log in
            let line = [UInt8](repeating: UInt8(ascii: "x"), count: 50_000)
            log.append((line + [10])[...], from: .output)
            log.finish()
            #expect(ContainerLogReader.tail(of: log, lines: 1, bytes: 100_000).count == 50_001)
        }
    }
}
