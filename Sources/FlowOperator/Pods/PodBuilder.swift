import FlowAPI
import FlowKernel
import KubeCore

/// Makes the pod of an attempt. It is built from what `AttemptPlan` offers and nothing else, and passes the Pod Security
/// level `restricted`.
///
/// An init container copies the agent onto an emptyDir; the agent then wraps the task's command, so that any Linux image
/// will do.
struct PodBuilder: Sendable {
    /// The image that holds the agent at `/flowengine-agent`.
    var agentImage: String

    /// The user and group of every task: not root, and no user that an image is likely to know.
    static let user: Int64 = 65532
    private static let agentVolume = "flowengine"
    private static let agentHome = "/flowengine"
    private static let outputs = "/flowengine/outputs"

    func pod(for attempt: AttemptPlan, of run: RunIdentity) -> JSON {
        var pod = JSON.object([
            "apiVersion": "v1", "kind": "Pod", "metadata": metadata(attempt, run),
            "spec": [
                "restartPolicy": "Never",
                "automountServiceAccountToken": false,
                "securityContext": [
                    "runAsNonRoot": true, "runAsUser": .int(Self.user), "runAsGroup": .int(Self.user),
                    "fsGroup": .int(Self.user), "fsGroupChangePolicy": "OnRootMismatch",
                    "seccompProfile": ["type": "RuntimeDefault"],
                ],
                "volumes": .array([["name": .string(Self.agentVolume), "emptyDir": [:]]] + volumes(attempt)),
                "initContainers": [installer(attempt.container.resources)],
                "containers": [main(attempt, run)],
            ],
        ])
        if let account = attempt.serviceAccountName {
            pod.set(.string(account), at: ["spec", "serviceAccountName"])
        }
        if let timeout = attempt.timeout {
            // Whole seconds, rounded up: the kubelet must not end a task before its time.
            let (seconds, attoseconds) = timeout.components
            pod.set(.int(max(1, seconds + (attoseconds > 0 ? 1 : 0))), at: ["spec", "activeDeadlineSeconds"])
        }
        return pod
    }

    private func metadata(_ attempt: AttemptPlan, _ run: RunIdentity) -> JSON {
        let instance = attempt.id.instance
        let labels = Labels.forPod(
            engine: run.engine, job: run.job, run: run.name, task: instance.task, index: instance.index,
            attempt: attempt.id.number)
        return [
            "name": .string(Self.name(attempt.id, of: run)),
            "namespace": .string(run.namespace),
            "labels": Self.texts(labels),
            "annotations": [Annotations.runUID: .string(run.uid)],
            "finalizers": [.string(FlowAPI.Finalizers.pod)],
            "ownerReferences": [
                [
                    "apiVersion": .string(FlowGroup.apiVersion), "kind": "JobRun", "name": .string(run.name),
                    "uid": .string(run.uid), "controller": true, "blockOwnerDeletion": false,
                ]
            ],
        ]
    }

    static func name(_ id: AttemptID, of run: RunIdentity) -> String {
        Names.pod(
            run: run.name, runUID: run.uid, task: id.instance.task, index: id.instance.index, attempt: id.number)
    }

    /// It gets the task's own resources, which costs nothing, as it ends before the task begins; a quota may ask for them.
    private func installer(_ resources: ResourceRequirements?) -> JSON {
        var container: JSON = [
            "name": "flowengine-install",
            "image": .string(agentImage),
            "command": ["/flowengine-agent", "install", .string(Self.agentHome + "/bin")],
            "securityContext": Self.containerSecurity,
            "volumeMounts": [["name": .string(Self.agentVolume), "mountPath": .string(Self.agentHome)]],
        ]
        if let resources { container["resources"] = Self.requirements(resources) }
        return container
    }

    private func main(_ attempt: AttemptPlan, _ run: RunIdentity) -> JSON {
        let plan = attempt.container
        let agentMount: JSON = ["name": .string(Self.agentVolume), "mountPath": .string(Self.agentHome)]
        var container = JSON.object([
            "name": .string(Self.mainContainer),
            "image": .string(plan.image),
            "command": [.string(Self.agentHome + "/bin/flowengine-agent"), "run", "--"],
            "args": .array((plan.command + plan.args).map { .string(Self.escaped($0)) }),
            "env": .array(environment(attempt, run)),
            "securityContext": Self.containerSecurity,
            "volumeMounts": .array([agentMount] + plan.volumeMounts.map(mount)),
        ])
        if let workingDir = plan.workingDir { container["workingDir"] = .string(workingDir) }
        if let policy = plan.imagePullPolicy { container["imagePullPolicy"] = .string(policy.rawValue) }
        if let resources = plan.resources { container["resources"] = Self.requirements(resources) }
        return container
    }

    /// The task's variables, and over them those by which the agent works.
    private func environment(_ attempt: AttemptPlan, _ run: RunIdentity) -> [JSON] {
        var values = attempt.container.env
        values.append(EnvVar(name: "FLOWENGINE_NAMESPACE", value: run.namespace))
        values.append(EnvVar(name: "FLOWENGINE_OUTPUTS", value: Self.outputs))
        if !attempt.outputs.isEmpty {
            values.append(EnvVar(name: "FLOWENGINE_OUTPUT_NAMES", value: attempt.outputs.joined(separator: ",")))
        }

        // Names are a list-map key in a pod: one entry each, the later value at the earlier place.
        var position: [String: Int] = [:]
        var entries: [JSON] = []
        for variable in values {
            let entry = Self.entry(variable)
            if let place = position[variable.name] {
                entries[place] = entry
            } else {
                position[variable.name] = entries.count
                entries.append(entry)
            }
        }
        return entries
    }

    private func volumes(_ attempt: AttemptPlan) -> [JSON] {
        attempt.data.map { binding in
            var volume: JSON = ["name": .string(Self.volumeName(binding.name))]
            if let claim = binding.persistentVolumeClaim {
                volume["persistentVolumeClaim"] = ["claimName": .string(claim.claimName)]
                if claim.readOnly == true { volume.set(true, at: ["persistentVolumeClaim", "readOnly"]) }
            } else if let source = binding.configMap {
                volume["configMap"] = Self.keyed("name", source.name, source.items, source.optional)
            } else if let source = binding.secret {
                volume["secret"] = Self.keyed("secretName", source.secretName, source.items, source.optional)
            } else {
                volume["emptyDir"] = binding.emptyDir?.sizeLimit.map { ["sizeLimit": .string($0)] } ?? [:]
            }
            return volume
        }
    }

    private func mount(_ mount: VolumeMount) -> JSON {
        var entry: JSON = [
            "name": .string(Self.volumeName(mount.name)), "mountPath": .string(mount.mountPath),
        ]
        if let subPath = mount.subPath { entry["subPath"] = .string(subPath) }
        if mount.readOnly == true { entry["readOnly"] = true }
        return entry
    }

    static let mainContainer = "main"

    private static let containerSecurity: JSON = [
        "allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"]],
    ]

    /// Bindings get a prefix, so that none can take the agent's volume.
    private static func volumeName(_ binding: String) -> String { "data-" + binding }

    /// Kubernetes expands `$(NAME)` in commands, arguments and values, and makes one `$` of `$$`; what users wrote is
    /// passed on as it stands.
    private static func escaped(_ text: String) -> String {
        guard text.contains("$(") || text.contains("$$") else { return text }
        var bytes: [UInt8] = []
        let dollar = UInt8(ascii: "$")
        for (byte, next) in zip(text.utf8, Array(text.utf8.dropFirst()) + [0]) {
            bytes.append(byte)
            if byte == dollar, next == dollar || next == UInt8(ascii: "(") { bytes.append(dollar) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func entry(_ variable: EnvVar) -> JSON {
        var entry: JSON = ["name": .string(variable.name)]
        if let secret = variable.valueFrom?.secretKeyRef {
            entry["valueFrom"] = ["secretKeyRef": reference(secret)]
        } else if let configMap = variable.valueFrom?.configMapKeyRef {
            entry["valueFrom"] = ["configMapKeyRef": reference(configMap)]
        } else {
            entry["value"] = .string(escaped(variable.value ?? ""))
        }
        return entry
    }

    private static func reference(_ key: KeyReference) -> JSON {
        var reference: JSON = ["name": .string(key.name), "key": .string(key.key)]
        if let optional = key.optional { reference["optional"] = .bool(optional) }
        return reference
    }

    private static func keyed(_ field: String, _ name: String, _ items: [KeyToPath], _ optional: Bool?) -> JSON {
        var source: JSON = [field: .string(name)]
        if !items.isEmpty {
            source["items"] = .array(items.map { ["key": .string($0.key), "path": .string($0.path)] })
        }
        if let optional { source["optional"] = .bool(optional) }
        return source
    }

    private static func requirements(_ resources: ResourceRequirements) -> JSON {
        ["requests": texts(resources.requests), "limits": texts(resources.limits)]
    }

    private static func texts(_ values: [String: String]) -> JSON {
        .object(JSONObject(values.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }))
    }
}
