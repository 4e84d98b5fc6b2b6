import KubeCore
import Testing

@testable import LocalCluster

@Suite struct SchemaLibraryTests {
    @Test("Every type that a built-in schema names is defined")
    func namesAreDefined() {
        #expect(SchemaLibrary.shared.unknownNames == [])
    }

    @Test("Every line of the schema texts is read, with a type and only known flags")
    func textsFollowTheNotation() {
        for text in SchemaText.all {
            let definitions = SchemaNotation.read(text)
            for definition in definitions {
                #expect(definition.flags.allSatisfy { ["object", "atomic"].contains($0) }, "\(definition.name)")
                for field in definition.fields {
                    for flag in field.flags {
                        let name = flag.prefix { $0 != ":" }
                        #expect(
                            ["atomic", "set", "map", "merge", "retainKeys", "replace", "default"].contains(name),
                            "\(definition.name).\(field.name) \(flag)")
                    }
                }
            }
            let heads = text.split(separator: "\n").filter { !$0.hasPrefix(" ") && !$0.hasPrefix("#") }
            #expect(heads.count == definitions.count)
        }
    }

    @Test("Types may contain themselves")
    func recursion() throws {
        let name = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"
        let schema = SchemaLibrary.shared.schema(name)
        let deep = schema.property("properties")?.additionalProperties?.property("not")
        #expect(deep?.definitionName == name)
    }

    @Test("List types, keys and merge strategies come from the flags")
    func flags() {
        let spec = SchemaLibrary.shared.schema("io.k8s.api.core.v1.PodSpec")
        let ports = spec.property("containers")?.items?.property("ports")
        #expect(ports?.listType == .map)
        #expect(ports?.listMapKeys == ["containerPort", "protocol"])
        #expect(ports?.patchMergeKey == "containerPort")
        #expect(ports?.items?.property("protocol")?.defaultValue == "TCP")
        #expect(spec.property("volumes")?.patchStrategy == [.merge, .retainKeys])
        #expect(spec.property("volumes")?.patchStrategy.text == "merge,retainKeys")
        #expect(spec.property("nodeSelector")?.mapType == .atomic)
        #expect(spec.required == ["containers"])
    }

    @Test("Typed form drops what is empty, makes what is always there and keeps what a pointer would keep")
    func typedForm() {
        let schema = SchemaLibrary.shared.schema("io.k8s.api.core.v1.Pod")
        let pod: JSON = [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": ["name": "p", "labels": .object([:]), "annotations": nil, "finalizers": .array([])],
            "spec": [
                "hostNetwork": false, "automountServiceAccountToken": false, "nodeName": "",
                "containers": [["name": "c", "resources": ["limits": ["cpu": 1, "memory": "1024Mi"]]]],
                "nodeSelector": ["a": nil],
            ],
        ]
        #expect(
            TypedForm.normalize(pod, schema) == [
                "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "p"],
                "spec": [
                    "automountServiceAccountToken": false,
                    "containers": [["name": "c", "resources": ["limits": ["cpu": "1", "memory": "1Gi"]]]],
                    "nodeSelector": ["a": ""],
                ],
                "status": .object([:]),
            ])
    }

    @Test("Times lose their fraction unless they are micro times")
    func times() {
        let lease = SchemaLibrary.shared.schema("io.k8s.api.coordination.v1.Lease")
        let object: JSON = [
            "metadata": ["creationTimestamp": "2024-01-01T02:00:00.5+02:00"],
            "spec": ["renewTime": "2024-01-01T00:00:00Z"],
        ]
        #expect(
            TypedForm.normalize(object, lease) == [
                "metadata": ["creationTimestamp": "2024-01-01T00:00:00Z"],
                "spec": ["renewTime": "2024-01-01T00:00:00.000000Z"],
            ])
    }
}
