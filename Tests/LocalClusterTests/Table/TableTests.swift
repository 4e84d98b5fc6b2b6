import KubeCore
import Testing

@testable import LocalCluster

@Suite struct TableTests {
    private let now = Timestamp(seconds: 1_704_067_200)  // 2024-01-01T00:00:00Z

    private func cells(_ object: JSON, group: String = "", plural: String) throws -> [JSON] {
        let kind = try #require(BuiltInKinds.kind(group: group, plural: plural))
        let table = TableConverter.table(
            [object], kind: kind, version: "v1", listMetadata: ["resourceVersion": "1"], now: now)
        let columns = try #require(table["columnDefinitions"]?.arrayValue)
        let cells = try #require(table["rows"]?[0]?["cells"]?.arrayValue)
        #expect(columns.count == cells.count, "\(plural)")
        return cells
    }

    @Test(
        "Ages have two units while they are short",
        arguments: [
            (0, "0s"), (119, "119s"), (120, "2m"), (125, "2m5s"), (600, "10m"), (10_799, "179m"), (10_800, "3h"),
            (11_400, "3h10m"), (28_800, "8h"), (172_799, "47h"), (172_800, "2d"), (180_000, "2d2h"), (691_200, "8d"),
            (63_072_000, "2y"), (64_000_000, "2y10d"), (252_288_000, "8y"), (-1, "0s"), (-5, "<invalid>"),
        ] as [(Int64, String)])
    func ages(_ seconds: Int64, _ text: String) {
        #expect(HumanDuration.text(seconds: seconds) == text)
    }

    @Test("Every built-in kind has as many cells as columns, also for an object that has nothing")
    func emptyObjects() throws {
        for kind in BuiltInKinds.all where !kind.isVirtual {
            _ = try cells(["metadata": ["name": "x"]], group: kind.group, plural: kind.names.plural)
        }
    }

    @Test("The row of a table holds what was asked for of the object")
    func include() throws {
        let kind = try #require(BuiltInKinds.kind(group: "", plural: "configmaps"))
        func object(_ include: TableConverter.IncludeObject) -> JSON? {
            TableConverter.table(
                [["metadata": ["name": "a"], "data": ["k": "1"]]], kind: kind, version: "v1", listMetadata: [:],
                include: include, now: now)["rows"]?[0]?["object"]
        }
        #expect(object(.none) == .null)
        #expect(object(.metadata)?["kind"] == "PartialObjectMetadata")
        #expect(
            object(.object) == ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a"], "data": ["k": "1"]])
        let frame = TableConverter.table([], kind: kind, version: "v1", listMetadata: [:], noHeaders: true, now: now)
        #expect(frame["columnDefinitions"] == .null)
    }

    @Test("Services show addresses, ports with node ports, and their selector")
    func services() throws {
        let service: JSON = [
            "metadata": ["name": "s", "creationTimestamp": "2023-12-31T23:59:00Z"],
            "spec": [
                "type": "NodePort", "clusterIP": "10.0.0.1", "selector": ["b": "2", "a": "1"],
                "externalIPs": ["1.2.3.4"],
                "ports": [["port": 80, "nodePort": 30080, "protocol": "TCP"], ["port": 53, "protocol": "UDP"]],
            ],
        ]
        #expect(
            try cells(service, plural: "services")
                == ["s", "NodePort", "10.0.0.1", "1.2.3.4", "80:30080/TCP,53/UDP", "60s", "a=1,b=2"])
        let pending: JSON = ["metadata": ["name": "l"], "spec": ["type": "LoadBalancer"]]
        #expect(try cells(pending, plural: "services")[3] == "<pending>")
    }

    @Test("Nodes show readiness, roles and addresses")
    func nodes() throws {
        let node: JSON = [
            "metadata": ["name": "n", "labels": ["node-role.kubernetes.io/worker": "", "kubernetes.io/role": "edge"]],
            "spec": ["unschedulable": true],
            "status": [
                "conditions": [["type": "Ready", "status": "True"]],
                "addresses": [["type": "InternalIP", "address": "192.0.2.1"]],
                "nodeInfo": ["kubeletVersion": "v1", "kernelVersion": "6.1", "architecture": "amd64"],
            ],
        ]
        #expect(
            try cells(node, plural: "nodes") == [
                "n", "Ready,SchedulingDisabled", "edge,worker", "<unknown>", "v1", "192.0.2.1", "<none>", "<unknown>",
                "6.1 (amd64)", "<unknown>",
            ])
    }

    @Test("Both forms of an event show the same")
    func events() throws {
        let core: JSON = [
            "metadata": ["name": "e"], "involvedObject": ["kind": "Pod", "name": "p", "fieldPath": "spec"],
            "reason": "Pulled", "type": "Normal", "message": " done \n", "count": 3,
            "source": ["component": "kubelet", "host": "n1"], "firstTimestamp": "2023-12-31T23:50:00Z",
            "lastTimestamp": "2023-12-31T23:59:30Z",
        ]
        let kind = try #require(BuiltInKinds.kind(group: "events.k8s.io", plural: "events"))
        let new = kind.strategy.fromStored(core, version: "v1")
        let expected: [JSON] = [
            "30s", "Normal", "Pulled", "pod/p", "spec", "kubelet, n1", "done", "10m", 3, "e",
        ]
        #expect(try cells(core, plural: "events") == expected)
        #expect(try cells(new, group: "events.k8s.io", plural: "events") == expected)
    }

    @Test("Custom columns follow their paths and types, and are null where there is nothing")
    func customColumns() throws {
        let columns = [
            PrinterColumn(name: "Size", type: "string", jsonPath: ".spec.size"),
            PrinterColumn(name: "N", type: "integer", jsonPath: ".spec.n"),
            PrinterColumn(
                name: "Ready", type: "string", priority: 1,
                jsonPath: #".status.conditions[?(@.type=="Ready")].status"#),
            PrinterColumn(name: "Map", type: "string", jsonPath: ".spec.map"),
            PrinterColumn(name: "Since", type: "date", jsonPath: ".spec.at"),
            PrinterColumn(name: "Bad", type: "integer", jsonPath: ".spec.size"),
        ]
        let printer = TablePrinter.custom(columns)
        let object: JSON = [
            "metadata": ["name": "w"],
            "spec": ["size": "small", "n": 3, "map": ["a": 1], "at": "2023-12-31T23:00:00Z"],
            "status": ["conditions": [["type": "Synced", "status": "False"], ["type": "Ready", "status": "True"]]],
        ]
        #expect(printer.cells(object, now) == ["w", "small", 3, "True", #"{"a":1}"#, "60m", nil])
        #expect(printer.cells(["metadata": ["name": "x"]], now) == ["x", nil, nil, nil, nil, nil, nil])
        #expect(printer.columns.map(\.priority) == [0, 0, 0, 1, 0, 0, 0])
        #expect(TablePrinter.custom([]).columns.map(\.name) == ["Name", "Age"])
    }

    @Test("A scale is shown as one, whatever kind it is of")
    func scale() throws {
        let kind = try #require(BuiltInKinds.kind(group: "apps", plural: "deployments"))
        let scale: JSON = [
            "kind": "Scale", "metadata": ["name": "d"], "spec": ["replicas": 5], "status": ["replicas": 1],
        ]
        let table = TableConverter.table([scale], kind: kind, version: "v1", listMetadata: [:], now: now)
        #expect(table["rows"]?[0]?["cells"] == ["d", 5, 1, "<unknown>"])
    }

    @Test("Partial metadata keeps the metadata only")
    func partial() {
        let object: JSON = ["kind": "Secret", "metadata": ["name": "a"], "data": ["k": "v"]]
        #expect(
            TableConverter.partialMetadata(object)
                == ["kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": ["name": "a"]])
        let list = TableConverter.partialMetadataList([object], listMetadata: ["resourceVersion": "5"])
        #expect(list["kind"] == "PartialObjectMetadataList")
        #expect(list["items"]?[0]?["data"] == nil)
    }
}
