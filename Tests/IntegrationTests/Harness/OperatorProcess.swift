import Glibc

/// `flowengine operator` as a process of its own, which tests may kill.
struct OperatorProcess: Sendable {
    let process: RunningProgram
    private let guardian: RunningProgram

    /// Starts an operator.
    init(on cluster: TestCluster, _ arguments: [String]) throws {
        process = try cluster.flowengine.start(["operator"] + arguments)
        // Ends it when this process ends without having done so: its input ends then.
        guardian = try cluster.shell.start(["-c", "cat; kill -9 \(process.pid)"], input: nil)
    }

    /// Starts an operator, and returns when it takes work.
    static func start(on cluster: TestCluster, _ arguments: [String] = []) async throws -> OperatorProcess {
        let started = try OperatorProcess(on: cluster, arguments)
        do {
            try await started.process.wait(for: "word that it is ready") {
                $0.errorText.contains("the operator is ready") || $0.hasEnded
            }
        } catch {
            try? await started.kill()
            throw error
        }
        return started
    }

    /// Ends it as the kernel does when memory runs out.
    func kill() async throws { _ = try await end(SIGKILL) }

    /// Ends it as an update of its Deployment does.
    func stop() async throws -> Program.Outcome { try await end(SIGTERM) }

    private func end(_ signal: Int32) async throws -> Program.Outcome {
        guardian.send(SIGKILL)
        process.send(signal)
        return try await process.outcome()
    }
}
