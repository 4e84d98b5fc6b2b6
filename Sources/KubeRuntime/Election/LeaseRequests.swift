import KubeClient
import KubeCore

/// The requests of a leader election. All writes are conditional on the resourceVersion that was read, so of two
/// candidates one gets a conflict.
struct LeaseRequests: Sendable {
    let client: any RequestClient
    let lease: ObjectKey
    let identity: String
    let leaseDuration: Duration
    let wallClock: @Sendable () -> Timestamp

    /// nil when there is no such Lease.
    func get(within timeout: Duration? = nil) async throws(ClientError) -> LeaseRecord? {
        do throws(ClientError) {
            let request = APIRequest.get(.leases, namespace: lease.namespace, name: lease.name)
            return LeaseRecord(json: try await client.answer(request, within: timeout))
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }

    func create(epoch: Int64) async throws(ClientError) -> LeaseRecord {
        let object: JSON = [
            "apiVersion": .string(ResourceType.leases.apiVersion),
            "kind": .string(ResourceType.leases.kind),
            "metadata": ["name": .string(lease.name), "namespace": lease.namespace.map(JSON.string) ?? .null],
            "spec": holding(epoch: epoch),
        ]
        let request = APIRequest.create(.leases, namespace: lease.namespace, object)
        return LeaseRecord(json: try await client.answer(request, within: nil))
    }

    func take(_ record: LeaseRecord, epoch: Int64) async throws(ClientError) -> LeaseRecord {
        LeaseRecord(json: try await patch(record.resourceVersion, spec: holding(epoch: epoch), within: nil))
    }

    /// Returns the new resourceVersion.
    func renew(_ version: String, within timeout: Duration) async throws(ClientError) -> String {
        let spec: JSON = ["renewTime": .string(wallClock().rfc3339Micro)]
        return LeaseRecord(json: try await patch(version, spec: spec, within: timeout)).resourceVersion
    }

    func release(_ version: String, within timeout: Duration) async throws(ClientError) {
        let spec: JSON = [
            "holderIdentity": "", "leaseDurationSeconds": 1, "renewTime": .string(wallClock().rfc3339Micro),
        ]
        _ = try await patch(version, spec: spec, within: timeout)
    }

    private func holding(epoch: Int64) -> JSON {
        let now = JSON.string(wallClock().rfc3339Micro)
        return [
            "holderIdentity": .string(identity),
            "leaseDurationSeconds": .int(leaseDuration.components.seconds),
            "acquireTime": now,
            "renewTime": now,
            "leaseTransitions": .int(epoch),
        ]
    }

    private func patch(_ version: String, spec: JSON, within timeout: Duration?) async throws(ClientError) -> JSON {
        let body: JSON = ["metadata": ["resourceVersion": .string(version)], "spec": spec]
        let request = APIRequest.patch(.leases, namespace: lease.namespace, name: lease.name, .merge, body)
        return try await client.answer(request, within: timeout)
    }
}
