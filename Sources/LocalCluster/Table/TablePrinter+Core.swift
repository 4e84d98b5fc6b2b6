import KubeCore

extension TablePrinter {
    static let core: [String: TablePrinter] = [
        "/Namespace": TablePrinter([.name, Column("Status"), .age]) { object, now in
            [object.name, .string(object.text("status", "phase")), object.age(now)]
        },
        "/ConfigMap": TablePrinter([.name, Column("Data"), .age]) { object, now in
            [
                object.name, .int(Int64(object.fields("data").count + object.fields("binaryData").count)),
                object.age(now),
            ]
        },
        "/Secret": TablePrinter([.name, Column("Type"), Column("Data"), .age]) { object, now in
            [object.name, .string(object.text("type")), .int(Int64(object.fields("data").count)), object.age(now)]
        },
        "/ServiceAccount": TablePrinter([.name, Column("Secrets"), .age]) { object, now in
            [object.name, .int(Int64(object.elements("secrets").count)), object.age(now)]
        },
        "/Service": TablePrinter([
            .name, Column("Type"), Column("Cluster-IP"), Column("External-IP"), Column("Port(s)"), .age,
            .wide("Selector"),
        ]) { object, now in
            [
                object.name, .string(object.text("spec", "type")), object.text("spec", "clusterIP").cell(),
                ServiceCells.externalAddress(object).cell(), ServiceCells.ports(object), object.age(now),
                object.at("spec", "selector")?.labelText ?? "<none>",
            ]
        },
        "/Endpoints": TablePrinter([.name, Column("Endpoints"), .age]) { object, now in
            [object.name, ServiceCells.endpoints(object), object.age(now)]
        },
        "/Node": TablePrinter(
            [
                .name, Column("Status"), Column("Roles"), .age, Column("Version"), .wide("Internal-IP"),
                .wide("External-IP"), .wide("OS-Image"), .wide("Kernel-Version"), .wide("Container-Runtime"),
            ], cells: NodeCells.cells),
        "/Event": events,
        "events.k8s.io/Event": events,
        "/PersistentVolume": TablePrinter([
            .name, Column("Capacity"), Column("Access Modes"), Column("Reclaim Policy"), Column("Status"),
            Column("Claim"), Column("StorageClass"), Column("VolumeAttributesClass"), Column("Reason"), .age,
            .wide("VolumeMode"),
        ]) { object, now in
            let claim = object.at("spec", "claimRef").map { "\($0.text("namespace"))/\($0.text("name"))" }
            return [
                object.name, .string(object.text("spec", "capacity", "storage")),
                .string(StorageCells.modes(object.elements("spec", "accessModes"))),
                .string(object.text("spec", "persistentVolumeReclaimPolicy")), StorageCells.phase(object),
                .string(claim ?? ""), .string(object.text("spec", "storageClassName")),
                object.text("spec", "volumeAttributesClassName").cell(or: "<unset>"),
                .string(object.text("status", "reason")), object.age(now),
                object.text("spec", "volumeMode").cell(or: "<unset>"),
            ]
        },
        "/PersistentVolumeClaim": TablePrinter([
            .name, Column("Status"), Column("Volume"), Column("Capacity"), Column("Access Modes"),
            Column("StorageClass"), Column("VolumeAttributesClass"), .age, .wide("VolumeMode"),
        ]) { object, now in
            let isBound = !object.text("spec", "volumeName").isEmpty
            return [
                object.name, StorageCells.phase(object), .string(object.text("spec", "volumeName")),
                .string(isBound ? object.text("status", "capacity", "storage") : ""),
                .string(isBound ? StorageCells.modes(object.elements("status", "accessModes")) : ""),
                .string(object.text("spec", "storageClassName")),
                object.text("spec", "volumeAttributesClassName").cell(or: "<unset>"), object.age(now),
                object.text("spec", "volumeMode").cell(or: "<unset>"),
            ]
        },
        "/ResourceQuota": TablePrinter([.name, Column("Request"), Column("Limit"), .age]) { object, now in
            let usage = object.fields("status", "hard").sorted { $0.key < $1.key }.map { name, hard in
                (
                    name,
                    "\(name): \(object.at("status", "used", name)?.stringValue ?? "0")/\(hard.stringValue ?? "")"
                )
            }
            func join(_ limits: Bool) -> JSON {
                .string(usage.filter { $0.0.hasPrefix("limits.") == limits }.map(\.1).joined(separator: ", "))
            }
            return [object.name, join(false), join(true), object.age(now)]
        },
    ]

    /// Both groups show the same: the second names its fields anew.
    private static let events = TablePrinter(
        [
            Column("Last Seen"), Column("Type"), Column("Reason"), Column("Object"), .wide("Subobject"),
            .wide("Source"),
            Column("Message"), .wide("First Seen"), .wide("Count"), Column("Name", format: "name", priority: 1),
        ], cells: EventCells.cells)
}

enum StorageCells {
    private static let short = [
        "ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP",
    ]

    /// `RWO,ROX,RWX,RWOP`, each once and in this order.
    static func modes(_ modes: [JSON]) -> String {
        let given = Set(modes.compactMap(\.stringValue))
        return ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"].filter(given.contains)
            .compactMap { short[$0] }.joined(separator: ",")
    }

    static func phase(_ object: JSON) -> JSON {
        object.at("metadata", "deletionTimestamp") == nil ? .string(object.text("status", "phase")) : "Terminating"
    }
}

enum NodeCells {
    static func cells(_ node: JSON, _ now: Timestamp) -> [JSON] {
        let info = node.at("status", "nodeInfo") ?? .null
        let kernel = info.text("kernelVersion")
        let architecture = info.text("architecture")
        return [
            node.name, .string(status(node)), .string(roles(node)), node.age(now), .string(info.text("kubeletVersion")),
            address(node, "InternalIP").cell(), address(node, "ExternalIP").cell(),
            info.text("osImage").cell(or: "<unknown>"),
            (kernel.isEmpty || architecture.isEmpty ? kernel : "\(kernel) (\(architecture))").cell(or: "<unknown>"),
            info.text("containerRuntimeVersion").cell(or: "<unknown>"),
        ]
    }

    private static func status(_ node: JSON) -> String {
        let ready = node.elements("status", "conditions").first { $0.text("type") == "Ready" }
        var parts = [ready.map { $0.text("status") == "True" ? "Ready" : "NotReady" } ?? "Unknown"]
        if node.flag("spec", "unschedulable") { parts.append("SchedulingDisabled") }
        return parts.joined(separator: ",")
    }

    private static func roles(_ node: JSON) -> String {
        let prefix = "node-role.kubernetes.io/"
        var roles: Set<String> = []
        for (key, value) in node.fields("metadata", "labels") {
            if key.hasPrefix(prefix), key.count > prefix.count { roles.insert(String(key.dropFirst(prefix.count))) }
            if key == "kubernetes.io/role", let role = value.stringValue, !role.isEmpty { roles.insert(role) }
        }
        return roles.isEmpty ? "<none>" : roles.sorted().joined(separator: ",")
    }

    private static func address(_ node: JSON, _ type: String) -> String {
        node.elements("status", "addresses").first { $0.text("type") == type }?.text("address") ?? ""
    }
}

enum EventCells {
    static func cells(_ event: JSON, _ now: Timestamp) -> [JSON] {
        let involved = event["involvedObject"] ?? event["regarding"] ?? .null
        let source = event["source"] ?? event["deprecatedSource"] ?? .null
        let created = event["eventTime"]
        let first = event["firstTimestamp"] ?? event["deprecatedFirstTimestamp"] ?? created
        var last = event["lastTimestamp"] ?? event["deprecatedLastTimestamp"] ?? first
        var count = event.int("count") ?? event.int("deprecatedCount") ?? 0
        if let series = event["series"] {
            last = series["lastObservedTime"] ?? last
            count = series.int("count") ?? count
        } else if count == 0 {
            count = 1
        }
        let kind = involved.text("kind").lowercased()
        let name = involved.text("name")
        return [
            .string(HumanDuration.since(last, now: now)), .string(event.text("type")), .string(event.text("reason")),
            .string(name.isEmpty ? kind : "\(kind)/\(name)"), .string(involved.text("fieldPath")),
            .string(component(event, source)), .string(message(event)), .string(HumanDuration.since(first, now: now)),
            .int(count), event.name,
        ]
    }

    private static func message(_ event: JSON) -> String {
        var text = Substring(event.text("message").isEmpty ? event.text("note") : event.text("message"))
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }

    private static func component(_ event: JSON, _ source: JSON) -> String {
        var parts = [source.text("component"), source.text("host")]
        if parts[0].isEmpty {
            let controller = event.text("reportingComponent")
            parts = [
                controller.isEmpty ? event.text("reportingController") : controller, event.text("reportingInstance"),
            ]
        }
        return parts.filter { !$0.isEmpty }.joined(separator: ", ")
    }
}
