import Foundation
import KubeCore
import Logging

@testable import LocalCluster

/// A node over an in-memory API, in a directory of its own.
struct NodeHarness: Sendable {
    let api: InMemoryAPI
    let node: LocalNode
    let directory: String

    /// Runs the body beside a node, and afterwards the node's clean stop.
    static func run(
        images: ImageTable = .standard(agentProgram: nil), configure: (inout NodeOptions) -> Void = { _ in },
        _ body: (NodeHarness) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "node-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var options = NodeOptions(directory: directory + "/node", claimDirectory: directory + "/claims", images: images)
        options.restartBackOff = (.milliseconds(40), .seconds(60))
        configure(&options)
        var logger = Logger(label: "node")
        logger.logLevel = .error
        let api = InMemoryAPI()
        let node = LocalNode(options: options, api: api, logger: logger)
        let harness = NodeHarness(api: api, node: node, directory: directory)
        let running = Task { try await node.run() }
        do {
            try await body(harness)
        } catch {
            running.cancel()
            _ = try? await running.value
            throw error
        }
        running.cancel()
        try await running.value
    }

    /// Creates a pod that is bound already.
    @discardableResult
    func create(_ name: String, _ spec: JSON, metadata: JSON = [:]) async throws -> JSON {
        var spec = spec
        spec["nodeName"] = "local"
        var metadata = metadata
        metadata["name"] = .string(name)
        return try await api.create(.pods, namespace: "default", ["metadata": metadata, "spec": spec])
    }

    /// A pod with one container that runs a shell script.
    @discardableResult
    func shell(
        _ name: String, _ script: String, restartPolicy: String = "Never", container: JSON = [:], pod: JSON = [:]
    ) async throws -> JSON {
        var container = container
        container["name"] = "main"
        container["image"] = "busybox"
        container["command"] = ["sh", "-c", .string(script)]
        var spec = pod
        spec["containers"] = [container]
        spec["restartPolicy"] = .string(restartPolicy)
        return try await create(name, spec)
    }

    func pod(_ name: String) -> JSON? { api.object(.pods, "default", name) }

    func phase(_ name: String) -> String { pod(name)?.at("status", "phase")?.stringValue ?? "" }

    /// The status of a container.
    func container(_ pod: String, _ name: String = "main") -> JSON? {
        let status = self.pod(pod)?["status"]
        let all = (status?.list("initContainerStatuses") ?? []) + (status?.list("containerStatuses") ?? [])
        return all.first { $0.text("name") == name }
    }

    func waitForEnd(_ name: String) async throws {
        try await api.wait { ["Succeeded", "Failed"].contains(phase(name)) }
    }

    func log(_ pod: String, _ container: String = "main", _ options: PodLogOptions = PodLogOptions()) async throws
        -> String
    {
        let uid = self.pod(pod).flatMap { DynamicObject($0).uid } ?? ""
        let stream = try await node.logs(
            namespace: "default", podUID: uid, podName: pod, container: container, options: options)
        var bytes: [UInt8] = []
        for try await piece in stream { bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }
}
