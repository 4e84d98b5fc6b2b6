import FlowAPI
import FlowKernel
import FlowManager
import Testing

@Suite("The manager of Engines")
struct EngineManagerTests {
    private let manager = EngineManager(driver: RecordingDriver())

    @Test("An Engine has one kernel, whoever asks")
    func same() async {
        let id = ObjectID(namespace: "shop", name: "a", uid: "1")
        let first = await manager.kernel(for: id)
        #expect(await manager.kernel(for: id) === first)
        #expect(await manager.kernel(namespace: "shop", name: "a") === first)
        #expect(first.engine == id)
    }

    @Test("Engines of other names and namespaces have kernels of their own")
    func apart() async {
        let a = await manager.kernel(for: ObjectID(namespace: "shop", name: "a", uid: "1"))
        let b = await manager.kernel(for: ObjectID(namespace: "shop", name: "b", uid: "2"))
        let other = await manager.kernel(for: ObjectID(namespace: "lab", name: "a", uid: "3"))
        #expect(a !== b)
        #expect(a !== other)
    }

    @Test("An Engine that was deleted and made again has a new kernel, which knows nothing of the old one's runs")
    func recreated() async throws {
        let old = await manager.kernel(for: ObjectID(namespace: "shop", name: "a", uid: "1"))
        let revision = Revision(
            job: JobSpec(engine: "a", tasks: [TaskSpec(name: "t", script: "true")]), engine: EngineSpec())
        let run = RunIdentity(namespace: "shop", name: "run", uid: "run-1", job: "j", engine: "a")
        await old.adopt(try RunPlan(run: run, revision: revision, params: [:]), startedAt: nil)
        #expect(await old.knows(run: "run-1"))

        let new = await manager.kernel(for: ObjectID(namespace: "shop", name: "a", uid: "2"))
        #expect(new !== old)
        #expect(await new.knows(run: "run-1") == false)
        #expect(await manager.kernel(namespace: "shop", name: "a") === new)
    }

    @Test("The kernel of an Engine that is gone ends")
    func removed() async {
        let id = ObjectID(namespace: "shop", name: "a", uid: "1")
        let old = await manager.kernel(for: id)
        await manager.remove(namespace: "shop", name: "a")
        #expect(await manager.kernel(namespace: "shop", name: "a") == nil)
        #expect(await manager.kernel(for: id) !== old)
    }
}
