import FlowAPI
import KubeClient
import KubeCore
import KubeYAML

extension Sandbox {
    /// Waits, by a watch, until the objects that `options` select meet a condition.
    ///
    /// - Returns: the objects as they met it.
    @discardableResult
    func wait(
        for type: ResourceType, _ options: ListOptions = .init(), within patience: Duration = Patience.long,
        until isMet: ([DynamicObject]) throws -> Bool
    ) async throws -> [DynamicObject] {
        let resource = client.resource(type, namespace: type.isNamespaced ? namespace : nil)
        let clock = ContinuousClock()
        let deadline = clock.now + patience
        var objects: [String: DynamicObject] = [:]
        while true {
            let list = try await resource.list(options)
            objects = Dictionary(list.items.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
            func isDone() throws -> Bool { try isMet(objects.values.sorted { $0.name < $1.name }) }
            if try isDone() { return objects.values.sorted { $0.name < $1.name } }
            let left = clock.now.duration(to: deadline)
            guard left > .zero else { break }
            var watched = options
            watched.resourceVersion = list.resourceVersion
            watched.timeoutSeconds = max(1, left.components.seconds)
            do {
                for try await event in try await resource.watch(watched) {
                    switch event {
                    case .added(let object), .modified(let object): objects[object.name] = object
                    case .deleted(let object): objects[object.name] = nil
                    case .bookmark, .error, .undecodable: continue
                    }
                    if try isDone() { return objects.values.sorted { $0.name < $1.name } }
                }
            } catch let error as ClientError where error.status == nil || error.isExpired {
                // The watch broke off; the next list tells what it has missed, or that the server is gone.
            }
        }
        let state = objects.values.sorted { $0.name < $1.name }.map { YAMLWriter.write($0.json) }
        throw WaitFailure(
            description: "\(type.plural) of \(namespace) did not get there within \(patience):\n"
                + state.joined(separator: "---\n"))
    }

    /// Waits until an object meets a condition; nil is no object.
    @discardableResult
    func wait(
        for type: ResourceType, named name: String, within patience: Duration = Patience.long,
        until isMet: (DynamicObject?) throws -> Bool
    ) async throws -> DynamicObject? {
        try await wait(for: type, ListOptions(fieldSelector: "metadata.name=\(name)"), within: patience) {
            try isMet($0.first)
        }.first
    }

    /// Waits until a run meets a condition.
    @discardableResult
    func run(
        _ name: String = "r", within patience: Duration = Patience.long, until isMet: (JobRunStatus) -> Bool
    ) async throws -> JobRunStatus {
        var status = JobRunStatus()
        try await wait(for: .jobRuns, named: name, within: patience) { object in
            guard let object else { return false }
            status = try JSONTreeDecoder().decode(JobRun.self, from: object.json).status ?? JobRunStatus()
            return isMet(status)
        }
        return status
    }

    /// Waits until a run has ended.
    @discardableResult
    func ended(_ name: String = "r", within patience: Duration = Patience.long) async throws -> JobRunStatus {
        try await run(name, within: patience) { $0.phase?.isFinal == true }
    }

    /// Waits until an object has a condition with this status.
    ///
    /// - Returns: the condition.
    @discardableResult
    func condition(
        _ type: String, _ status: String = "True", of kind: ResourceType, _ name: String
    ) async throws -> Condition {
        var found: Condition?
        try await wait(for: kind, named: name) { object in
            let conditions = object?.json.at("status", "conditions") ?? []
            found = try JSONTreeDecoder().decode([Condition].self, from: conditions)
                .first { $0.type == type && $0.status == status }
            return found != nil
        }
        guard let found else { throw WaitFailure(description: "no condition \(type)") }
        return found
    }

    /// Waits for an Event about an object.
    ///
    /// - Returns: its message.
    @discardableResult
    func event(_ reason: String, about name: String) async throws -> String {
        let events = try await wait(for: .events, ListOptions(fieldSelector: "involvedObject.name=\(name)")) {
            $0.contains { $0.json["reason"]?.stringValue == reason }
        }
        return events.first { $0.json["reason"]?.stringValue == reason }?.json["message"]?.stringValue ?? ""
    }

    /// Every object that was created since a version of the list, those that are gone included.
    func additions(of type: ResourceType, since version: String) async throws -> [DynamicObject] {
        let now = try await resource(type).list().resourceVersion
        var added: [DynamicObject] = []
        for try await event in try await resource(type).watch(ListOptions(resourceVersion: version, timeoutSeconds: 2))
        {
            switch event {
            case .added(let object): added.append(object)
            case .error(let status): throw WaitFailure(description: "the watch since \(version) failed: \(status)")
            case .bookmark(let reached, _) where reached == now: return added
            case .modified, .deleted, .bookmark, .undecodable: continue
            }
        }
        return added
    }

    /// Watches an object for a while, and tells how often it changed.
    func changes(of type: ResourceType, _ name: String, seconds: Int64) async throws -> Int {
        let options = ListOptions(fieldSelector: "metadata.name=\(name)")
        let list = try await resource(type).list(options)
        var watched = options
        watched.resourceVersion = list.resourceVersion
        watched.timeoutSeconds = seconds
        var count = 0
        for try await event in try await resource(type).watch(watched) {
            if case .bookmark = event { continue }
            count += 1
        }
        return count
    }
}

/// What was waited for did not come; with what there was instead.
struct WaitFailure: Error, CustomStringConvertible {
    var description: String
}
