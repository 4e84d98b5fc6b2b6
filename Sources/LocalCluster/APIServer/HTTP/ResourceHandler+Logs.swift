import KubeCore

extension ResourceHandler {
    /// `GET pods/NAME/log`
    func podLog() async throws(Status) -> HTTPAnswer {
        let options = try logOptions()
        let pod = registry.present(
            try registry.get(resource, namespace: path.namespace, name: name), resource)
        let container = try containerName(pod)
        // An unbound pod has no log yet, and that is no failure.
        if (pod.at("spec", "nodeName")?.stringValue ?? "").isEmpty { return HTTPAnswer.noContent }
        guard let podLogs else {
            throw .internalError("no node of this cluster keeps logs")
        }
        let stream: AsyncThrowingStream<[UInt8], any Error>
        do throws(PodLogError) {
            stream = try await podLogs.logs(
                namespace: path.namespace ?? "", podUID: pod.metaUID, podName: name, container: container,
                options: options)
        } catch {
            switch error {
            case .notAvailable(let why): throw .badRequest(why)
            case .failed(let why): throw .internalError(why)
            }
        }
        return HTTPAnswer(stream: "text/plain") { write in
            for try await piece in stream where !piece.isEmpty { try await write(piece) }
        }
    }

    private func logOptions() throws(Status) -> PodLogOptions {
        let target = call.target
        let options = PodLogOptions(
            follow: try target.boolean("follow") ?? false, previous: try target.boolean("previous") ?? false,
            timestamps: try target.boolean("timestamps") ?? false, tailLines: try target.integer("tailLines"),
            sinceSeconds: try target.integer("sinceSeconds"), sinceTime: target.first("sinceTime"),
            limitBytes: try target.integer("limitBytes"))
        var errors: [FieldError] = []
        if let lines = options.tailLines, lines < 0 {
            errors.append(.invalid("tailLines", .int(lines), "must be greater than or equal to 0"))
        }
        if let limit = options.limitBytes, limit < 1 {
            errors.append(.invalid("limitBytes", .int(limit), "must be greater than 0"))
        }
        if options.sinceSeconds != nil, options.sinceTime != nil {
            errors.append(.forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified"))
        } else if let seconds = options.sinceSeconds, seconds < 1 {
            errors.append(.invalid("sinceSeconds", .int(seconds), "must be greater than 0"))
        }
        if !errors.isEmpty { throw .invalid(kind: "PodLogOptions", group: "", name: name, errors) }
        return options
    }

    private func containerName(_ pod: JSON) throws(Status) -> String {
        func names(_ list: String) -> [String] {
            (pod.at("spec", list)?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        }
        let main = names("containers")
        let initial = names("initContainers")
        let all = main + initial + names("ephemeralContainers")
        if let wanted = call.target.first("container"), !wanted.isEmpty {
            guard all.contains(wanted) else {
                throw .badRequest("container \(wanted) is not valid for pod \(name)")
            }
            return wanted
        }
        if main.count == 1, let only = main.first { return only }
        let choice =
            "a container name must be specified for pod \(name), choose one of: [\(main.joined(separator: " "))]"
        if !initial.isEmpty {
            throw .badRequest(choice + " or one of the init containers: [\(initial.joined(separator: " "))]")
        }
        throw .badRequest(choice)
    }
}
