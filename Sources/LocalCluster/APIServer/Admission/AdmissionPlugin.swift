import KubeCore

/// A step between decoding a write and storing it that may look at other objects.
///
/// Plugins run in their order, for every create, update and delete that comes through the registry, dry runs too. They must be
/// idempotent: a write that meets a concurrent one is tried again.
package protocol AdmissionPlugin: Sendable {
    /// May change `request.object` and add warnings, or refuse the write by throwing.
    func mutate(_ request: inout AdmissionRequest, _ registry: Registry) async throws(Status)

    /// May refuse the write, seeing it as it would be stored.
    func validate(_ request: AdmissionRequest, _ registry: Registry) async throws(Status)
}

extension AdmissionPlugin {
    package func mutate(_ request: inout AdmissionRequest, _ registry: Registry) async throws(Status) {}
    package func validate(_ request: AdmissionRequest, _ registry: Registry) async throws(Status) {}
}

package struct AdmissionRequest: Sendable {
    package enum Operation: String, Sendable { case create = "CREATE", update = "UPDATE", delete = "DELETE" }

    package var operation: Operation
    package var resource: Resource
    package var subresource: String?
    package var namespace: String?
    package var name: String
    /// The object as the client would have it; null for a delete.
    package var object: JSON
    package var old: JSON?
    package var isDryRun: Bool
    package var warnings: [String] = []
}

extension Registry {
    func mutate(_ request: inout AdmissionRequest) async throws(Status) {
        for plugin in admission { try await plugin.mutate(&request, self) }
    }

    func validate(_ request: AdmissionRequest) async throws(Status) {
        for plugin in admission { try await plugin.validate(request, self) }
    }
}
