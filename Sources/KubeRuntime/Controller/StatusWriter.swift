import KubeClient
import KubeCore

/// Writes an object's status when it differs from what is there, as a merge patch of only what differs.
///
/// A reconciler that always writes would wake itself for ever; one that replaces the object would undo what others
/// wrote.
public struct StatusWriter: Sendable {
    private let client: any RequestClient

    public init(client: any RequestClient) {
        self.client = client
    }

    /// Applies `change` to a copy of the object and writes the status if that made a difference.
    ///
    /// - Parameters:
    ///   - object: as it was read; what it says of the status is compared with the outcome.
    ///   - isConditional: fail with a conflict when the object has changed since it was read. For statuses that are
    ///     computed from the one before, such as counters.
    /// - Returns: the object as it is after the write; nil when nothing was written.
    /// - Throws: `ClientError`.
    @discardableResult
    public func update<Object: KubeObject>(
        _ object: Object, isConditional: Bool = false, _ change: (inout Object) -> Void
    ) async throws(ClientError) -> Object? {
        var changed = object
        change(&changed)
        let answer = try await write(
            try encoded(changed)["status"], over: try encoded(object)["status"], of: Object.resourceType,
            object.metadata, isConditional: isConditional)
        guard let answer else { return nil }
        do {
            return try JSONTreeDecoder().decode(Object.self, from: answer.json)
        } catch {
            throw ClientError(
                .decoding, "The status of \(name(object.metadata)) was written; the answer cannot be read: \(error)",
                cause: error)
        }
    }

    /// Writes `status` over what is there.
    ///
    /// - Parameters:
    ///   - current: the status as it was read; nil when there was none.
    ///   - metadata: of the object as it was read.
    ///   - isConditional: fail with a conflict when the object has changed since it was read.
    /// - Returns: the object as it is after the write; nil when nothing was written.
    /// - Throws: `ClientError`.
    @discardableResult
    public func write(
        _ status: JSON?, over current: JSON?, of type: ResourceType, _ metadata: ObjectMeta,
        isConditional: Bool = false
    ) async throws(ClientError) -> DynamicObject? {
        guard var patch = Self.patch(from: current, to: status) else { return nil }
        if isConditional, let version = metadata.resourceVersion {
            patch["metadata"] = ["resourceVersion": .string(version)]
        }
        let request = APIRequest.patch(
            type, namespace: metadata.namespace, name: metadata.name ?? "", subresource: "status", .merge, patch)
        return DynamicObject(try await client.answer(request))
    }

    /// The merge patch (RFC 7386) of the object that leads from one status to another; nil when they are the same.
    public static func patch(from current: JSON?, to status: JSON?) -> JSON? {
        let old = current ?? [:]
        let new = status ?? [:]
        guard old != new else { return nil }
        return ["status": MergePatch.diff(from: old, to: new)]
    }

    private func encoded<Object: KubeObject>(_ object: Object) throws(ClientError) -> JSON {
        do {
            return try JSONTreeEncoder().encode(object)
        } catch {
            throw ClientError(
                .decoding, "The status of \(name(object.metadata)) cannot be written as JSON: \(error)", cause: error)
        }
    }

    private func name(_ metadata: ObjectMeta) -> String {
        ObjectKey(namespace: metadata.namespace, name: metadata.name ?? "?").description
    }
}
