import KubeClient
import KubeCore

/// Adds and removes a finalizer by JSON patches that apply only to the state they were computed from.
///
/// Expected flow of a reconciler:
/// 1. The object has no `deletionTimestamp`: ``add(_:to:of:)`` before anything is made that the object's deletion must
///    clean up.
/// 2. It has one: clean up, then ``remove(_:from:of:)``. The server deletes the object when the last finalizer is gone.
///
/// Guarantees: no finalizer of others is lost, and none is put on another object of the same name (the patches test the
/// UID). A state that changed meanwhile is a conflict, after which the reconciler looks again.
public struct Finalizers: Sendable {
    private let client: any RequestClient

    public init(client: any RequestClient) {
        self.client = client
    }

    /// Adds the finalizer. Returns the object as it is then, or nil when nothing was to be done: it has the finalizer,
    /// or is being deleted, when the server takes no new ones.
    ///
    /// - Throws: `ClientError`; a conflict when the object has changed or is another one now.
    public func add(
        _ finalizer: String, to metadata: ObjectMeta, of type: ResourceType
    ) async throws(ClientError) -> DynamicObject? {
        guard let patch = Self.patch(adding: finalizer, to: metadata) else { return nil }
        return try await apply(patch, to: metadata, of: type)
    }

    /// Removes the finalizer. Returns the object as it is then, or nil when it has no such finalizer or is gone.
    ///
    /// - Throws: `ClientError`; a conflict when the object has changed or is another one now.
    @discardableResult
    public func remove(
        _ finalizer: String, from metadata: ObjectMeta, of type: ResourceType
    ) async throws(ClientError) -> DynamicObject? {
        guard let patch = Self.patch(removing: finalizer, from: metadata) else { return nil }
        do throws(ClientError) {
            return try await apply(patch, to: metadata, of: type)
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }

    /// The patch (RFC 6902) that adds the finalizer; nil when there is nothing to do.
    public static func patch(adding finalizer: String, to metadata: ObjectMeta) -> JSON? {
        let present = metadata.finalizers ?? []
        guard metadata.deletionTimestamp == nil, !present.contains(finalizer) else { return nil }
        var operations = testOfIdentity(metadata)
        if present.isEmpty {
            operations.append(test("/metadata/finalizers", .null))
            operations.append(operation("add", "/metadata/finalizers", [.string(finalizer)]))
        } else {
            operations.append(test("/metadata/finalizers", .array(present.map(JSON.string))))
            operations.append(operation("add", "/metadata/finalizers/-", .string(finalizer)))
        }
        return .array(operations)
    }

    /// The patch (RFC 6902) that removes the finalizer; nil when there is nothing to do.
    public static func patch(removing finalizer: String, from metadata: ObjectMeta) -> JSON? {
        guard let index = metadata.finalizers?.firstIndex(of: finalizer) else { return nil }
        let path = "/metadata/finalizers/\(index)"
        var operations = testOfIdentity(metadata)
        operations.append(test(path, .string(finalizer)))
        operations.append(["op": "remove", "path": .string(path)])
        return .array(operations)
    }

    private func apply(
        _ patch: JSON, to metadata: ObjectMeta, of type: ResourceType
    ) async throws(ClientError) -> DynamicObject {
        let name = metadata.name ?? ""
        let request = APIRequest.patch(type, namespace: metadata.namespace, name: name, .json, patch)
        do throws(ClientError) {
            return DynamicObject(try await client.answer(request))
        } catch {
            // The server reports a `test` that fails as an invalid patch, which would look as if no retry could help.
            guard error.isInvalid else { throw error }
            let status = Status.conflict(type, name, "its finalizers have changed, or it is another object now")
            throw ClientError(.status(status), "\(status.message); look again (\(error.message))", cause: error)
        }
    }

    private static func testOfIdentity(_ metadata: ObjectMeta) -> [JSON] {
        metadata.uid.map { [test("/metadata/uid", .string($0))] } ?? []
    }

    private static func test(_ path: String, _ value: JSON) -> JSON {
        operation("test", path, value)
    }

    private static func operation(_ name: String, _ path: String, _ value: JSON) -> JSON {
        ["op": .string(name), "path": .string(path), "value": value]
    }
}
