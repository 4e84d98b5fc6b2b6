import FlowAPI
import KubeCore
import KubeYAML

/// Holds tasks up until a test lets them go on.
///
/// A gate is a file on a claim that the Engine binds under the name `gates`; a pod makes it, so that this works on every
/// cluster, with or without an operator.
struct Gates: Sendable {
    let sandbox: Sandbox

    /// What an Engine's spec needs for tasks with gates.
    static let data = "data: [{name: gates, persistentVolumeClaim: {claimName: gates}}]"
    /// What a task with gates needs.
    static let mount = "volumeMounts: [{name: gates, mountPath: /gates}]"

    /// The line of a script that waits for a gate.
    static func wait(_ name: String) -> String { "until [ -e /gates/\(name) ]; do sleep 0.05; done" }

    static let claim = """
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: gates}
        spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 1Mi}}}
        """

    /// Declares the Engine `e` with gates, and Jobs of it.
    static func declare(in sandbox: Sandbox, _ jobs: String...) async throws -> Gates {
        try await sandbox.apply(claim)
        try await sandbox.apply(Sandbox.engine(data))
        for job in jobs { try await sandbox.apply(job) }
        return Gates(sandbox: sandbox)
    }

    func open(_ names: String...) async throws { try await open(names) }

    func open(_ names: [String]) async throws {
        let pod = "open-" + String(UInt32.random(in: .min ... .max), radix: 36)
        let files = names.map { "/gates/\($0)" }.joined(separator: " ")
        try await sandbox.create(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: \(pod)}
            spec:
              restartPolicy: Never
              securityContext: {runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532}
              volumes: [{name: gates, persistentVolumeClaim: {claimName: gates}}]
              containers:
                - name: main
                  image: busybox:1.37
                  command: [sh, -c, touch \(files)]
                  volumeMounts: [{name: gates, mountPath: /gates}]
            """)
        try await sandbox.wait(for: .pods, named: pod) { $0?.json.at("status", "phase") == "Succeeded" }
    }
}
