import KubeCore
import Testing

@testable import LocalCluster

@Suite struct PodKindTests {
    private let pods: KindHarness

    init() throws { pods = try KindHarness("pods") }

    private func pod(_ spec: JSON) -> JSON { ["metadata": ["name": "p"], "spec": spec] }

    private let plain: JSON = ["metadata": ["name": "p"], "spec": ["containers": [["name": "c", "image": "i:1"]]]]

    @Test("A pod gets the defaults of the API server")
    func defaults() throws {
        let stored = try pods.create(plain)
        #expect(
            stored["spec"] == [
                "containers": [
                    [
                        "name": "c", "image": "i:1", "imagePullPolicy": "IfNotPresent", "resources": [:],
                        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
                    ]
                ], "restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "terminationGracePeriodSeconds": 30,
                "securityContext": [:], "schedulerName": "default-scheduler", "enableServiceLinks": true,
            ])
        #expect(stored["status"] == ["phase": "Pending", "qosClass": "BestEffort"])
        #expect(stored.at("metadata", "generation") == 1)
    }

    @Test("Defaults applied twice are the same as once")
    func idempotent() throws {
        let stored = try pods.create(plain)
        var again = stored
        pods.kind.strategy.setDefaults(&again)
        #expect(again == stored)
    }

    @Test("Probes, volumes, ports and environment get theirs")
    func nestedDefaults() throws {
        let stored = try pods.create(
            pod([
                "containers": [
                    [
                        "name": "c", "image": "i", "ports": [["containerPort": 80]],
                        "livenessProbe": ["httpGet": ["port": 80]],
                        "env": [["name": "N", "valueFrom": ["fieldRef": ["fieldPath": "metadata.name"]]]],
                        "resources": ["limits": ["cpu": "500m"]],
                    ]
                ], "volumes": [["name": "a"], ["name": "b", "secret": ["secretName": "s"]]], "hostNetwork": true,
            ]))
        let container = try #require(stored.at("spec", "containers")?[0])
        #expect(container["imagePullPolicy"] == "Always")
        #expect(container["ports"] == [["containerPort": 80, "hostPort": 80, "protocol": "TCP"]])
        #expect(
            container["livenessProbe"] == [
                "httpGet": ["port": 80, "path": "/", "scheme": "HTTP"], "timeoutSeconds": 1, "periodSeconds": 10,
                "successThreshold": 1, "failureThreshold": 3,
            ])
        #expect(container["env"]?[0]?.at("valueFrom", "fieldRef", "apiVersion") == "v1")
        #expect(container.at("resources", "requests", "cpu") == "500m")
        #expect(
            stored.at("spec", "volumes")
                == [
                    ["name": "a", "emptyDir": [:]], ["name": "b", "secret": ["secretName": "s", "defaultMode": 420]],
                ])
    }

    @Test(
        "Images are pulled always only without a fixed tag",
        arguments: [
            ("x", "Always"), ("x:latest", "Always"), ("x:1.0", "IfNotPresent"), ("x@sha256:aa", "IfNotPresent"),
            ("host:5000/x", "Always"), ("host:5000/x:1", "IfNotPresent"),
        ])
    func pullPolicy(_ image: String, _ policy: String) {
        #expect(PodDefaults.pullPolicy(image) == policy)
    }

    @Test(
        "The quality of service follows from requests and limits",
        arguments: [
            ([:], "BestEffort"), (["requests": ["cpu": "1"]], "Burstable"),
            (
                ["limits": ["cpu": "1", "memory": "1Gi"], "requests": ["cpu": "1000m", "memory": "1024Mi"]],
                "Guaranteed"
            ),
            (["limits": ["cpu": "1"], "requests": ["cpu": "1"]], "Burstable"),
            (["requests": ["cpu": "0"]], "BestEffort"),
        ] as [(JSON, String)])
    func quality(_ resources: JSON, _ expected: String) {
        #expect(PodQuality.class(of: ["containers": [["resources": resources]]]) == expected)
    }

    @Test(
        "What is wrong with a pod is said where it is",
        arguments: [
            (["containers": []], ["spec.containers: Required value"]),
            (["containers": [["name": "m"]]], ["spec.containers[0].image: Required value"]),
            (
                ["containers": [["name": "m", "image": "x"], ["name": "m", "image": "x"]]],
                [#"spec.containers[1].name: Duplicate value: "m""#]
            ),
            (
                ["containers": [["name": "m", "image": "x"]], "restartPolicy": "Sometimes"],
                [
                    #"spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "#
                        + #""Never""#
                ]
            ),
            (
                ["containers": [["name": "m", "image": "x", "volumeMounts": [["name": "no", "mountPath": "/x"]]]]],
                [#"spec.containers[0].volumeMounts[0].name: Not found: "no""#]
            ),
            (
                ["containers": [["name": "m", "image": " x"]]],
                [#"spec.containers[0].image: Invalid value: " x": must not have leading or trailing whitespace"#]
            ),
            (
                [
                    "containers": [
                        ["name": "m", "image": "x", "resources": ["requests": ["cpu": "2"], "limits": ["cpu": "1"]]]
                    ]
                ],
                [
                    #"spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu "#
                        + "limit of 1"
                ]
            ),
            (
                ["containers": [["name": "m", "image": "x"]], "dnsPolicy": "None"],
                ["spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"]
            ),
            (
                ["containers": [["name": "m", "image": "x", "ports": [["containerPort": 70000]]]]],
                [
                    "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, "
                        + "inclusive"
                ]
            ),
            (
                [
                    "containers": [
                        [
                            "name": "m", "image": "x",
                            "readinessProbe": ["exec": ["command": []], "tcpSocket": ["port": 1]],
                        ]
                    ]
                ],
                [
                    "spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type",
                    "spec.containers[0].readinessProbe.exec.command: Required value",
                ]
            ),
        ] as [(JSON, [String])])
    func invalid(_ spec: JSON, _ expected: [String]) throws {
        #expect(try pods.errors(creating: pod(spec)) == expected)
    }

    @Test("Only images, deadlines and tolerations of a pod may change")
    func immutability() throws {
        let stored = try pods.create(plain)
        let image = try pods.update(stored, ["spec": ["containers": [["name": "c", "image": "i:2"]]]])
        #expect(image.at("metadata", "generation") == 2)
        let shorter = try pods.update(stored, ["spec": ["activeDeadlineSeconds": 60]])
        #expect(try pods.errors(updating: shorter, ["spec": ["activeDeadlineSeconds": 90]]).count == 1)
        #expect(
            try pods.errors(updating: stored, ["spec": ["restartPolicy": "Never"]]).first?
                .hasPrefix("spec: Forbidden: pod updates may not change fields other than") == true)
        #expect(
            try pods.errors(
                updating: stored,
                ["spec": ["containers": [["name": "c", "image": "", "imagePullPolicy": "IfNotPresent"]]]])
                == ["spec.containers[0].image: Required value", "spec.containers[0].image: Required value"])
        let tolerant = try pods.update(stored, ["spec": ["tolerations": [["key": "k", "operator": "Exists"]]]])
        #expect(
            try pods.errors(updating: tolerant, ["spec": ["tolerations": nil]])
                == ["spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"]
        )
    }

    @Test("The main resource ignores the status, and /status the spec")
    func status() throws {
        let stored = try pods.create(plain.patched(["status": ["phase": "Running"]]))
        #expect(try pods.update(stored, ["status": ["phase": "Failed"]]) == stored)
        let running = try pods.update(
            stored,
            [
                "spec": ["nodeName": "n"], "metadata": ["labels": ["a": "b"]],
                "status": ["phase": "Running", "podIP": "10.1.1.1", "qosClass": nil],
            ], subresource: "status")
        #expect(running.at("spec", "nodeName") == nil)
        #expect(running.at("metadata", "labels") == ["a": "b"])
        #expect(running.at("status", "podIPs") == [["ip": "10.1.1.1"]])
        #expect(running.at("status", "qosClass") == "BestEffort")
        #expect(running.at("metadata", "generation") == 1)
        #expect(
            try pods.errors(updating: stored, ["status": ["podIP": "x"]], subresource: "status") == [
                #"status.podIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"#
            ])
    }

    @Test("A pod on a node is deleted with grace, any other at once")
    func grace() {
        let strategy = pods.kind.strategy
        let bound: JSON = ["spec": ["nodeName": "n", "terminationGracePeriodSeconds": 20]]
        #expect(strategy.gracePeriodSeconds(of: bound, requested: nil) == 20)
        #expect(strategy.gracePeriodSeconds(of: bound, requested: 5) == 5)
        #expect(strategy.gracePeriodSeconds(of: bound, requested: -1) == 1)
        #expect(strategy.gracePeriodSeconds(of: ["spec": [:]], requested: 60) == 0)
        #expect(
            strategy.gracePeriodSeconds(of: bound.patched(["status": ["phase": "Succeeded"]]), requested: nil) == 0)
        #expect(strategy.deletionAnswer == .object)
    }

    @Test("Field selectors see the pod's fields, false when they are left out")
    func selectors() {
        let pod: JSON = ["spec": ["nodeName": "n"], "status": ["phase": "Running"]]
        #expect(pods.kind.strategy.fieldValue("spec.nodeName", of: pod) == "n")
        #expect(pods.kind.strategy.fieldValue("status.phase", of: pod) == "Running")
        #expect(pods.kind.strategy.fieldValue("spec.hostNetwork", of: pod) == "false")
        #expect(pods.kind.strategy.fieldValue("status.podIP", of: pod) == "")
    }
}
