import KubeClient
import KubeCore
import ServiceLifecycle
import Testing

@testable import KubeRuntime

@Suite("Informer set", .timeLimit(.minutes(1)))
struct InformerSetTests {
    let server = ScriptedListWatch()
    var informers: InformerSet { InformerSet(client: server, logger: silent) }

    @Test("Controllers that ask for the same kind and scope share one informer")
    func shares() {
        let informers = informers
        let first = informers.informer(for: .pods, indexers: [.ownerUID])
        let second = informers.informer(for: .pods, indexers: [.label("app")])
        #expect(first === second)
        #expect(informers.informer(for: .pods, scope: WatchScope(namespace: "n")) !== first)
        let typed = informers.informer(for: Widget.self)
        #expect(typed === informers.informer(for: Widget.self))
        StoreWriter(first.store).replace(
            [item(pod("a", version: 1, labels: ["app": "web"], owner: owner("e")))], resourceVersion: "1")
        #expect(first.store.objects(ownedBy: "uid-e").count == 1)
        #expect(first.store.objects(index: IndexName.label("app"), value: "web").count == 1)
    }

    @Test("It runs the informers asked for before and while it runs, one watch each, until shutdown")
    func runs() async throws {
        let informers = informers
        let pods = informers.informer(for: .pods)
        let group = ServiceGroup(services: [informers], logger: silent)
        let task = Task { try await group.run() }
        let podWatch = try await server.serveStreamingList([pod("a", version: 1)], resourceVersion: "1")
        try await pods.waitUntilSynced()

        let widgets = informers.informer(for: Widget.self)
        _ = informers.informer(for: .pods)
        let widgetWatch = try await server.serveStreamingList([widget("w", version: 2, size: 1)], resourceVersion: "2")
        try await informers.waitUntilSynced()
        #expect(widgets.store.get(key("w"))?.spec.size == 1)

        await group.triggerGracefulShutdown()
        try await podWatch.waitUntilAbandoned()
        try await widgetWatch.waitUntilAbandoned()
        try await task.value
    }
}
