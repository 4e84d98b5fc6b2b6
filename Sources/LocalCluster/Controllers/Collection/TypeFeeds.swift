import KubeCore
import Logging

/// Follows every kind that is served, also those that come and go with custom resource definitions.
struct TypeFeeds: Sendable {
    let api: any ClusterAPI
    let logger: Logger
    /// Plurals of kinds to leave out.
    let ignored: Set<String>

    /// Runs until cancelled.
    func run(
        onTypes: @escaping @Sendable ([ResourceType]) -> Void,
        onChange: @escaping @Sendable (ResourceType, ResourceChange) -> Void
    ) async {
        var running: [ResourceType: Task<Void, Never>] = [:]
        let (changes, tell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let definitions = Task {
            await ResourceFeed(api: api, type: .customResourceDefinitions, logger: logger).run { _ in tell.yield() }
        }
        tell.yield()
        for await _ in changes {
            let types = await api.servedTypes()
            onTypes(types)
            let wanted = Set(types.filter { !ignored.contains($0.plural) })
            for (type, task) in running where !wanted.contains(type) {
                task.cancel()
                running[type] = nil
                onChange(type, .listed([]))
            }
            for type in wanted where running[type] == nil {
                let feed = ResourceFeed(api: api, type: type, logger: logger)
                running[type] = Task { await feed.run { onChange(type, $0) } }
            }
        }
        definitions.cancel()
        for task in running.values { task.cancel() }
        for task in running.values { await task.value }
        await definitions.value
    }
}
