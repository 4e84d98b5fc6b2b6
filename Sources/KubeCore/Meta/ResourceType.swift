/// An API group and one of its versions; the core group is the empty string.
public struct GroupVersion: Sendable, Hashable, CustomStringConvertible {
    public var group: String
    public var version: String

    public init(group: String, version: String) {
        self.group = group
        self.version = version
    }

    /// Reads an `apiVersion`: `v1` or `apps/v1`. Nil when it is empty or has more than one slash.
    public init?(apiVersion: String) {
        let parts = apiVersion.split(separator: "/", omittingEmptySubsequences: false)
        switch parts.count {
        case 1 where !parts[0].isEmpty: self.init(group: "", version: apiVersion)
        case 2 where !parts[0].isEmpty && !parts[1].isEmpty:
            self.init(group: String(parts[0]), version: String(parts[1]))
        default: return nil
        }
    }

    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    public var description: String { apiVersion }
}

public struct GroupVersionKind: Sendable, Hashable, CustomStringConvertible {
    public var group: String
    public var version: String
    public var kind: String

    public init(group: String, version: String, kind: String) {
        self.group = group
        self.version = version
        self.kind = kind
    }

    /// The kind of an object; nil when its `apiVersion` or `kind` is missing or malformed.
    public init?(_ object: JSON) {
        guard let kind = object["kind"]?.stringValue, !kind.isEmpty,
            let groupVersion = object["apiVersion"]?.stringValue.flatMap(GroupVersion.init(apiVersion:))
        else { return nil }
        self.init(group: groupVersion.group, version: groupVersion.version, kind: kind)
    }

    public var groupVersion: GroupVersion { GroupVersion(group: group, version: version) }
    public var apiVersion: String { groupVersion.apiVersion }

    /// `apps/v1, Kind=Deployment`
    public var description: String { "\(apiVersion), Kind=\(kind)" }
}

/// A kind as the API serves it: what is needed to build a request for it.
public struct ResourceType: Sendable, Hashable {
    /// Empty for the core group.
    public var group: String
    public var version: String
    public var kind: String
    /// The name in paths, `endpointslices`.
    public var plural: String
    public var isNamespaced: Bool

    public init(group: String, version: String, kind: String, plural: String, isNamespaced: Bool) {
        self.group = group
        self.version = version
        self.kind = kind
        self.plural = plural
        self.isNamespaced = isNamespaced
    }

    public var groupVersion: GroupVersion { GroupVersion(group: group, version: version) }
    public var groupVersionKind: GroupVersionKind { GroupVersionKind(group: group, version: version, kind: kind) }

    /// `v1` or `apps/v1`
    public var apiVersion: String { groupVersion.apiVersion }

    /// `pods` or `deployments.apps`: how messages and CRD names call it.
    public var qualifiedName: String { group.isEmpty ? plural : "\(plural).\(group)" }

    /// The path of the collection or, with a name, of an object or its subresource.
    ///
    /// - Parameter namespace: ignored for kinds of the cluster; nil or empty asks for every namespace.
    public func path(namespace: String?, name: String? = nil, subresource: String? = nil) -> String {
        var path = group.isEmpty ? "/api/" : "/apis/" + percentEncoded(group) + "/"
        path += percentEncoded(version)
        if isNamespaced, let namespace, !namespace.isEmpty { path += "/namespaces/" + percentEncoded(namespace) }
        path += "/" + percentEncoded(plural)
        guard let name else { return path }
        path += "/" + percentEncoded(name)
        guard let subresource, !subresource.isEmpty else { return path }
        // A subresource may have parts of its own, as in `proxy/metrics`.
        for part in subresource.split(separator: "/") { path += "/" + percentEncoded(String(part)) }
        return path
    }
}

extension ResourceType: CustomStringConvertible {
    public var description: String { "\(qualifiedName) (\(apiVersion))" }
}

extension ResourceType {
    private init(_ group: String, _ version: String, _ kind: String, _ plural: String, namespaced: Bool = true) {
        self.init(group: group, version: version, kind: kind, plural: plural, isNamespaced: namespaced)
    }

    public static let pods = ResourceType("", "v1", "Pod", "pods")
    public static let services = ResourceType("", "v1", "Service", "services")
    public static let configMaps = ResourceType("", "v1", "ConfigMap", "configmaps")
    public static let secrets = ResourceType("", "v1", "Secret", "secrets")
    public static let namespaces = ResourceType("", "v1", "Namespace", "namespaces", namespaced: false)
    public static let nodes = ResourceType("", "v1", "Node", "nodes", namespaced: false)
    public static let serviceAccounts = ResourceType("", "v1", "ServiceAccount", "serviceaccounts")
    public static let persistentVolumeClaims = ResourceType(
        "", "v1", "PersistentVolumeClaim", "persistentvolumeclaims")
    /// The old events of the core group.
    public static let events = ResourceType("", "v1", "Event", "events")
    /// The events of `events.k8s.io/v1`; the API server shows the same objects under both.
    public static let eventsV1 = ResourceType("events.k8s.io", "v1", "Event", "events")
    public static let leases = ResourceType("coordination.k8s.io", "v1", "Lease", "leases")
    public static let endpointSlices = ResourceType("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices")
    public static let controllerRevisions = ResourceType("apps", "v1", "ControllerRevision", "controllerrevisions")
    public static let customResourceDefinitions = ResourceType(
        "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", namespaced: false)
}

/// Encodes a segment of a path or a value of a query: everything but RFC 3986's unreserved characters.
func percentEncoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            bytes.append(byte)
        default:
            bytes.append(UInt8(ascii: "%"))
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
