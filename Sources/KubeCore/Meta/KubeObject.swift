/// A kind as a Swift type. Its coding is the JSON of the object; `apiVersion` and `kind` may be left out of it, since
/// `resourceType` knows them.
public protocol KubeObject: Codable, Sendable {
    static var resourceType: ResourceType { get }
    var metadata: ObjectMeta { get set }
}
