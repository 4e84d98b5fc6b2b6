import KubeCore

/// The parts of a Pod that a node acts on. Reading is lenient: the API server has validated and defaulted the object.
struct PodSpec: Sendable {
    let name: String
    let namespace: String
    let uid: String
    let labels: [String: String]
    let annotations: [String: String]
    var nodeName: String
    var serviceAccountName: String
    var hostName: String
    var initContainers: [ContainerSpec]
    var containers: [ContainerSpec]
    var volumes: [VolumeSpec]
    var restartPolicy: RestartPolicy
    var terminationGrace: Duration
    var activeDeadline: Duration?
    var isUsingHostNetwork: Bool
    var hasServiceEnvironment: Bool
    var hostAliases: [JSON]
    var readinessGates: [String]
    var security: SecuritySpec

    init(_ pod: JSON) {
        let object = DynamicObject(pod)
        let spec = pod["spec"] ?? [:]
        name = object.name
        namespace = object.namespace ?? "default"
        uid = object.uid ?? ""
        labels = object.labels
        annotations = object.annotations
        nodeName = spec["nodeName"]?.stringValue ?? ""
        serviceAccountName = spec["serviceAccountName"]?.stringValue ?? "default"
        hostName = String((spec["hostname"]?.stringValue ?? object.name).prefix(63))
        let podSecurity = SecuritySpec(spec["securityContext"] ?? [:])
        initContainers = spec.list("initContainers").map { ContainerSpec($0, pod: podSecurity) }
        containers = spec.list("containers").map { ContainerSpec($0, pod: podSecurity) }
        volumes = spec.list("volumes").map { VolumeSpec(name: $0.text("name"), source: $0) }
        restartPolicy = RestartPolicy(rawValue: spec["restartPolicy"]?.stringValue ?? "") ?? .always
        terminationGrace = .seconds(max(0, spec["terminationGracePeriodSeconds"]?.intValue ?? 30))
        activeDeadline = spec["activeDeadlineSeconds"]?.intValue.map { .seconds(max(1, $0)) }
        isUsingHostNetwork = spec["hostNetwork"]?.boolValue ?? false
        hasServiceEnvironment = spec["enableServiceLinks"]?.boolValue ?? true
        hostAliases = spec.list("hostAliases")
        readinessGates = spec.list("readinessGates").compactMap { $0["conditionType"]?.stringValue }
        security = podSecurity
    }

    /// `name_namespace(uid)`, as the kubelet calls a pod in messages.
    var description: String { "\(name)_\(namespace)(\(uid))" }
}

enum RestartPolicy: String, Sendable { case always = "Always", onFailure = "OnFailure", never = "Never" }

struct VolumeSpec: Sendable {
    var name: String
    /// The volume, with the key of its kind.
    var source: JSON
}

struct VolumeMountSpec: Sendable {
    var name: String
    var mountPath: String
    var subPath: String?
    /// A subPath in which variables are expanded.
    var subPathExpression: String?
    var isReadOnly: Bool

    init(_ json: JSON) {
        name = json.text("name")
        mountPath = json.text("mountPath")
        subPath = json["subPath"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        subPathExpression = json["subPathExpr"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        isReadOnly = json["readOnly"]?.boolValue ?? false
    }
}

struct ContainerSpec: Sendable {
    var name: String
    var image: String
    var imagePullPolicy: String
    /// nil: the image's.
    var command: [String]?
    var arguments: [String]?
    var workingDirectory: String?
    var environment: [JSON]
    var environmentSources: [JSON]
    var ports: [JSON]
    var mounts: [VolumeMountSpec]
    var limits: [String: Quantity]
    var requests: [String: Quantity]
    var resources: JSON?
    var terminationMessagePath: String
    var fallsBackToLogs: Bool
    /// Only init containers have one, `Always`, which makes them sidecars.
    var restartsAlways: Bool
    var startupProbe: ProbeSpec?
    var readinessProbe: ProbeSpec?
    var livenessProbe: ProbeSpec?
    /// A handler such as `{"exec": {"command": […]}}`.
    var preStop: JSON?
    var postStart: JSON?
    var security: SecuritySpec

    init(_ json: JSON, pod: SecuritySpec) {
        name = json.text("name")
        image = json.text("image")
        imagePullPolicy = json.text("imagePullPolicy")
        command = json["command"]?.arrayValue.flatMap { $0.isEmpty ? nil : $0.compactMap(\.stringValue) }
        arguments = json["args"]?.arrayValue.flatMap { $0.isEmpty ? nil : $0.compactMap(\.stringValue) }
        workingDirectory = json["workingDir"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        environment = json.list("env")
        environmentSources = json.list("envFrom")
        ports = json.list("ports")
        mounts = json.list("volumeMounts").map(VolumeMountSpec.init)
        limits = Self.quantities(json.at("resources", "limits"))
        requests = Self.quantities(json.at("resources", "requests"))
        resources = json["resources"]
        let path = json.text("terminationMessagePath")
        terminationMessagePath = path.isEmpty ? "/dev/termination-log" : path
        fallsBackToLogs = json.text("terminationMessagePolicy") == "FallbackToLogsOnError"
        restartsAlways = json.text("restartPolicy") == "Always"
        startupProbe = json["startupProbe"].flatMap(ProbeSpec.init)
        readinessProbe = json["readinessProbe"].flatMap(ProbeSpec.init)
        livenessProbe = json["livenessProbe"].flatMap(ProbeSpec.init)
        preStop = json.at("lifecycle", "preStop")
        postStart = json.at("lifecycle", "postStart")
        security = pod.overridden(by: SecuritySpec(json["securityContext"] ?? [:]))
    }

    private static func quantities(_ json: JSON?) -> [String: Quantity] {
        var result: [String: Quantity] = [:]
        for (name, value) in json?.objectValue ?? [:] {
            let text = value.stringValue ?? value.encodedString()
            if let quantity = try? Quantity(parsing: text) { result[name] = quantity }
        }
        return result
    }

    /// The number of a port given by number or by name.
    func port(_ value: JSON?) -> UInt16? {
        if let number = value?.intValue { return UInt16(exactly: number) }
        guard let name = value?.stringValue else { return nil }
        if let number = UInt16(name) { return number }
        return ports.first { $0["name"]?.stringValue == name }?["containerPort"]?.intValue.flatMap(
            UInt16.init(exactly:))
    }
}

struct SecuritySpec: Sendable {
    var user: Int64?
    var group: Int64?
    var mustNotBeRoot: Bool?
    var volumeGroup: Int64?
    var supplementaryGroups: [Int64]
    var hasReadOnlyRoot: Bool?
    var allowsPrivilegeEscalation: Bool?

    init(_ json: JSON) {
        user = json["runAsUser"]?.intValue
        group = json["runAsGroup"]?.intValue
        mustNotBeRoot = json["runAsNonRoot"]?.boolValue
        volumeGroup = json["fsGroup"]?.intValue
        supplementaryGroups = json.list("supplementalGroups").compactMap(\.intValue)
        hasReadOnlyRoot = json["readOnlyRootFilesystem"]?.boolValue
        allowsPrivilegeEscalation = json["allowPrivilegeEscalation"]?.boolValue
    }

    func overridden(by other: SecuritySpec) -> SecuritySpec {
        var result = self
        result.user = other.user ?? user
        result.group = other.group ?? group
        result.mustNotBeRoot = other.mustNotBeRoot ?? mustNotBeRoot
        result.hasReadOnlyRoot = other.hasReadOnlyRoot
        result.allowsPrivilegeEscalation = other.allowsPrivilegeEscalation
        return result
    }
}

struct ProbeSpec: Sendable {
    /// The probe, with the key of its handler.
    var handler: JSON
    var initialDelay: Duration
    var period: Duration
    var timeout: Duration
    var successThreshold: Int64
    var failureThreshold: Int64
    /// In place of the pod's.
    var terminationGrace: Duration?

    init?(_ json: JSON) {
        guard json.objectValue != nil else { return nil }
        handler = json
        initialDelay = .seconds(max(0, json["initialDelaySeconds"]?.intValue ?? 0))
        period = .seconds(max(1, json["periodSeconds"]?.intValue ?? 10))
        timeout = .seconds(max(1, json["timeoutSeconds"]?.intValue ?? 1))
        successThreshold = max(1, json["successThreshold"]?.intValue ?? 1)
        failureThreshold = max(1, json["failureThreshold"]?.intValue ?? 3)
        terminationGrace = json["terminationGracePeriodSeconds"]?.intValue.map { .seconds(max(0, $0)) }
    }
}

extension JSON {
    /// Empty when absent or no string.
    func text(_ key: String) -> String { self[key]?.stringValue ?? "" }

    /// Empty when absent or no array.
    func list(_ key: String) -> [JSON] { self[key]?.arrayValue ?? [] }
}
