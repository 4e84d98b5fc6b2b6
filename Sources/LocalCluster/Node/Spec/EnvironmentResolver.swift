import KubeCore

/// Why a container cannot be made yet: a reason and message as a kubelet gives them.
struct ContainerConfigFailure: Error, Equatable {
    var reason = "CreateContainerConfigError"
    var message: String
}

/// Reads ConfigMaps and Secrets for one pod. Each object is fetched once for one start of a container.
protocol ConfigSource: Sendable {
    /// nil when there is none.
    func object(_ type: ResourceType, namespace: String, name: String) async throws(Status) -> JSON?
}

/// Works out a container's environment.
struct EnvironmentResolver: Sendable {
    let pod: PodSpec
    let container: ContainerSpec
    let fields: PodFields
    let services: [(name: String, value: String)]
    let config: any ConfigSource

    /// The variables in their order, a later one taking the place of an earlier one of that name.
    func resolve(base: [(name: String, value: String)]) async throws(ContainerConfigFailure) -> Environment {
        var environment = Environment(base)
        for (name, value) in services { environment.set(name, value) }
        // Values from ConfigMaps and Secrets as a whole can be overridden, but not be referred to before `env`.
        for source in container.environmentSources { try await addAll(of: source, to: &environment) }
        for entry in container.environment {
            let name = entry.text("name")
            if let source = entry["valueFrom"], source.objectValue?.isEmpty == false {
                if let value = try await value(from: source, name: name) { environment.set(name, value) }
            } else {
                let current = environment
                environment.set(name, VariableExpansion.expand(entry.text("value")) { current[$0] })
            }
        }
        return environment
    }

    private func addAll(of source: JSON, to environment: inout Environment) async throws(ContainerConfigFailure) {
        let prefix = source.text("prefix")
        let pairs: [(String, String)]
        if let reference = source["configMapRef"] {
            pairs = try await data(.configMaps, reference)
        } else if let reference = source["secretRef"] {
            pairs = try await data(.secrets, reference)
        } else {
            return
        }
        for (key, value) in pairs {
            let name = prefix + key
            guard !name.isEmpty, !name.contains("=") else { continue }
            environment.set(name, value)
        }
    }

    private func data(
        _ type: ResourceType, _ reference: JSON
    ) async throws(ContainerConfigFailure) -> [(String, String)] {
        guard let object = try await fetch(type, reference) else { return [] }
        return ConfigData(object, type: type).texts
    }

    private func fetch(_ type: ResourceType, _ reference: JSON) async throws(ContainerConfigFailure) -> JSON? {
        let name = reference.text("name")
        let found: JSON?
        do {
            found = try await config.object(type, namespace: pod.namespace, name: name)
        } catch {
            throw ContainerConfigFailure(message: error.message)
        }
        if found == nil, reference["optional"]?.boolValue != true {
            throw ContainerConfigFailure(message: "\(type.kind.lowercased()) \"\(name)\" not found")
        }
        return found
    }

    private func value(from source: JSON, name: String) async throws(ContainerConfigFailure) -> String? {
        if let reference = source["fieldRef"] {
            let path = reference.text("fieldPath")
            guard let value = fields.field(path) else {
                throw ContainerConfigFailure(message: "unsupported fieldPath: \(path)")
            }
            return value
        }
        if let reference = source["resourceFieldRef"] {
            guard let value = fields.resource(reference, in: container) else {
                throw ContainerConfigFailure(
                    message: "unsupported container resource : \(reference.text("resource"))")
            }
            return value
        }
        if let reference = source["configMapKeyRef"] { return try await key(.configMaps, reference) }
        if let reference = source["secretKeyRef"] { return try await key(.secrets, reference) }
        throw ContainerConfigFailure(
            message: "the variable \(name) has a valueFrom that this node does not know; use fieldRef, "
                + "resourceFieldRef, configMapKeyRef or secretKeyRef")
    }

    private func key(_ type: ResourceType, _ reference: JSON) async throws(ContainerConfigFailure) -> String? {
        guard let object = try await fetch(type, reference) else { return nil }
        let key = reference.text("key")
        if let value = ConfigData(object, type: type).bytes(key) { return String(decoding: value, as: UTF8.self) }
        if reference["optional"]?.boolValue == true { return nil }
        throw ContainerConfigFailure(
            message: "couldn't find key \(key) in \(type.kind) \(pod.namespace)/\(reference.text("name"))")
    }
}

/// Variables in the order in which they were first set.
struct Environment: Sendable {
    private(set) var pairs: [(name: String, value: String)] = []
    private var places: [String: Int] = [:]

    init(_ pairs: [(name: String, value: String)] = []) {
        for (name, value) in pairs { set(name, value) }
    }

    mutating func set(_ name: String, _ value: String) {
        if let place = places[name] {
            pairs[place].value = value
        } else {
            places[name] = pairs.count
            pairs.append((name, value))
        }
    }

    subscript(_ name: String) -> String? { places[name].map { pairs[$0].value } }

    /// Changes every value.
    func mapValues(_ transform: (String) -> String) -> Environment {
        Environment(pairs.map { ($0.name, transform($0.value)) })
    }
}

/// The keys of a ConfigMap or Secret.
struct ConfigData {
    private let object: JSON
    private let isSecret: Bool

    init(_ object: JSON, type: ResourceType) {
        self.object = object
        isSecret = type == .secrets
    }

    var keys: [String] {
        var keys = (object["data"]?.objectValue ?? [:]).map(\.key)
        if !isSecret { keys += (object["binaryData"]?.objectValue ?? [:]).map(\.key) }
        return keys.sorted()
    }

    func bytes(_ key: String) -> [UInt8]? {
        if isSecret { return object.at("data", key)?.stringValue.flatMap(Base64.decode) }
        if let text = object.at("data", key)?.stringValue { return Array(text.utf8) }
        return object.at("binaryData", key)?.stringValue.flatMap(Base64.decode)
    }

    /// What can be a variable: a ConfigMap's binary data cannot.
    var texts: [(String, String)] {
        (object["data"]?.objectValue ?? [:]).map(\.key).sorted().compactMap { key in
            bytes(key).map { (key, String(decoding: $0, as: UTF8.self)) }
        }
    }
}
