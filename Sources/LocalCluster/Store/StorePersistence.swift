/// Where a store keeps its objects over a restart.
package protocol StorePersistence: Sendable {
    /// Everything kept, and the last revision ever given out.
    func load() throws -> (revision: UInt64, objects: [GroupResource: [StoredObject]])

    /// Stores the changes for good, all or none of them, in their order.
    func commit(_ changes: [(GroupResource, String, StoreEvent)]) throws

    /// Runs blocking work outside the concurrency pool, one piece at a time.
    func schedule(_ work: @escaping @Sendable () -> Void)
}
