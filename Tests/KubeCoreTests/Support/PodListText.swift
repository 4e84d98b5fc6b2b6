import KubeCore

/// A list of pods as an API server sends it, for measurements and as food for mutations.
enum PodListText {
    static func pod(_ index: Int) -> JSON {
        let hash = String(UInt64(index) &* 0x9E37_79B9_7F4A_7C15, radix: 16)
        let name = "worker-\(hash.prefix(8))-\(index)"
        return [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": [
                "name": .string(name), "generateName": "worker-", "namespace": "production",
                "uid": .string("3f2a\(hash.prefix(4))-0b1c-4d5e-8f90-\(hash.prefix(12))"),
                "resourceVersion": .string("\(184_467 + index)"), "creationTimestamp": "2026-01-02T03:04:05Z",
                "labels": ["app.kubernetes.io/name": "worker", "pod-template-hash": .string(String(hash.prefix(10)))],
                "annotations": ["example.io/note": .string("line one\nline \"two\" of \(index), é")],
                "ownerReferences": [
                    [
                        "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "worker", "uid": .string("aaaa-\(hash)"),
                        "controller": true, "blockOwnerDeletion": true,
                    ]
                ],
                "managedFields": [
                    [
                        "manager": "kube-controller-manager", "operation": "Update", "apiVersion": "v1",
                        "time": "2026-01-02T03:04:05Z", "fieldsType": "FieldsV1",
                        "fieldsV1": [
                            "f:metadata": [
                                "f:generateName": [:], "f:labels": [".": [:], "f:app.kubernetes.io/name": [:]],
                            ],
                            "f:spec": [
                                "f:containers": ["k:{\"name\":\"main\"}": [".": [:], "f:image": [:], "f:name": [:]]],
                                "f:dnsPolicy": [:], "f:restartPolicy": [:],
                            ],
                        ],
                    ]
                ],
            ],
            "spec": [
                "volumes": [
                    [
                        "name": "token",
                        "projected": [
                            "sources": [["serviceAccountToken": ["expirationSeconds": 3607, "path": "token"]]],
                            "defaultMode": 420,
                        ],
                    ]
                ],
                "containers": [
                    [
                        "name": "main", "image": "registry.example.io/team/worker:1.2.3",
                        "args": ["--verbose", "--count=\(index)"],
                        "ports": [["containerPort": 8080, "protocol": "TCP"]],
                        "resources": [
                            "requests": ["cpu": "100m", "memory": "128Mi"], "limits": ["cpu": "1", "memory": "1Gi"],
                        ],
                        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
                        "imagePullPolicy": "IfNotPresent",
                    ]
                ],
                "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
                "nodeName": .string("node-\(index % 100)"),
                "tolerations": [
                    [
                        "key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute",
                        "tolerationSeconds": 300,
                    ]
                ],
                "priority": 0, "enableServiceLinks": true,
            ],
            "status": [
                "phase": "Running", "podIP": .string("10.1.\(index / 250 % 250).\(index % 250)"),
                "qosClass": "Burstable",
                "conditions": .array(
                    ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map {
                        [
                            "type": .string($0), "status": "True", "lastProbeTime": nil,
                            "lastTransitionTime": "2026-01-02T03:04:05Z",
                        ]
                    }),
                "containerStatuses": [
                    [
                        "name": "main", "ready": true, "restartCount": .int(Int64(index % 3)), "started": true,
                        "state": ["running": ["startedAt": "2026-01-02T03:04:05Z"]],
                        "imageID": "registry.example.io/team/worker@sha256:0123456789abcdef",
                    ]
                ],
            ],
        ]
    }

    /// The compact text of a list with at least so many bytes.
    static func list(bytes: Int) -> [UInt8] {
        let size = pod(0).encoded().count
        let items = (0...(bytes / size)).map(pod)
        return JSON.object([
            "kind": "PodList", "apiVersion": "v1", "metadata": ["resourceVersion": "1"], "items": .array(items),
        ]).encoded()
    }
}
