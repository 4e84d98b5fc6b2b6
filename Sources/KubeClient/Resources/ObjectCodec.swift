import KubeCore

/// How objects of a kind go to and from JSON.
public struct ObjectCodec<Object: Sendable>: Sendable {
    let decode: @Sendable (JSON) throws -> Object
    let encode: @Sendable (Object) throws -> JSON

    public init(
        decode: @escaping @Sendable (JSON) throws -> Object, encode: @escaping @Sendable (Object) throws -> JSON
    ) {
        self.decode = decode
        self.encode = encode
    }
}

extension ObjectCodec where Object: KubeObject {
    /// By the type's own coding; `apiVersion` and `kind` are added to what is sent.
    public static var typed: Self {
        Self(
            decode: { try JSONTreeDecoder().decode(Object.self, from: $0) },
            encode: { object in
                var json = try JSONTreeEncoder().encode(object)
                json["apiVersion"] = .string(Object.resourceType.apiVersion)
                json["kind"] = .string(Object.resourceType.kind)
                return json
            })
    }
}

extension ObjectCodec where Object == DynamicObject {
    public static var dynamic: Self {
        Self(decode: { DynamicObject($0) }, encode: { $0.json })
    }
}

/// An object that came from the server and that the Swift type does not fit.
///
/// One such object must not hide the others: lists and watches set it aside, with as much of it as is understood.
public struct UndecodableObject: Sendable {
    public let object: DynamicObject
    public let error: ClientError
}
