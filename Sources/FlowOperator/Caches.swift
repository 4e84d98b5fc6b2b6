import FlowAPI
import KubeCore
import KubeRuntime

/// What the operator watches, each kind once, with the ways in which it is looked up.
struct Caches: Sendable {
    let engines: Informer<Engine>
    let jobs: Informer<Job>
    let runs: Informer<JobRun>
    /// Only the pods that FlowEngine made.
    let pods: Informer<DynamicObject>

    init(_ informers: InformerSet, namespace: String?) {
        let scope = WatchScope(namespace: namespace)
        engines = informers.informer(for: Engine.self, scope: scope)
        jobs = informers.informer(
            for: Job.self, scope: scope,
            indexers: [
                Indexer(name: Index.engine) { job, meta in [Index.value(meta.namespace, job.spec.engine)] }
            ])
        runs = informers.informer(
            for: JobRun.self, scope: scope,
            indexers: [Indexer(name: Index.job) { run, meta in [Index.value(meta.namespace, run.spec.job)] }])
        pods = informers.informer(
            for: .pods,
            scope: WatchScope(
                namespace: namespace, labelSelector: "\(Labels.managedBy)=\(Labels.managedByValue),\(Labels.run)"),
            indexers: [
                .ownerUID,
                Indexer(name: Index.run) { pod, meta in
                    meta.labels?[Labels.run].map { [Index.value(meta.namespace, $0)] } ?? []
                },
                Indexer(name: Index.engine) { pod, meta in
                    meta.labels?[Labels.engine].map { [Index.value(meta.namespace, $0)] } ?? []
                },
            ])
    }

    private enum Index {
        static let engine = "engine"
        static let job = "job"
        static let run = "run"

        static func value(_ namespace: String?, _ name: String) -> String { "\(namespace ?? "")/\(name)" }
    }

    func jobs(ofEngine name: String, in namespace: String?) -> [Job] {
        jobs.store.objects(index: Index.engine, value: Index.value(namespace, name))
    }

    func runs(ofJob name: String, in namespace: String?) -> [JobRun] {
        runs.store.objects(index: Index.job, value: Index.value(namespace, name))
    }

    /// Pods that carry a run's name, whichever object of that name made them.
    func pods(named run: String, in namespace: String?) -> [DynamicObject] {
        pods.store.objects(index: Index.run, value: Index.value(namespace, run))
    }

    /// How many of an Engine's pods exist and have not ended.
    func livePods(ofEngine name: String, in namespace: String?) -> Int {
        pods.store.objects(index: Index.engine, value: Index.value(namespace, name)).count { pod in
            let phase = pod.json.at("status", "phase")?.stringValue
            return phase != "Succeeded" && phase != "Failed"
        }
    }

    func pods(ownedBy uid: String) -> [DynamicObject] {
        pods.store.objects(ownedBy: uid)
    }
}
