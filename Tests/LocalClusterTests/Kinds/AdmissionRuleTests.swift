import KubeCore
import Testing

@testable import LocalCluster

@Suite struct AdmissionRuleTests {
    private let range: JSON = [
        "spec": [
            "limits": [
                [
                    "type": "Container", "default": ["cpu": "500m"], "defaultRequest": ["cpu": "100m"],
                    "max": ["cpu": "1"], "min": ["cpu": "50m"],
                ]
            ]
        ]
    ]

    private func pod(_ resources: JSON) -> JSON {
        ["metadata": ["name": "p"], "spec": ["containers": [["name": "m", "resources": resources]]]]
    }

    @Test("A limit range fills in what containers leave out, and says so")
    func limitDefaults() {
        var object = pod([:])
        LimitRanges.fill(&object, [range])
        #expect(
            object.at("spec", "containers")?[0]?["resources"] == [
                "requests": ["cpu": "100m"], "limits": ["cpu": "500m"],
            ])
        #expect(
            object.at("metadata", "annotations", "kubernetes.io/limit-ranger")
                == "LimitRanger plugin set: cpu request for container m; cpu limit for container m")
        var own = pod(["requests": ["cpu": "1"], "limits": ["cpu": "1"]])
        LimitRanges.fill(&own, [range])
        #expect(own == pod(["requests": ["cpu": "1"], "limits": ["cpu": "1"]]))
    }

    @Test("A limit range refuses what is beyond its bounds")
    func limitBounds() {
        func refusal(_ resources: JSON) -> String? { LimitRanges.refusal(pod: pod(resources), [range]) }
        #expect(refusal(["requests": ["cpu": "1"], "limits": ["cpu": "1"]]) == nil)
        #expect(
            refusal(["requests": ["cpu": "1"], "limits": ["cpu": "2"]])
                == "maximum cpu usage per Container is 1, but limit is 2")
        #expect(
            refusal(["requests": ["cpu": "10m"], "limits": ["cpu": "1"]])
                == "minimum cpu usage per Container is 50m, but request is 10m")
        #expect(refusal([:])?.hasPrefix("[minimum cpu usage per Container is 50m. No request is specified, ") == true)
    }

    @Test("A pod's usage is that of its containers, or of its largest init container")
    func podUsage() {
        let pod: JSON = [
            "spec": [
                "initContainers": [["resources": ["requests": ["cpu": "3", "memory": "1Gi"]]]],
                "containers": [
                    ["resources": ["requests": ["cpu": "1", "memory": "1Gi"]]],
                    ["resources": ["requests": ["cpu": "500m", "memory": "1Gi"], "limits": ["cpu": "2"]]],
                ],
            ]
        ]
        let usage = QuotaUsage.of(pod, plural: "pods", group: "").mapValues(\.description)
        #expect(
            usage == [
                "count/pods": "1", "pods": "1", "cpu": "3", "requests.cpu": "3", "memory": "2Gi",
                "requests.memory": "2Gi", "limits.cpu": "2",
            ])
        let ended = QuotaUsage.of(pod.patched(["status": ["phase": "Failed"]]), plural: "pods", group: "")
        #expect(Array(ended.keys) == ["count/pods"])
    }

    @Test("A quota refuses what goes beyond it, naming what is used")
    func quota() {
        let quota: JSON = ["metadata": ["name": "q"], "spec": ["hard": ["secrets": "2", "pods": "1"]]]
        let one = QuotaUsage.of([:], plural: "secrets", group: "")
        #expect(QuotaUsage.refusal(quota, used: ["secrets": Quantity(1)], delta: one) == nil)
        #expect(
            QuotaUsage.refusal(quota, used: ["secrets": Quantity(2)], delta: one)
                == "exceeded quota: q, requested: secrets=1, used: secrets=2, limited: secrets=2")
    }

    @Test("Quota scopes choose pods")
    func scopes() {
        let quota: JSON = ["spec": ["scopes": ["BestEffort", "NotTerminating"]]]
        #expect(QuotaUsage.applies(quota, to: ["spec": ["containers": [[:]]]], plural: "pods"))
        #expect(!QuotaUsage.applies(quota, to: ["spec": ["activeDeadlineSeconds": 5]], plural: "pods"))
        #expect(!QuotaUsage.applies(quota, to: [:], plural: "secrets"))
        #expect(QuotaUsage.applies([:], to: [:], plural: "secrets"))
    }

    @Test("Pod Security tells what a pod breaks")
    func podSecurity() {
        let plain: JSON = ["containers": [["name": "main", "image": "i"]]]
        #expect(PodSecurity.violations(plain, .baseline) == nil)
        #expect(
            PodSecurity.violations(plain, .restricted)
                == "allowPrivilegeEscalation != false (container \"main\" must set "
                + "securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"main\" must "
                + "set securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or container \"main\" "
                + "must set securityContext.runAsNonRoot=true), seccompProfile (pod or container \"main\" must set "
                + "securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")")
        let host: JSON = ["hostNetwork": true, "containers": [["name": "m", "securityContext": ["privileged": true]]]]
        #expect(
            PodSecurity.violations(host, .baseline)
                == "host namespaces (hostNetwork=true), privileged (container \"m\" must not set "
                + "securityContext.privileged=true)")
        #expect(PodSecurity.violations(host, .privileged) == nil)
    }

    @Test("A pod made for restricted namespaces passes")
    func restrictedPod() {
        let spec: JSON = [
            "securityContext": ["runAsNonRoot": true, "seccompProfile": ["type": "RuntimeDefault"]],
            "volumes": [["name": "v", "emptyDir": [:]]],
            "containers": [
                [
                    "name": "m",
                    "securityContext": ["allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"]]],
                ]
            ],
        ]
        #expect(PodSecurity.violations(spec, .restricted) == nil)
        let hostPath = spec.patched(["volumes": [["name": "v", "hostPath": ["path": "/"]]]])
        #expect(
            PodSecurity.violations(hostPath, .restricted)
                == "hostPath volumes (volume \"v\"), restricted volume types (volume \"v\" uses restricted volume type "
                + "\"hostPath\")")
    }

    @Test("The levels of a namespace are in its labels")
    func levels() {
        let namespace: JSON = ["metadata": ["labels": ["pod-security.kubernetes.io/warn": "restricted"]]]
        #expect(PodSecurity.level(of: namespace, mode: "warn").level == .restricted)
        #expect(PodSecurity.level(of: namespace, mode: "enforce").level == .privileged)
        #expect(PodSecurity.level(of: namespace, mode: "warn").version == "latest")
    }
}
