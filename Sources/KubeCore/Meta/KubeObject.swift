/// A kind as a Swift type. Its coding is the JSON of the object; `apiVersion` and `kind` may be left out of it, since
/// `resourceType` knows them.
public protocol KubeObject: Codable, Sendable {
    static var resourceType: ResourceType { get }
    var metadata: ObjectMeta { get set }
}

extension KubeObject {
    /// The whole object, with `apiVersion` and `kind` in front. Throws what the type's `encode(to:)` throws.
    public func json() throws -> JSON {
        var object: JSONObject = [
            "apiVersion": .string(Self.resourceType.apiVersion), "kind": .string(Self.resourceType.kind),
        ]
        for (key, value) in try JSON(encoding: self).objectValue ?? [:] where key != "apiVersion" && key != "kind" {
            object[key] = value
        }
        return .object(object)
    }

    /// Decodes an object; one of another kind or version is an error, one that names neither (an item of a list) is not.
    public init(json: JSON) throws(JSONDecodingError) {
        for (key, expected) in [("apiVersion", Self.resourceType.apiVersion), ("kind", Self.resourceType.kind)] {
            if let found = json[key], found != .string(expected) {
                throw JSONDecodingError(path: key, message: "\(expected) was expected, but this is \(found)")
            }
        }
        self = try JSONTreeDecoder().decode(Self.self, from: json)
    }
}
