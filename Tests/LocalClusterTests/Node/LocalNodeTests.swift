import Foundation
import KubeCore
import Testing

@testable import LocalCluster

@Suite("The local node", .timeLimit(.minutes(1)))
struct LocalNodeTests {
    @Test("A pod runs to success, and its log and status tell")
    func success() async throws {
        try await NodeHarness.run { node in
            try await node.shell("a", "echo out; echo err >&2; printf 'result' > /dev/termination-log")
            try await node.waitForEnd("a")
            #expect(node.phase("a") == "Succeeded")
            let ended = try #require(node.container("a")?.at("state", "terminated"))
            #expect(ended["exitCode"] == 0)
            #expect(ended["reason"] == "Completed")
            #expect(ended["message"] == "result")
            let log = try await node.log("a")
            #expect(Set(log.split(separator: "\n")) == ["out", "err"])
        }
    }
}
