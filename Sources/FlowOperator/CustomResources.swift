import FlowAPI
import KubeClient
import KubeCore
import Logging

/// Sees to it that the API server knows FlowEngine's kinds.
///
/// Charts and `kubectl apply -f crds/` install them; where that was forgotten and the operator has the right, it does it.
/// Definitions that are there are left as they are: upgrading them is for whoever installed them.
package struct CustomResources: Sendable {
    let client: APIClient
    let logger: Logger

    package init(client: APIClient, logger: Logger) {
        self.client = client
        self.logger = logger
    }

    /// Returns when all kinds are served, or when it may not find out, in which case the watches will.
    package func ensure() async throws {
        for definition in CustomResourceDefinition.all {
            try await ensure(definition)
        }
    }

    /// Creates or updates all definitions, as `kubectl apply` would.
    package func install() async throws {
        let definitions = client.resource(.customResourceDefinitions)
        for definition in CustomResourceDefinition.all {
            _ = try await definitions.apply(json: definition.json, fieldManager: "flowengine", force: true)
        }
        for definition in CustomResourceDefinition.all {
            try await ensure(definition)
        }
    }

    private func ensure(_ definition: CustomResourceDefinition) async throws {
        let definitions = client.resource(.customResourceDefinitions)
        var pause = Duration.milliseconds(10)
        while true {
            do throws(ClientError) {
                if let present = try await definitions.getIfPresent(definition.name) {
                    if Self.isEstablished(present) { return }
                } else {
                    logger.info("installing a definition that is missing", metadata: ["name": "\(definition.name)"])
                    _ = try await definitions.create(DynamicObject(definition.json))
                    continue
                }
            } catch {
                if error.isForbidden { return remark(error, on: definition) }
                guard error.isAlreadyExists || error.isConflict || error.isTimeout else { throw error }
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(2))
        }
    }

    private func remark(_ error: ClientError, on definition: CustomResourceDefinition) {
        logger.info(
            "may not look at or install a definition; if it is missing, run: flowengine crds | kubectl apply -f -",
            metadata: ["name": "\(definition.name)", "answer": "\(error.message)"])
    }

    private static func isEstablished(_ definition: DynamicObject) -> Bool {
        (definition.json.at("status", "conditions")?.arrayValue ?? []).contains {
            $0["type"] == "Established" && $0["status"] == "True"
        }
    }
}
