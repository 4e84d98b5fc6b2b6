// swift-tools-version: 6.2
import PackageDescription

// Targets exist where an import must be forbidden; docs/architecture.md has the map and its reasons.

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
    name: "flowengine",
    products: [
        .executable(name: "flowengine", targets: ["flowengine"]),
        .executable(name: "flowengine-agent", targets: ["flowengine-agent"]),
        .library(name: "KubeCore", targets: ["KubeCore"]),
        .library(name: "KubeClient", targets: ["KubeClient"]),
        .library(name: "KubeRuntime", targets: ["KubeRuntime"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // C libraries
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .target(name: "CSpawn"),

        // Kubernetes: knows nothing of FlowEngine
        .target(name: "KubeCore", swiftSettings: strict),
        .target(name: "KubeYAML", dependencies: ["KubeCore", "CYaml"], swiftSettings: strict),
        .target(
            name: "KubeClient",
            dependencies: ["KubeCore", "KubeYAML", "CCurl", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict),
        .target(
            name: "KubeRuntime",
            dependencies: [
                "KubeCore", "KubeClient", .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .target(name: "CEL", dependencies: ["KubeCore"], swiftSettings: strict),

        // The local cluster: an API server and a node, met over HTTP only
        .target(name: "PKI", dependencies: ["COpenSSL"], swiftSettings: strict),
        .target(
            name: "LocalCluster",
            dependencies: [
                "KubeCore", "KubeYAML", "CEL", "PKI", "CSpawn",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "HummingbirdHTTP2", package: "hummingbird"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),

        // FlowEngine
        .target(name: "FlowAPI", dependencies: ["KubeCore", "KubeYAML", "CEL"], swiftSettings: strict),
        .target(name: "FlowKernel", dependencies: ["FlowAPI", "KubeCore"], swiftSettings: strict),
        .target(
            name: "FlowManager",
            dependencies: ["FlowKernel", "FlowAPI", "KubeCore"],
            swiftSettings: strict),
        .target(
            name: "FlowOperator",
            dependencies: [
                "FlowManager", "FlowKernel", "FlowAPI", "KubeRuntime", "KubeClient", "KubeCore",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ],
            swiftSettings: strict),
        .target(
            name: "FlowCLI",
            dependencies: [
                "FlowOperator", "FlowAPI", "LocalCluster", "KubeClient", "KubeCore", "KubeYAML",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .executableTarget(name: "flowengine", dependencies: ["FlowCLI"], swiftSettings: strict),
        .executableTarget(
            name: "flowengine-agent",
            swiftSettings: strict,
            linkerSettings: [.unsafeFlags(["-static-executable"])]),

        // Tests
        .testTarget(name: "KubeCoreTests", dependencies: ["KubeCore"], swiftSettings: strict),
        .testTarget(name: "KubeYAMLTests", dependencies: ["KubeYAML", "KubeCore"], swiftSettings: strict),
        .testTarget(
            name: "KubeClientTests",
            dependencies: ["KubeClient", "KubeCore", .product(name: "Logging", package: "swift-log")],
            swiftSettings: strict),
        .testTarget(
            name: "KubeRuntimeTests",
            dependencies: [
                "KubeRuntime", "KubeClient", "KubeCore", .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .testTarget(name: "CELTests", dependencies: ["CEL", "KubeCore"], swiftSettings: strict),
        .testTarget(
            name: "LocalClusterTests",
            dependencies: [
                "LocalCluster", "KubeCore", "KubeYAML", "PKI", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "FlowAPITests", dependencies: ["FlowAPI", "KubeCore", "KubeYAML", "CEL"], swiftSettings: strict),
        .testTarget(
            name: "FlowKernelTests", dependencies: ["FlowKernel", "FlowAPI", "KubeCore"], swiftSettings: strict),
        .testTarget(
            name: "FlowManagerTests", dependencies: ["FlowManager", "FlowKernel", "FlowAPI", "KubeCore"],
            swiftSettings: strict),
        // AgentTests and IntegrationTests run the built programs. They do not depend on the agent's target: its flags for
        // a static program would reach the linking of the tests. `swift build --build-tests` builds both all the same.
        .testTarget(name: "AgentTests", swiftSettings: strict),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "FlowAPI", "KubeClient", "KubeCore", "KubeYAML",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
