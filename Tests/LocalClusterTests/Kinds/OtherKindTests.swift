import KubeCore
import Testing

@testable import LocalCluster

@Suite struct OtherKindTests {
    @Test("A Secret writes stringData into data, and its type cannot change")
    func secrets() throws {
        let secrets = try KindHarness("secrets")
        let stored = try secrets.create([
            "metadata": ["name": "s"], "data": ["k": "b2xk"], "stringData": ["k": "new", "e": ""],
        ])
        #expect(stored["data"] == ["k": "bmV3", "e": ""])
        #expect(stored["stringData"] == nil)
        #expect(stored["type"] == "Opaque")
        #expect(
            try secrets.errors(updating: stored, ["type": "example.com/x"])
                == [#"type: Invalid value: "example.com/x": field is immutable"#])
        #expect(
            try secrets.errors(creating: ["metadata": ["name": "t"], "type": "kubernetes.io/tls"])
                == ["data[tls.crt]: Required value", "data[tls.key]: Required value"])
        #expect(
            try secrets.errors(creating: [
                "metadata": ["name": "d"], "type": "kubernetes.io/dockerconfigjson",
                "stringData": [".dockerconfigjson": "not json"],
            ]) == [
                #"data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character 'o' in "#
                    + "literal null (expecting 'u')"
            ])
    }

    @Test("What an immutable ConfigMap froze stays")
    func immutableConfigMap() throws {
        let maps = try KindHarness("configmaps")
        let stored = try maps.create(["metadata": ["name": "c"], "data": ["k": "1"], "immutable": true])
        #expect(
            try maps.errors(updating: stored, ["data": ["k": "2"]])
                == ["data: Forbidden: field is immutable when `immutable` is set"])
        #expect(try maps.errors(updating: stored, ["immutable": nil]).count == 1)
        #expect(try maps.errors(updating: stored, ["metadata": ["labels": ["a": "b"]]]) == [])
    }

    @Test("A namespace keeps its name label and its finalizers")
    func namespaces() throws {
        let namespaces = try KindHarness("namespaces")
        let stored = try namespaces.create(["metadata": ["name": "n"]])
        #expect(stored.at("metadata", "labels") == ["kubernetes.io/metadata.name": "n"])
        #expect(stored["spec"] == ["finalizers": ["kubernetes"]])
        #expect(stored["status"] == ["phase": "Active"])
        #expect(
            try namespaces.update(
                stored,
                ["metadata": ["labels": ["kubernetes.io/metadata.name": nil]], "spec": ["finalizers": []]]) == stored)
        let finalized = try namespaces.update(stored, ["spec": ["finalizers": []]], subresource: "finalize")
        #expect(finalized.at("spec", "finalizers") == nil)
        #expect(
            try namespaces.errors(updating: stored, ["status": ["phase": "Terminating"]], subresource: "status") == [
                #"status.Phase: Invalid value: "Terminating": may only be 'Active' if `deletionTimestamp` is empty"#
            ])
    }

    @Test("A new node is not ready, its capacity is what may be allocated")
    func nodes() throws {
        let nodes = try KindHarness("nodes")
        let stored = try nodes.create(["metadata": ["name": "n"], "status": ["capacity": ["cpu": "4"]]])
        #expect(stored.at("spec", "taints") == [["key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"]])
        #expect(stored.at("status", "allocatable") == ["cpu": "4"])
        #expect(stored.at("status", "nodeInfo", "kubeletVersion") == "")
        let known = try nodes.update(stored, ["spec": ["providerID": "a://1"]])
        #expect(
            try nodes.errors(updating: known, ["spec": ["providerID": "a://2"]]) == [
                #"spec.providerID: Forbidden: node updates may not change providerID except from "" to valid"#
            ])
    }

    @Test("An Event is one object under two names")
    func events() throws {
        let new = try KindHarness("events", group: "events.k8s.io").kind.strategy
        let core: JSON = [
            "apiVersion": "v1", "kind": "Event", "metadata": ["name": "e", "namespace": "ns"],
            "involvedObject": ["kind": "Pod"], "message": "m", "source": ["component": "c"], "count": 2,
            "firstTimestamp": "2024-01-01T00:00:00Z", "reportingComponent": "r", "reportingInstance": "",
        ]
        let shown = new.fromStored(core, version: "v1")
        #expect(
            shown == [
                "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": ["name": "e", "namespace": "ns"],
                "regarding": ["kind": "Pod"], "note": "m", "deprecatedSource": ["component": "c"], "deprecatedCount": 2,
                "deprecatedFirstTimestamp": "2024-01-01T00:00:00Z", "reportingController": "r",
            ])
        #expect(new.toStored(shown, version: "v1") == core)
    }

    @Test("The strict rules of Events apply once they have an eventTime")
    func strictEvents() throws {
        let events = try KindHarness("events")
        let loose: JSON = [
            "metadata": ["name": "e"], "involvedObject": ["kind": "Pod", "namespace": "ns"], "reason": "R",
            "type": "Normal",
        ]
        #expect(try events.errors(creating: loose) == [])
        #expect(
            try events.errors(creating: loose.patched(["involvedObject": ["namespace": "other"]]))
                == [#"involvedObject.namespace: Invalid value: "other": does not match event.namespace"#])
        let errors = try events.errors(creating: loose.patched(["eventTime": "2024-01-01T00:00:00.000000Z"]))
        #expect(errors.contains("reportingInstance: Required value"))
        #expect(errors.contains("action: Required value"))
    }

    @Test("The generation of an endpoint slice counts its endpoints")
    func endpointSlices() throws {
        let slices = try KindHarness("endpointslices", group: "discovery.k8s.io")
        let stored = try slices.create([
            "metadata": ["name": "s"], "addressType": "IPv4", "endpoints": [["addresses": ["10.1.1.1"]]],
            "ports": [["port": 80]],
        ])
        #expect(stored["ports"] == [["name": "", "port": 80, "protocol": "TCP"]])
        #expect(stored["endpoints"] == [["addresses": ["10.1.1.1"], "conditions": [:]]])
        #expect(
            try slices.update(stored, ["endpoints": [["addresses": ["10.1.1.2"]]]]).at("metadata", "generation") == 2)
        #expect(
            try slices.update(stored, ["metadata": ["annotations": ["a": "b"]]]).at("metadata", "generation") == 1)
        #expect(
            try slices.errors(updating: stored, ["addressType": "IPv6"])
                == [#"addressType: Invalid value: "IPv6": field is immutable"#])
    }

    @Test("Leases have durations above zero, and PUT needs a version")
    func leases() throws {
        let leases = try KindHarness("leases", group: "coordination.k8s.io")
        #expect(
            try leases.errors(creating: ["metadata": ["name": "l"], "spec": ["leaseDurationSeconds": 0]])
                == ["spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"])
        #expect(!leases.kind.strategy.allowsUnconditionalUpdate)
        #expect(leases.kind.strategy.allowsCreateOnUpdate)
    }

    @Test("Claims are protected, and their spec cannot change")
    func claims() throws {
        let claims = try KindHarness("persistentvolumeclaims")
        let stored = try claims.create([
            "metadata": ["name": "c"],
            "spec": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1024Mi"]]],
        ])
        #expect(stored.at("metadata", "finalizers") == ["kubernetes.io/pvc-protection"])
        #expect(stored.at("spec", "resources", "requests", "storage") == "1Gi")
        #expect(stored.at("status", "phase") == "Pending")
        #expect(
            try claims.errors(updating: stored, ["spec": ["accessModes": ["ReadOnlyMany"]]]).first?
                .hasPrefix("spec: Forbidden: spec is immutable after creation") == true)
        #expect(
            try claims.errors(updating: stored, ["spec": ["volumeName": "v"]]) == [])
    }

    @Test("Roles need verbs and groups, bindings keep their role")
    func roles() throws {
        let roles = try KindHarness("roles", group: "rbac.authorization.k8s.io")
        #expect(
            try roles.errors(creating: ["metadata": ["name": "a:b"], "rules": [["resources": ["pods"], "verbs": []]]])
                == [
                    "rules[0].verbs: Required value: verbs must contain at least one value",
                    "rules[0].apiGroups: Required value: resource rules must supply at least one api group",
                ])
        let bindings = try KindHarness("rolebindings", group: "rbac.authorization.k8s.io")
        let stored = try bindings.create([
            "metadata": ["name": "b"], "roleRef": ["kind": "Role", "name": "a"],
            "subjects": [["kind": "User", "name": "u"]],
        ])
        #expect(stored.at("roleRef", "apiGroup") == "rbac.authorization.k8s.io")
        #expect(stored["subjects"]?[0]?["apiGroup"] == "rbac.authorization.k8s.io")
        #expect(
            try bindings.errors(updating: stored, ["roleRef": ["name": "z"]]).first?.contains("cannot change roleRef")
                == true)
    }

    @Test("A Deployment gets its strategy, and its selector stays")
    func deployments() throws {
        let deployments = try KindHarness("deployments", group: "apps")
        let stored = try deployments.create([
            "metadata": ["name": "d"],
            "spec": [
                "selector": ["matchLabels": ["a": "b"]],
                "template": [
                    "metadata": ["labels": ["a": "b"]], "spec": ["containers": [["name": "c", "image": "i"]]],
                ],
            ],
        ])
        #expect(
            stored.at("spec", "strategy")
                == ["type": "RollingUpdate", "rollingUpdate": ["maxUnavailable": "25%", "maxSurge": "25%"]])
        #expect(stored.at("spec", "replicas") == 1)
        #expect(stored.at("spec", "template", "spec", "enableServiceLinks") == nil)
        #expect(stored.at("metadata", "generation") == 1)
        #expect(try deployments.update(stored, ["spec": ["replicas": 0]]).at("spec", "replicas") == 0)
        let errors = try deployments.errors(updating: stored, ["spec": ["selector": ["matchLabels": ["a": "c"]]]])
        #expect(errors.count == 2)
        #expect(errors.last?.hasSuffix("field is immutable") == true)
    }

    @Test("A definition's names follow from its kind")
    func definitions() throws {
        let definitions = try KindHarness("customresourcedefinitions", group: "apiextensions.k8s.io")
        let stored = try definitions.create([
            "metadata": ["name": "widgets.example.dev"],
            "spec": [
                "group": "example.dev", "scope": "Namespaced", "names": ["plural": "widgets", "kind": "Widget"],
                "versions": [["name": "v1", "served": true, "storage": true]],
            ],
        ])
        #expect(
            stored.at("spec", "names")
                == ["plural": "widgets", "kind": "Widget", "singular": "widget", "listKind": "WidgetList"])
        #expect(stored.at("spec", "conversion") == ["strategy": "None"])
        #expect(stored.at("status", "storedVersions") == ["v1"])
    }

    @Test("Priority classes are fixed, and the highest are the system's")
    func priorityClasses() throws {
        let classes = try KindHarness("priorityclasses", group: "scheduling.k8s.io")
        let stored = try classes.create(["metadata": ["name": "p"], "value": 5])
        #expect(
            try classes.errors(updating: stored, ["value": 6]) == ["value: Forbidden: may not be changed in an update."]
        )
        #expect(try classes.errors(creating: ["metadata": ["name": "x"], "value": 1_000_000_001]).count == 1)
        #expect(try classes.errors(creating: ["metadata": ["name": "system-x"], "value": 1]).count == 1)
    }
}
