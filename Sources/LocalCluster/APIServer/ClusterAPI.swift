import KubeCore

/// How the cluster's own controllers and its node reach the API server in the same process.
///
/// It has the API's semantics (resourceVersions, finalizers, graceful deletion, validation) without HTTP or
/// authorization. Failures are the `Status` that an HTTP client would get.
package protocol ClusterAPI: Sendable {
    func get(_ type: ResourceType, namespace: String?, name: String) async throws(Status) -> JSON

    /// All objects of a kind, in every namespace when `namespace` is nil, with the resourceVersion of the list.
    func list(_ type: ResourceType, namespace: String?) async throws(Status) -> (items: [JSON], resourceVersion: UInt64)

    func create(_ type: ResourceType, namespace: String?, _ object: JSON) async throws(Status) -> JSON

    /// Replaces the object, or with `subresource: "status"` only its status. A `metadata.resourceVersion` in `object`
    /// makes the write conditional.
    func update(
        _ type: ResourceType, namespace: String?, name: String, subresource: String?, _ object: JSON
    ) async throws(Status) -> JSON

    /// Applies a JSON merge patch (RFC 7386) to the object or to a subresource.
    func mergePatch(
        _ type: ResourceType, namespace: String?, name: String, subresource: String?, _ patch: JSON
    ) async throws(Status) -> JSON

    /// Deletes with the semantics of DELETE.
    ///
    /// - Parameter gracePeriodSeconds: nil leaves the kind's default; 0 removes at once unless finalizers hold it.
    /// - Parameter uid: a precondition; another object under the same name is left alone with a Conflict.
    func delete(
        _ type: ResourceType, namespace: String?, name: String, uid: String?, gracePeriodSeconds: Int64?,
        propagationPolicy: String?
    ) async throws(Status)

    /// Changes after `resourceVersion`, for ever; the stream ends by itself when the history no longer reaches back
    /// that far or when the reader was too slow (list again), and when the cluster stops.
    func watch(_ type: ResourceType, after resourceVersion: UInt64) -> AsyncStream<WatchFrame>

    /// Every kind that is served now, built-in and custom, at its preferred version. The garbage collector and the namespace
    /// controller work over all of them.
    func servedTypes() async -> [ResourceType]
}
