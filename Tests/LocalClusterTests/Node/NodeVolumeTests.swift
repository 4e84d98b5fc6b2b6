import Foundation
import KubeCore
import Testing

@testable import LocalCluster

@Suite("Volumes and environment", .timeLimit(.minutes(1)))
struct NodeVolumeTests {
    @Test("Volumes appear at their paths, nested ones too, and the host's directories stay as they are")
    func mounts() async throws {
        try await NodeHarness.run { node in
            let api = node.api
            _ = try await api.create(
                .configMaps, namespace: "default",
                [
                    "metadata": ["name": "config"], "data": ["key": "value"],
                    "binaryData": ["blob": .string(Base64.encode([0, 1, 255]))],
                ])
            _ = try await api.create(
                .secrets, namespace: "default",
                ["metadata": ["name": "secret"], "data": ["password": .string(Base64.encode(Array("hunter2".utf8)))]])
            let script = """
                cat /etc/flowengine-test/key /etc/flowengine-test/password; echo
                od -An -tx1 /etc/flowengine-test/blob
                cat /usr/share/flowengine-test/deep/renamed; echo
                stat -c %a /etc/flowengine-test/..data/password
                cat /downward/labels; echo; cat /downward/name; echo
                (echo x > /etc/flowengine-test/key) 2> /dev/null || echo read-only
                echo y > /etc/made-by-a-container && cat /etc/made-by-a-container
                """
            try await node.create(
                "a",
                [
                    "restartPolicy": "Never",
                    "volumes": [
                        [
                            "name": "all",
                            "projected": [
                                "sources": [
                                    ["configMap": ["name": "config"]],
                                    [
                                        "secret": [
                                            "name": "secret",
                                            "items": [["key": "password", "path": "password", "mode": 256]],
                                        ]
                                    ],
                                ]
                            ],
                        ],
                        [
                            "name": "one",
                            "configMap": ["name": "config", "items": [["key": "key", "path": "deep/renamed"]]],
                        ],
                        [
                            "name": "self",
                            "downwardAPI": [
                                "items": [
                                    ["path": "labels", "fieldRef": ["fieldPath": "metadata.labels"]],
                                    ["path": "name", "fieldRef": ["fieldPath": "metadata.name"]],
                                ]
                            ],
                        ],
                    ],
                    "containers": [
                        [
                            "name": "main", "image": "debian:12", "command": ["sh", "-c", .string(script)],
                            "volumeMounts": [
                                ["name": "all", "mountPath": "/etc/flowengine-test"],
                                ["name": "one", "mountPath": "/usr/share/flowengine-test"],
                                ["name": "self", "mountPath": "/downward"],
                            ],
                        ]
                    ],
                ], metadata: ["labels": ["b": "2", "a": "1"]])
            try await node.waitForEnd("a")
            let log = try await node.log("a")
            #expect(log.contains("valuehunter2\n"))
            #expect(log.contains("00 01 ff"))
            #expect(log.contains("400\n"))
            #expect(log.contains("a=\"1\"\nb=\"2\"\na\n"))
            #expect(log.contains("read-only\n"))
            #expect(log.hasSuffix("y\n"))
            #expect(!FileManager.default.fileExists(atPath: "/etc/flowengine-test"))
            #expect(!FileManager.default.fileExists(atPath: "/etc/made-by-a-container"))
        }
    }

    @Test("A claim's directory outlives its pods, and an emptyDir is shared by a pod's containers")
    func claims() async throws {
        try await NodeHarness.run { node in
            _ = try await node.api.create(
                .persistentVolumeClaims, namespace: "default", ["metadata": ["name": "data"]])
            let pod: JSON = ["volumes": [["name": "data", "persistentVolumeClaim": ["claimName": "data"]]]]
            let mount: JSON = ["volumeMounts": [["name": "data", "mountPath": "/data", "subPath": "deep/er"]]]
            try await node.shell("writer", "echo kept > /data/file", container: mount, pod: pod)
            try await node.waitForEnd("writer")
            try await node.api.delete(
                .pods, namespace: "default", name: "writer", uid: nil, gracePeriodSeconds: 0, propagationPolicy: nil)
            try await node.shell("reader", "cat /data/file", container: mount, pod: pod)
            try await node.waitForEnd("reader")
            #expect(try await node.log("reader") == "kept\n")
        }
    }

    @Test("A volume that cannot be made holds the pod up, with an event that says why")
    func missingVolume() async throws {
        try await NodeHarness.run { node in
            try await node.shell(
                "a", "cat /data/key", container: ["volumeMounts": [["name": "data", "mountPath": "/data"]]],
                pod: ["volumes": [["name": "data", "configMap": ["name": "late"]]]])
            try await node.api.wait {
                node.api.writes.contains {
                    $0.type == .events && $0.object["reason"] == "FailedMount"
                        && $0.object["message"]?.stringValue?.contains("configmap \"late\" not found") == true
                }
            }
            _ = try await node.api.create(
                .configMaps, namespace: "default", ["metadata": ["name": "late"], "data": ["key": "now"]])
            try await node.waitForEnd("a")
            #expect(try await node.log("a") == "now")
        }
    }

    @Test("A service account token comes from the source that the node was given")
    func token() async throws {
        try await NodeHarness.run(configure: { options in
            options.tokens = { "token of \($0.namespace)/\($0.serviceAccount) for \($0.audiences) in \($0.podName)" }
        }) { node in
            try await node.shell(
                "a", "cat /var/run/secrets/tokens/token",
                container: ["volumeMounts": [["name": "token", "mountPath": "/var/run/secrets/tokens"]]],
                pod: [
                    "serviceAccountName": "robot",
                    "volumes": [
                        [
                            "name": "token",
                            "projected": [
                                "sources": [["serviceAccountToken": ["path": "token", "audience": "vault"]]]
                            ],
                        ]
                    ],
                ])
            try await node.waitForEnd("a")
            #expect(try await node.log("a") == "token of default/robot for [\"vault\"] in a")
        }
    }

    @Test("The environment has fields, resources, whole ConfigMaps, services and expanded references")
    func environment() async throws {
        try await NodeHarness.run { node in
            _ = try await node.api.create(
                .services, namespace: "default",
                [
                    "metadata": ["name": "my-db"],
                    "spec": ["clusterIP": "127.96.0.9", "ports": [["name": "sql", "port": 5432]]],
                ])
            _ = try await node.api.create(
                .configMaps, namespace: "default", ["metadata": ["name": "all"], "data": ["one": "1", "two": "2"]])
            let script = """
                echo "$POD $LIMIT $P_one $ORDER $LITERAL $UNKNOWN $PATH_LIKE $MY_DB_SERVICE_HOST $MY_DB_PORT"; echo "$0"
                grep my-db /etc/hosts | cut -f2; hostname; id -u
                """
            try await node.create(
                "web-0",
                [
                    "restartPolicy": "Never",
                    "containers": [
                        [
                            "name": "main", "image": "bash:5",
                            "command": ["bash", "-c", .string(script), "arg $(ORDER)"],
                            "resources": ["limits": ["cpu": "1500m"]],
                            "envFrom": [["prefix": "P_", "configMapRef": ["name": "all"]]],
                            "env": [
                                ["name": "POD", "valueFrom": ["fieldRef": ["fieldPath": "metadata.name"]]],
                                ["name": "LIMIT", "valueFrom": ["resourceFieldRef": ["resource": "limits.cpu"]]],
                                ["name": "ORDER", "value": "$(POD)-$(P_two)"],
                                ["name": "LITERAL", "value": "$$(POD)"], ["name": "UNKNOWN", "value": "$(NOPE)"],
                                ["name": "PATH_LIKE", "value": "a$b"],
                            ],
                        ]
                    ],
                ])
            try await node.waitForEnd("web-0")
            let lines = try await node.log("web-0").split(separator: "\n").map(String.init)
            #expect(
                lines.first
                    == "web-0 2 1 web-0-2 $(POD) $(NOPE) a$b 127.96.0.9 tcp://127.96.0.9:5432")
            #expect(lines.dropFirst().first == "arg web-0-2")
            #expect(lines.dropFirst(2).first?.hasPrefix("my-db.default.svc.cluster.local") == true)
            #expect(lines.dropFirst(3).first == "web-0")
        }
    }

    @Test("A container that must not be root is refused when nothing says who else it is", .enabled(if: geteuid() == 0))
    func nonRoot() async throws {
        try await NodeHarness.run { node in
            try await node.shell("refused", "id -u", pod: ["securityContext": ["runAsNonRoot": true]])
            try await node.api.wait {
                node.container("refused")?.at("state", "waiting", "reason") == "CreateContainerConfigError"
            }
            try await node.shell(
                "user", "id -u; id -g; touch /work/file && echo written",
                container: ["volumeMounts": [["name": "work", "mountPath": "/work"]]],
                pod: [
                    "securityContext": ["runAsNonRoot": true, "runAsUser": 65532, "runAsGroup": 65532],
                    "volumes": [["name": "work", "emptyDir": [:]]],
                ])
            try await node.waitForEnd("user")
            #expect(try await node.log("user") == "65532\n65532\nwritten\n")
        }
    }
}
