import KubeCore
import Testing

@testable import LocalCluster

@Suite struct StrategicMergePatchTests {
    private func apply(_ patch: JSON, to object: JSON, kind: String) throws(Status) -> JSON {
        try StrategicMergePatch.apply(
            patch, to: object, schema: SchemaLibrary.shared.schema("io.k8s.api.core.v1.\(kind)"))
    }

    private let service: JSON = [
        "spec": [
            "selector": ["app": "x"],
            "ports": [["name": "http", "port": 80, "protocol": "TCP"], ["name": "https", "port": 443]],
        ]
    ]

    private func ports(_ patch: JSON) throws(Status) -> JSON? {
        try apply(["spec": patch], to: service, kind: "Service").at("spec", "ports")
    }

    @Test("Elements merge by their key, new ones come first")
    func mergeByKey() throws {
        #expect(
            try ports(["ports": [["port": 80, "targetPort": 9]]]) == [
                ["name": "http", "port": 80, "protocol": "TCP", "targetPort": 9], ["name": "https", "port": 443],
            ])
        #expect(
            try ports(["ports": [["name": "m", "port": 9100]]])?.arrayValue?.compactMap { $0["port"] } == [
                9100, 80, 443,
            ])
    }

    @Test("Elements are deleted and lists replaced by directives")
    func directives() throws {
        #expect(try ports(["ports": [["$patch": "delete", "port": 443]]])?.arrayValue?.count == 1)
        #expect(
            try ports(["ports": [["$patch": "replace"], ["name": "only", "port": 81]]]) == [
                ["name": "only", "port": 81]
            ])
        #expect(
            try apply(["spec": ["selector": ["$patch": "replace", "z": "1"]]], to: service, kind: "Service")
                .at("spec", "selector") == ["z": "1"])
        #expect(
            try apply(["spec": ["selector": ["$patch": "delete"]]], to: service, kind: "Service")
                .at("spec", "selector") == .object([:]))
    }

    @Test("setElementOrder puts elements in order, and those it does not name keep their places")
    func order() throws {
        func numbers(_ patch: JSON) throws -> [JSON]? { try ports(patch)?.arrayValue?.compactMap { $0["port"] } }
        #expect(try numbers(["$setElementOrder/ports": [["port": 443], ["port": 80]]]) == [443, 80])
        #expect(
            try numbers(["$setElementOrder/ports": [["port": 1], ["port": 443]], "ports": [["port": 1]]])
                == [1, 80, 443])
        #expect(
            try numbers(["$setElementOrder/ports": [["port": 80], ["port": 1]], "ports": [["port": 1]]])
                == [80, 1, 443])
    }

    @Test("An order that does not have what the patch sets is an error")
    func wrongOrder() {
        let error = #expect(throws: Status.self) {
            try ports(["$setElementOrder/ports": [["port": 80]], "ports": [["port": 1]]])
        }
        #expect(error?.code == 500)
    }

    @Test("Lists of scalars that merge are sets, and lose what deleteFromPrimitiveList names")
    func primitives() throws {
        let object: JSON = ["metadata": ["finalizers": ["a/a"]]]
        #expect(
            try apply(["metadata": ["finalizers": ["b/b"]]], to: object, kind: "ConfigMap")
                == ["metadata": ["finalizers": ["b/b", "a/a"]]])
        #expect(
            try apply(
                ["metadata": ["$deleteFromPrimitiveList/finalizers": ["a/a"]]], to: object, kind: "ConfigMap")
                == ["metadata": ["finalizers": []]])
        #expect(try apply(["metadata": ["finalizers": nil]], to: object, kind: "ConfigMap") == ["metadata": [:]])
    }

    @Test("Lists without a merge strategy are replaced")
    func atomicLists() throws {
        let pod: JSON = ["spec": ["tolerations": [["key": "a"]]]]
        #expect(
            try apply(["spec": ["tolerations": [["key": "b"]]]], to: pod, kind: "Pod")
                == ["spec": ["tolerations": [["key": "b"]]]])
    }

    @Test("retainKeys clears what it does not name, and must name what the patch sets")
    func retainKeys() throws {
        let object: JSON = ["data": ["k": "1", "l": "2", "m": "3"]]
        #expect(
            try apply(["data": ["$retainKeys": ["k", "l"], "l": "9"]], to: object, kind: "ConfigMap")
                == ["data": ["k": "1", "l": "9"]])
        let error = #expect(throws: Status.self) {
            try apply(["data": ["$retainKeys": ["k"], "z": "9"]], to: object, kind: "ConfigMap")
        }
        #expect(error?.code == 400)
        #expect(error?.message == "invalid patch format of retainKeys")
    }

    @Test("Nulls delete, and disappear from what is new")
    func nulls() throws {
        #expect(
            try apply(["spec": ["selector": ["app": nil, "t": "x"]]], to: service, kind: "Service")
                .at("spec", "selector") == ["t": "x"])
        #expect(
            try apply(["metadata": ["labels": ["a": nil, "b": "1"]]], to: [:], kind: "ConfigMap")
                == ["metadata": ["labels": ["b": "1"]]])
    }

    @Test(
        "What cannot be carried out is a 500 that says why",
        arguments: [
            (["ports": [["port": 80, "$patch": "frob"]]], "unknown patch type: frob in map: "),
            (["ports": [["targetPort": 1]]], "does not contain declared merge key: port"),
            (["ports": [["$patch": "delete"]]], "does not contain declared merge key: port"),
            (["ports": [["$patch": "merge", "port": 80]]], "merging lists cannot yet be specified in the patch"),
        ] as [(JSON, String)])
    func failures(_ patch: JSON, _ message: String) {
        let error = #expect(throws: Status.self) { try ports(patch) }
        #expect(error?.code == 500)
        #expect(error?.message.contains(message) == true)
    }

    @Test("A value of another type replaces what was there, for decoding to refuse")
    func otherType() throws {
        #expect(try ports(["ports": "x"]) == "x")
    }
}
