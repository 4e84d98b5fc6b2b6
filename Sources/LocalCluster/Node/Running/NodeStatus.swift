import Glibc
import KubeCore

/// What this host has.
enum HostCapacity {
    static func read() -> [String: Quantity] {
        let processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        let memory = Int64(pages).multipliedReportingOverflow(by: Int64(sysconf(Int32(_SC_PAGESIZE)))).partialValue
        return [
            "cpu": Quantity(Int64(max(1, processors))),
            "memory": Quantity(max(0, memory) / 1024 * 1024, format: .binarySI),
            "ephemeral-storage": Quantity(freeDisk(), format: .binarySI),
        ]
    }

    private static func freeDisk() -> Int64 {
        var status = statvfs()
        guard statvfs("/", &status) == 0 else { return 0 }
        return Int64(
            clamping: UInt64(status.f_blocks).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    }

    static var machine: (architecture: String, kernel: String) {
        var name = utsname()
        uname(&name)
        func text<Field>(_ field: Field) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        let machine = text(name.machine)
        return (["x86_64": "amd64", "aarch64": "arm64"][machine] ?? machine, text(name.release))
    }
}

/// Registers the Node, keeps its status and its lease.
struct NodeStatus: Sendable {
    let context: NodeContext

    private var name: String { context.options.name }

    /// Leases are renewed as a kubelet does; the status only when it has to change.
    private static let leaseSeconds: Int64 = 40

    func run() async {
        while !Task.isCancelled {
            let hasRegistered = await register()
            let hasLease = await renewLease()
            let delay: Duration = hasRegistered && hasLease ? .seconds(10) : .milliseconds(100)
            try? await Task.sleep(for: delay)
        }
    }

    /// Makes the Node, or sets it right; writes nothing when it is as it should be.
    private func register() async -> Bool {
        do throws(Status) {
            let current: JSON
            do throws(Status) {
                current = try await context.api.get(.nodes, namespace: nil, name: name)
            } catch  where error.reason == .notFound {
                current = try await context.api.create(.nodes, namespace: nil, node)
            }
            let conditions = current.at("status", "conditions")?.arrayValue ?? []
            let isReady = conditions.contains { $0.text("type") == "Ready" && $0.text("status") == "True" }
            if isReady, current.at("status", "capacity") == status["capacity"] { return true }
            _ = try await context.api.mergePatch(
                .nodes, namespace: nil, name: name, subresource: "status", ["status": status])
            return true
        } catch {
            context.logger.warning("cannot register the node \(name): \(error.message)")
            return false
        }
    }

    private var node: JSON {
        let architecture = HostCapacity.machine.architecture
        return [
            "apiVersion": "v1", "kind": "Node",
            "metadata": [
                "name": .string(name),
                "labels": [
                    "kubernetes.io/hostname": .string(name), "kubernetes.io/os": "linux",
                    "kubernetes.io/arch": .string(architecture),
                    "node-role.kubernetes.io/control-plane": "",
                ],
            ],
            "spec": [:],
        ]
    }

    private var status: JSON {
        let (architecture, kernel) = HostCapacity.machine
        let now = JSON.string(Timestamp.now().rfc3339)
        var capacity: JSONObject = ["pods": .string("\(context.options.podLimit)")]
        for (name, quantity) in context.resources.sorted(by: { $0.key < $1.key }) {
            capacity[name] = .string("\(quantity)")
        }
        func condition(_ type: String, _ isTrue: Bool, _ reason: String, _ message: String) -> JSON {
            [
                "type": .string(type), "status": isTrue ? "True" : "False", "reason": .string(reason),
                "message": .string(message), "lastHeartbeatTime": now, "lastTransitionTime": now,
            ]
        }
        return [
            "addresses": [
                ["type": "InternalIP", "address": .string(NodeContext.hostAddress)],
                ["type": "Hostname", "address": .string(name)],
            ],
            "capacity": .object(capacity), "allocatable": .object(capacity),
            "conditions": [
                condition(
                    "MemoryPressure", false, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
                condition("DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                condition("PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
                condition("Ready", true, "KubeletReady", "the local node runs pods as processes"),
            ],
            "nodeInfo": [
                "architecture": .string(architecture), "operatingSystem": "linux", "kernelVersion": .string(kernel),
                "osImage": "the host's own", "containerRuntimeVersion": "local://0.1.0", "kubeletVersion": "v1.36.0",
                "kubeProxyVersion": "", "machineID": "", "systemUUID": "", "bootID": "",
            ],
        ]
    }

    private func renewLease() async -> Bool {
        let namespace = "kube-node-lease"
        let now = JSON.string(Timestamp.now().rfc3339Micro)
        do throws(Status) {
            do throws(Status) {
                _ = try await context.api.mergePatch(
                    .leases, namespace: namespace, name: name, subresource: nil,
                    ["spec": ["renewTime": now, "holderIdentity": .string(name)]])
            } catch  where error.reason == .notFound {
                _ = try await context.api.create(
                    .leases, namespace: namespace,
                    [
                        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
                        "metadata": ["name": .string(name), "namespace": .string(namespace)],
                        "spec": [
                            "holderIdentity": .string(name), "leaseDurationSeconds": .int(Self.leaseSeconds),
                            "renewTime": now,
                        ],
                    ])
            }
            return true
        } catch {
            context.logger.debug("cannot renew the node's lease: \(error.message)")
            return false
        }
    }
}
