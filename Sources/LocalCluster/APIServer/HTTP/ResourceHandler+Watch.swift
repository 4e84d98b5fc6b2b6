import KubeCore

extension ResourceHandler {
    func watch() throws(Status) -> HTTPAnswer {
        let format = try objectFormat()
        if format.shape == .partialMetadataList {
            throw Status(
                code: 406, reason: .notAcceptable,
                message: "only the following media types are accepted: application/json;stream=watch")
        }
        var options = try ServerListOptions(call.target, isWatch: true)
        if path.isLegacyWatch, let name = path.name {
            let only = FieldSelector.Requirement(path: "metadata.name", op: .equals, value: name)
            options.fieldSelector = FieldSelector((options.fieldSelector?.requirements ?? []) + [only])
        }
        let session = try registry.watch(resource, namespace: path.namespace, options)
        let include = try includeObject()
        let writer = WatchWriter(registry: registry, resource: resource, shape: format.shape, include: include)
        return HTTPAnswer(stream: "application/json") { write in
            try await withThrowingTaskGroup(of: Void.self) { group in
                // Bookmarks and the end come by the clock, not by a change.
                group.addTask {
                    while let deadline = session.nextDeadline {
                        try await Task.sleep(until: deadline, clock: .continuous)
                        session.wake()
                        // The session moves its deadline when it has been read; a slow client may take a while.
                        try await Task.sleep(for: .milliseconds(100))
                    }
                }
                defer { group.cancelAll() }
                var isFirst = true
                while let outputs = await session.next() {
                    var bytes: [UInt8] = []
                    for output in outputs {
                        writer.append(output, isFirst: isFirst, to: &bytes)
                        isFirst = false
                    }
                    try await write(bytes)
                }
            }
        }
    }
}

/// Writes what a watch tells as lines of JSON.
struct WatchWriter: Sendable {
    let registry: Registry
    let resource: Resource
    let shape: AnswerFormat.Shape
    let include: TableConverter.IncludeObject

    /// - Parameter isFirst: whether column definitions are still to be sent.
    func append(_ output: WatchOutput, isFirst: Bool, to bytes: inout [UInt8]) {
        switch output {
        case .change(let type, let object, let shownAt):
            open(type, &bytes)
            if shape == .plain {
                registry.render(object, resource, typed: true, shownAt: shownAt, to: &bytes)
            } else {
                let json = registry.present(object, resource, shownAt: shownAt)
                bytes.append(contentsOf: shaped(json, isFirst: isFirst).encoded())
            }
        case .bookmark(let revision, let endsInitialEvents):
            open(.bookmark, &bytes)
            var metadata: JSONObject = ["resourceVersion": .string(String(revision))]
            if endsInitialEvents { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
            let object: JSON = [
                "kind": .string(resource.type.kind), "apiVersion": .string(resource.type.apiVersion),
                "metadata": .object(metadata),
            ]
            bytes.append(contentsOf: (shape == .plain ? object : shaped(object, isFirst: isFirst)).encoded())
        case .error(let status):
            open(.error, &bytes)
            bytes.append(contentsOf: status.json.encoded())
        }
        bytes.append(contentsOf: "}\n".utf8)
    }

    private func open(_ type: WatchEventType, _ bytes: inout [UInt8]) {
        bytes.append(contentsOf: "{\"type\":\"\(type.rawValue)\",\"object\":".utf8)
    }

    private func shaped(_ object: JSON, isFirst: Bool) -> JSON {
        switch shape {
        case .table:
            TableConverter.table(
                [object], kind: resource.kind, version: resource.version.name,
                listMetadata: ["resourceVersion": object.meta("resourceVersion") ?? ""], include: include,
                noHeaders: !isFirst, now: registry.now())
        case .partialMetadata: TableConverter.partialMetadata(object)
        case .plain, .partialMetadataList: object
        }
    }
}
