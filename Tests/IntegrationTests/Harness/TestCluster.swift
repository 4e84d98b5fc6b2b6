import Foundation
import KubeClient
import KubeCore
import Logging

/// The cluster that tests work on: one of their own, or that of FLOWENGINE_TEST_KUBECONFIG, on which an operator runs.
struct TestCluster: Sendable {
    var kubeconfig: String
    /// The local cluster's state; nil for a cluster that is not ours.
    var dataDirectory: String?
    var client: APIClient
    var environment: [String: String]

    /// The cluster of the suite that runs.
    @TaskLocal static var current: TestCluster?

    static let givenKubeconfig = ProcessInfo.processInfo.environment["FLOWENGINE_TEST_KUBECONFIG"]
    /// For conditions of tests that look into local processes and files.
    static var isLocal: Bool { givenKubeconfig == nil }
    static var hasKubectl: Bool { Repository.installed("kubectl") != nil }

    var flowengine: Program { Program(path: Repository.product("flowengine"), environment: environment) }
    var shell: Program { Program(path: "/bin/bash", environment: environment) }

    var kubectl: Program {
        Program(path: Repository.installed("kubectl") ?? "kubectl", environment: environment)
    }

    /// Runs `body` with a cluster, and takes it down afterwards if it was started for that.
    ///
    /// - Parameter arguments: more arguments of `flowengine local up`.
    static func with(_ arguments: [String], _ body: (TestCluster) async throws -> Void) async throws {
        if let given = givenKubeconfig {
            try await withHome { home in
                let cluster = try TestCluster(kubeconfig: given, dataDirectory: nil, home: home)
                defer { cluster.client.shutdown() }
                try await body(cluster)
            }
            return
        }
        try await withHome { home in
            try await withLocal(home + "/cluster", home: home, arguments, body)
        }
    }

    private static func withLocal(
        _ directory: String, home: String, _ arguments: [String], _ body: (TestCluster) async throws -> Void
    ) async throws {
        let flowengine = Program(path: Repository.product("flowengine"), environment: environment(home: home))
        let guardian = try Self.guardian(of: directory, flowengine)
        do {
            try await flowengine.succeed(
                ["local", "up", "--detach", "--data-dir", directory, "--log-level", "info"] + arguments)
            let cluster = try TestCluster(kubeconfig: directory + "/kubeconfig", dataDirectory: directory, home: home)
            defer { cluster.client.shutdown() }
            try await body(cluster)
        } catch {
            try? await takeDown(guardian)
            throw error
        }
        try await takeDown(guardian)
    }

    /// Takes the cluster down when this process ends, however it ends: it reads from a pipe that only this process holds
    /// open.
    private static func guardian(of directory: String, _ flowengine: Program) throws -> RunningProgram {
        let script = #"trap '' INT TERM HUP; cat > /dev/null; exec "$0" local down --data-dir "$1""#
        return try Program(path: "/bin/sh", environment: flowengine.environment)
            .start(["-c", script, flowengine.path, directory], input: nil)
    }

    private static func takeDown(_ guardian: RunningProgram) async throws {
        guardian.closeInput()
        let outcome = try await guardian.outcome()
        guard outcome.exitCode == 0 else { throw ProgramFailure("\(outcome)") }
    }

    private init(kubeconfig: String, dataDirectory: String?, home: String) throws {
        var logger = Logger(label: "tests")
        logger.logLevel = .error
        self.kubeconfig = kubeconfig
        self.dataDirectory = dataDirectory
        client = try APIClient(configuration: try .load(kubeconfigPath: kubeconfig), logger: logger)
        environment = Self.environment(home: home)
        environment["KUBECONFIG"] = kubeconfig
    }

    /// Nothing of the caller's own settings, so that tests run everywhere alike.
    private static func environment(home: String) -> [String: String] {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return ["PATH": path, "HOME": home, "LC_ALL": "C.UTF-8", "TERM": "dumb"]
    }

    private static func withHome(_ body: (String) async throws -> Void) async throws {
        let home = FileManager.default.temporaryDirectory.appending(path: "flowengine-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: home) }
        try await body(home.path)
    }
}
