import KubeCore
import Logging

/// What a feed tells.
enum ResourceChange: Sendable {
    /// All there is, in place of everything told before.
    case listed([JSON])
    case changed(JSON)
    case removed(JSON)
}

/// Lists a kind, then follows its changes, and lists again whenever the watch has lost its place.
struct ResourceFeed: Sendable {
    let api: any ClusterAPI
    let type: ResourceType
    let logger: Logger

    /// Calls the handler for each change in order, until the task is cancelled or the cluster stops for good.
    func run(_ handle: (ResourceChange) async -> Void) async {
        var failures = 0
        while !Task.isCancelled {
            do throws(Status) {
                let (items, resourceVersion) = try await api.list(type, namespace: nil)
                failures = 0
                await handle(.listed(items))
                for await frame in api.watch(type, after: resourceVersion) {
                    switch frame.type {
                    case .added, .modified: await handle(.changed(frame.object))
                    case .deleted: await handle(.removed(frame.object))
                    case .bookmark: break
                    case .error: logger.debug("watch of \(type.plural) has to begin again: \(frame.object)")
                    }
                }
            } catch {
                logger.debug("cannot list \(type.plural): \(error.message)")
            }
            // A watch that ends at once must not make a busy loop.
            failures += 1
            try? await Task.sleep(for: min(.seconds(5), .milliseconds(5) * (1 << min(failures, 10))))
        }
    }
}
