import KubeCore
import Testing

/// Gives a suite a cluster, shared by all of its tests.
struct ClusterTrait: SuiteTrait, TestScoping {
    var arguments: [String] = []
    /// For clusters in which no operator installs them.
    var installsDefinitions = false

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await TestCluster.with(arguments) { cluster in
            if installsDefinitions { try await Self.installDefinitions(on: cluster) }
            try await TestCluster.$current.withValue(cluster) { try await function() }
        }
    }
}

extension ClusterTrait {
    /// As the README says for clusters of others.
    private static func installDefinitions(on cluster: TestCluster) async throws {
        let definitions = try await cluster.flowengine.succeed("crds")
        try await cluster.flowengine.succeed("apply", "-f", "-", input: definitions)
        try await Sandbox(cluster: cluster, namespace: "default").wait(for: .customResourceDefinitions) { definitions in
            definitions.count == 3
                && definitions.allSatisfy { definition in
                    (definition.json.at("status", "conditions")?.arrayValue ?? []).contains {
                        $0["type"] == "Established" && $0["status"] == "True"
                    }
                }
        }
    }
}

/// Lets only so many tests run at a time: each of them starts processes, and waits for them with a deadline.
struct WidthTrait: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true
    private static let gate = Gate(width: 4)

    func scopeProvider(for test: Test, testCase: Test.Case?) -> WidthTrait? {
        testCase == nil ? nil : self
    }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        await Self.gate.enter()
        do {
            try await function()
        } catch {
            await Self.gate.leave()
            throw error
        }
        await Self.gate.leave()
    }

    private actor Gate {
        private var free: Int
        private var waiting: [CheckedContinuation<Void, Never>] = []

        init(width: Int) { free = width }

        func enter() async {
            if free > 0 {
                free -= 1
            } else {
                await withCheckedContinuation { waiting.append($0) }
            }
        }

        func leave() {
            if waiting.isEmpty {
                free += 1
            } else {
                waiting.removeFirst().resume()
            }
        }
    }
}

extension Trait where Self == ClusterTrait {
    /// A cluster with the operator in it.
    static var cluster: Self { ClusterTrait() }
    /// A cluster whose operator the tests start themselves.
    static var clusterWithoutOperator: Self {
        ClusterTrait(arguments: ["--no-operator"], installsDefinitions: true)
    }
}

extension Trait where Self == WidthTrait {
    static var fewAtATime: Self { WidthTrait() }
}
