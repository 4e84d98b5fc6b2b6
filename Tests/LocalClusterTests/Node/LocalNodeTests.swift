import Foundation
import KubeCore
import Testing

@testable import LocalCluster

@Suite("The local node", .timeLimit(.minutes(1)))
struct LocalNodeTests {
    @Test("A pod runs to success, and its log and status tell")
    func success() async throws {
        try await NodeHarness.run { node in
            try await node.shell("a", "echo out; echo err >&2; printf 'result' > /dev/termination-log")
            try await node.waitForEnd("a")
            #expect(node.phase("a") == "Succeeded")
            let ended = try #require(node.container("a")?.at("state", "terminated"))
            #expect(ended["exitCode"] == 0)
            #expect(ended["reason"] == "Completed")
            #expect(ended["message"] == "result")
            let log = try await node.log("a")
            #expect(Set(log.split(separator: "\n")) == ["out", "err"])
            let ready = node.pod("a")?.at("status", "conditions")?.arrayValue?.first { $0["type"] == "Ready" }
            #expect(ready?["status"] == "False")
            #expect(ready?["reason"] == "PodCompleted")
        }
    }

    @Test("An exit code and a signal fail a pod that must not restart")
    func failure() async throws {
        try await NodeHarness.run { node in
            try await node.shell("code", "exit 7")
            try await node.shell("signal", "kill -KILL $$; sleep 60", container: [:])
            try await node.waitForEnd("code")
            #expect(node.phase("code") == "Failed")
            #expect(node.container("code")?.at("state", "terminated", "exitCode") == 7)
            #expect(node.container("code")?.at("state", "terminated", "reason") == "Error")
        }
    }

    @Test("A container that fails starts again, at once the first time and after a back-off then")
    func restarts() async throws {
        try await NodeHarness.run { node in
            try await node.shell(
                "a", "echo run >> /work/runs; [ $(wc -l < /work/runs) -ge 3 ]", restartPolicy: "OnFailure",
                container: ["volumeMounts": [["name": "work", "mountPath": "/work"]]],
                pod: ["volumes": [["name": "work", "emptyDir": [:]]]])
            try await node.waitForEnd("a")
            #expect(node.phase("a") == "Succeeded")
            #expect(node.container("a")?["restartCount"] == 2)
            #expect(node.container("a")?.at("lastState", "terminated", "exitCode") == 1)
            let wasBackingOff = node.api.writes.contains { write in
                write.object.at("status", "containerStatuses")?[0]?.at("state", "waiting", "reason")
                    == "CrashLoopBackOff"
            }
            #expect(wasBackingOff)
        }
    }

    @Test("Init containers run in order before the main ones, and one that fails ends the pod")
    func initContainers() async throws {
        try await NodeHarness.run { node in
            func initial(_ name: String, _ script: String) -> JSON {
                [
                    "name": .string(name), "image": "alpine:3.20", "command": ["sh", "-c", .string(script)],
                    "volumeMounts": [["name": "work", "mountPath": "/work"]],
                ]
            }
            let volumes: JSON = [["name": "work", "emptyDir": [:]]]
            try await node.create(
                "order",
                [
                    "restartPolicy": "Never", "volumes": volumes,
                    "initContainers": [
                        initial("one", "printf 1 > /work/order"), initial("two", "printf 2 >> /work/order"),
                    ],
                    "containers": [initial("main", "printf 3 >> /work/order; cat /work/order")],
                ])
            try await node.create(
                "broken",
                [
                    "restartPolicy": "Never", "volumes": volumes, "initContainers": [initial("one", "exit 4")],
                    "containers": [initial("main", "true")],
                ])
            try await node.waitForEnd("order")
            #expect(try await node.log("order") == "123")
            try await node.waitForEnd("broken")
            #expect(node.phase("broken") == "Failed")
            #expect(node.container("broken", "main")?.at("state", "waiting", "reason") == "PodInitializing")
            #expect(node.container("broken", "one")?.at("state", "terminated", "exitCode") == 4)
        }
    }

    @Test("An unknown image waits with a message that says how to map it")
    func unknownImage() async throws {
        try await NodeHarness.run { node in
            try await node.create(
                "a", ["containers": [["name": "main", "image": "registry.example.com/team/model:1"]]])
            try await node.api.wait {
                node.container("a")?.at("state", "waiting", "reason") == "ErrImagePull"
            }
            let message = node.container("a")?.at("state", "waiting", "message")?.stringValue ?? ""
            #expect(message.contains("--image team/model=PROGRAM"))
            #expect(node.phase("a") == "Pending")
        }
    }

    @Test("A program that is not there is a failed start")
    func startError() async throws {
        try await NodeHarness.run { node in
            try await node.create(
                "a",
                [
                    "restartPolicy": "Never",
                    "containers": [["name": "main", "image": "busybox", "command": ["no-such-program"]]],
                ])
            try await node.waitForEnd("a")
            let ended = node.container("a")?.at("state", "terminated")
            #expect(ended?["exitCode"] == 128)
            #expect(ended?["reason"] == "StartError")
            #expect(ended?["message"]?.stringValue?.contains("executable file not found in $PATH") == true)
        }
    }

    @Test("A missing ConfigMap holds a container up until it is there")
    func missingConfig() async throws {
        try await NodeHarness.run { node in
            try await node.shell(
                "a", "echo $GREETING",
                container: [
                    "env": [
                        [
                            "name": "GREETING",
                            "valueFrom": ["configMapKeyRef": ["name": "words", "key": "hello"]],
                        ]
                    ]
                ])
            try await node.api.wait {
                node.container("a")?.at("state", "waiting", "reason") == "CreateContainerConfigError"
            }
            #expect(node.container("a")?.at("state", "waiting", "message") == "configmap \"words\" not found")
            _ = try await node.api.create(
                .configMaps, namespace: "default", ["metadata": ["name": "words"], "data": ["hello": "Guten Tag"]])
            try await node.waitForEnd("a")
            #expect(try await node.log("a") == "Guten Tag\n")
        }
    }

    @Test("A deletion ends the container with SIGTERM, then lets the object go")
    func deletion() async throws {
        try await NodeHarness.run { node in
            try await node.shell("a", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.02; done")
            try await node.shell("plain", "exec sleep 1000")
            for name in ["a", "plain"] {
                try await node.api.wait { node.container(name)?.at("state", "running") != nil }
            }
            // The trap is set once the shell has said so.
            let stream = try await node.node.logs(
                namespace: "default", podUID: DynamicObject(try #require(node.pod("a"))).uid ?? "", podName: "a",
                container: "main", options: PodLogOptions(follow: true))
            for try await piece in stream where String(decoding: piece, as: UTF8.self).contains("up") { break }
            for name in ["a", "plain"] {
                try await node.api.delete(
                    .pods, namespace: "default", name: name, uid: nil, gracePeriodSeconds: 30, propagationPolicy: nil)
            }
            try await node.api.wait { node.pod("a") == nil && node.pod("plain") == nil }
            let last = node.api.writes.last { $0.name == "a" && $0.subresource == "status" }
            #expect(last?.object.at("status", "phase") == "Succeeded")
            let plain = node.api.writes.last { $0.name == "plain" && $0.subresource == "status" }
            #expect(
                plain?.object.at("status", "containerStatuses")?[0]?.at("state", "terminated", "exitCode") == 143)
        }
    }

    @Test("A container that ignores SIGTERM is killed after its grace period")
    func grace() async throws {
        try await NodeHarness.run { node in
            try await node.shell("a", "trap '' TERM; echo up; while :; do sleep 0.02; done")
            try await node.api.wait { node.container("a")?.at("state", "running") != nil }
            let began = ContinuousClock.now
            try await node.api.delete(
                .pods, namespace: "default", name: "a", uid: nil, gracePeriodSeconds: 1, propagationPolicy: nil)
            try await node.api.wait { node.pod("a") == nil }
            #expect(ContinuousClock.now - began >= .milliseconds(900))
        }
    }

    @Test("A pod that runs too long fails with DeadlineExceeded")
    func deadline() async throws {
        try await NodeHarness.run { node in
            try await node.shell("a", "exec sleep 1000", pod: ["activeDeadlineSeconds": 1])
            try await node.waitForEnd("a")
            #expect(node.phase("a") == "Failed")
            #expect(node.pod("a")?.at("status", "reason") == "DeadlineExceeded")
        }
    }

    @Test("The node's end ends its pods and leaves nothing behind")
    func cleanStop() async throws {
        var directory = ""
        var marker = ""
        try await NodeHarness.run { node in
            directory = node.directory
            marker = "1000.\(UInt32.random(in: .min ... .max))"
            try await node.shell("a", "sleep \(marker) & sleep \(marker)")
            try await node.api.wait { node.container("a")?.at("state", "running") != nil }
        }
        #expect(!FileManager.default.fileExists(atPath: directory + "/node"))
        let running = try FileManager.default.contentsOfDirectory(atPath: "/proc").contains { entry in
            guard Int(entry) != nil, let bytes = try? HostFile.read("/proc/\(entry)/cmdline", limit: 4096) else {
                return false
            }
            return String(decoding: bytes, as: UTF8.self).contains(marker)
        }
        #expect(!running)
    }

    @Test("A pod of a node before is told as lost rather than run twice")
    func adoption() async throws {
        try await NodeHarness.run { node in
            let api = node.api
            _ = try await api.create(
                .pods, namespace: "default",
                [
                    "metadata": ["name": "a"],
                    "spec": [
                        "nodeName": "local", "restartPolicy": "Never",
                        "containers": [["name": "main", "image": "busybox", "command": ["true"]]],
                    ],
                    "status": [
                        "phase": "Running", "startTime": "2026-01-02T03:04:05Z",
                        "containerStatuses": [
                            [
                                "name": "main", "restartCount": 0,
                                "state": ["running": ["startedAt": "2026-01-02T03:04:06Z"]],
                            ]
                        ],
                    ],
                ])
            try await node.waitForEnd("a")
            #expect(node.phase("a") == "Failed")
            #expect(node.container("a")?.at("state", "terminated", "reason") == "ContainerStatusUnknown")
        }
    }

    @Test("A container that takes more memory than its limit is OOMKilled", .enabled(if: Self.hasControlGroups))
    func outOfMemory() async throws {
        try await NodeHarness.run { node in
            try await node.create(
                "a",
                [
                    "restartPolicy": "Never",
                    "containers": [
                        [
                            "name": "main", "image": "python:3",
                            "command": ["python3", "-c", "x = bytearray(200 << 20); print(len(x))"],
                            "resources": ["limits": ["memory": "64Mi"]],
                        ]
                    ],
                ])
            try await node.waitForEnd("a")
            #expect(node.container("a")?.at("state", "terminated", "reason") == "OOMKilled")
            #expect(node.container("a")?.at("state", "terminated", "exitCode") == 137)
        }
    }

    private static let hasControlGroups: Bool = {
        let groups = ControlGroups.make(name: "flowengine-test-\(getpid())-\(UInt32.random(in: .min ... .max))")
        groups?.remove()
        return groups != nil
    }()

    @Test("Without isolation, mount paths in commands and environment lead to the volumes")
    func sharedFiles() async throws {
        try await NodeHarness.run(configure: { $0.isolation = .shared }) { node in
            try await node.shell(
                "a", "echo data > /work/file; cat $PLACE/file; printf done > /dev/termination-log; ls -d /work",
                container: [
                    "volumeMounts": [["name": "work", "mountPath": "/work"]],
                    "env": [["name": "PLACE", "value": "/work"]],
                ], pod: ["volumes": [["name": "work", "emptyDir": [:]]]])
            try await node.waitForEnd("a")
            #expect(node.phase("a") == "Succeeded")
            #expect(try await node.log("a").hasPrefix("data\n"))
            #expect(node.container("a")?.at("state", "terminated", "message") == "done")
        }
    }
}

@Suite("Hooks and probes", .timeLimit(.minutes(1)))
struct NodeHookTests {
    @Test("A readiness probe inside the container makes it ready, and a failing liveness probe restarts it")
    func execProbes() async throws {
        try await NodeHarness.run { node in
            try await node.shell(
                "a", "[ -e /work/again ] && touch /work/alive; touch /work/again; exec sleep 1000",
                restartPolicy: "Always",
                container: [
                    "volumeMounts": [["name": "work", "mountPath": "/work"]],
                    "readinessProbe": ["exec": ["command": ["test", "-e", "/work/alive"]], "periodSeconds": 1],
                    "livenessProbe": [
                        "exec": ["command": ["sh", "-c", "test -e /work/alive || { echo not yet; exit 1; }"]],
                        "periodSeconds": 1, "failureThreshold": 1,
                    ],
                ], pod: ["terminationGracePeriodSeconds": 1, "volumes": [["name": "work", "emptyDir": [:]]]])
            try await node.api.wait { node.container("a")?["ready"] == true }
            #expect(node.container("a")?["restartCount"] == 1)
            try await node.api.wait {
                node.api.writes.contains {
                    $0.type == .events && $0.object["message"]?.stringValue == "Liveness probe failed: not yet\n"
                }
            }
        }
    }

    @Test("HTTP and TCP probes reach a server on the pod's own address")
    func networkProbes() async throws {
        try await NodeHarness.run { node in
            let server = """
                import http.server, os
                http.server.HTTPServer((os.environ['ADDRESS'], 8099), http.server.SimpleHTTPRequestHandler).serve_forever()
                """
            for name in ["a", "b"] {
                try await node.create(
                    name,
                    [
                        "containers": [
                            [
                                "name": "main", "image": "python:3", "command": ["python", "-c", .string(server)],
                                "workingDir": "/usr", "ports": [["name": "web", "containerPort": 8099]],
                                "env": [
                                    ["name": "ADDRESS", "valueFrom": ["fieldRef": ["fieldPath": "status.podIP"]]]
                                ],
                                "startupProbe": [
                                    "tcpSocket": ["port": "web"], "periodSeconds": 1, "failureThreshold": 30,
                                ],
                                "readinessProbe": [
                                    "httpGet": ["path": "/bin/", "port": "web"], "periodSeconds": 1,
                                    "failureThreshold": 30,
                                ],
                            ]
                        ]
                    ])
            }
            for name in ["a", "b"] {
                try await node.api.wait { node.container(name)?["ready"] == true }
            }
        }
    }

    @Test("Hooks run inside the container, after its start and before its end")
    func hooks() async throws {
        try await NodeHarness.run { node in
            try await node.shell(
                "a", "trap 'cat /work/notes; exit 0' TERM; while :; do sleep 0.02; done",
                container: [
                    "volumeMounts": [["name": "work", "mountPath": "/work"]],
                    "lifecycle": [
                        "postStart": ["exec": ["command": ["sh", "-c", "echo started >> /work/notes"]]],
                        "preStop": ["exec": ["command": ["sh", "-c", "echo stopping >> /work/notes"]]],
                    ],
                ], pod: ["volumes": [["name": "work", "hostPath": ["path": .string(node.directory + "/work")]]]])
            try await node.api.wait { node.container("a")?.at("state", "running") != nil }
            let notes = node.directory + "/work/notes"
            #expect(try String(contentsOfFile: notes, encoding: .utf8) == "started\n")
            try await node.api.delete(
                .pods, namespace: "default", name: "a", uid: nil, gracePeriodSeconds: 20, propagationPolicy: nil)
            try await node.api.wait { node.pod("a") == nil }
            #expect(try String(contentsOfFile: notes, encoding: .utf8) == "started\nstopping\n")
        }
    }

    @Test("A node on the directory of one that was killed ends what that one left running")
    func leftovers() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "left-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sleep")
        process.arguments = ["1000"]
        try process.run()
        let place = directory + "/some-uid/containers/main"
        try HostFile.makeDirectories(place)
        ProcessRecord.write(process.processIdentifier, to: place + "/process")
        let other = directory + "/other-uid/containers/main"
        try HostFile.makeDirectories(other)
        // Its id is in use, but by a process that started at another time.
        try HostFile.write(Array("\(getpid()) 1\n".utf8), to: other + "/process")
        ProcessRecord.killAll(below: directory)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
    }
}
