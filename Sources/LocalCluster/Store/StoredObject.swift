import KubeCore

/// What selectors look at, extracted once when the object is written.
package struct ObjectAttributes: Hashable, Sendable {
    package var labels: [String: String]
    /// The selectable fields of the kind but `metadata.name` and `metadata.namespace`, which the key holds.
    package var fields: [String: String]

    package init(labels: [String: String] = [:], fields: [String: String] = [:]) {
        self.labels = labels
        self.fields = fields
    }
}

/// An object as it is written: encoded JSON without `kind`, `apiVersion` and `metadata.resourceVersion`.
///
/// These three depend on who reads (the served version, a list or a single object) and on the event that shows the
/// object (a deletion shows the last state under the version of the deletion), so they are put in while rendering.
package struct EncodedObject: Sendable {
    package let body: [UInt8]
    /// Where `,"resourceVersion":"…"` goes.
    package let versionOffset: Int
    package let uid: String

    package init(_ object: JSON) {
        var out: [UInt8] = [UInt8(ascii: "{")]
        var offset = 0
        let metadata = object["metadata"]?.objectValue ?? JSONObject()
        uid = metadata["uid"]?.stringValue ?? ""
        Self.append(key: "metadata", to: &out)
        out.append(UInt8(ascii: "{"))
        var first = true
        // The identity comes first, as Kubernetes prints it, and the version follows it.
        for key in ["name", "generateName", "namespace", "uid"] {
            guard let value = metadata[key], !value.isNull else { continue }
            Self.append(member: key, value, first: &first, to: &out)
        }
        if first {
            // Never an empty place to insert at: the inserted text starts with a comma.
            Self.append(member: "name", .string(""), first: &first, to: &out)
        }
        offset = out.count
        for (key, value) in metadata where !Self.ownMetadata.contains(key) && !value.isNull {
            Self.append(member: key, value, first: &first, to: &out)
        }
        out.append(UInt8(ascii: "}"))
        first = false
        for (key, value) in object.objectValue ?? JSONObject() {
            if key == "metadata" || key == "kind" || key == "apiVersion" { continue }
            Self.append(member: key, value, first: &first, to: &out)
        }
        out.append(UInt8(ascii: "}"))
        body = out
        versionOffset = offset
    }

    package init(body: [UInt8], versionOffset: Int, uid: String) {
        self.body = body
        self.versionOffset = min(max(versionOffset, 0), body.count)
        self.uid = uid
    }

    private static let ownMetadata: Set<String> = ["name", "generateName", "namespace", "uid", "resourceVersion"]

    private static func append(member key: String, _ value: JSON, first: inout Bool, to out: inout [UInt8]) {
        if !first { out.append(UInt8(ascii: ",")) }
        first = false
        append(key: key, to: &out)
        out.append(contentsOf: value.encoded())
    }

    private static func append(key: String, to out: inout [UInt8]) {
        out.append(contentsOf: JSON.string(key).encoded())
        out.append(UInt8(ascii: ":"))
    }
}

/// One state of one object. Never changes: a write makes another.
package final class StoredObject: Sendable {
    package let key: ObjectKey
    /// The sort key, see `ObjectKey.path`.
    package let path: String
    /// The version this state was written at.
    package let revision: UInt64
    package let encoded: EncodedObject
    package let attributes: ObjectAttributes

    package init(key: ObjectKey, revision: UInt64, encoded: EncodedObject, attributes: ObjectAttributes) {
        self.key = key
        self.path = key.path
        self.revision = revision
        self.encoded = encoded
        self.attributes = attributes
    }

    package var uid: String { encoded.uid }

    /// Appends the object as JSON text.
    ///
    /// - Parameter typed: kind and apiVersion to show; nil leaves them out, as items of built-in lists do.
    /// - Parameter shownAt: the resourceVersion to show in place of the object's own.
    package func render(typed: TypeLabel?, shownAt: UInt64? = nil, to out: inout [UInt8]) {
        out.reserveCapacity(out.count + encoded.body.count + 96)
        if let typed {
            out.append(contentsOf: typed.opening)
            out.append(contentsOf: encoded.body[1..<encoded.versionOffset])
        } else {
            out.append(contentsOf: encoded.body[..<encoded.versionOffset])
        }
        out.append(contentsOf: Self.versionOpening)
        out.append(contentsOf: String(shownAt ?? revision).utf8)
        out.append(UInt8(ascii: "\""))
        out.append(contentsOf: encoded.body[encoded.versionOffset...])
    }

    /// The object as a tree, with kind, apiVersion and resourceVersion.
    package func json(typed: TypeLabel?, shownAt: UInt64? = nil) -> JSON {
        // The bytes were written by our encoder, so they parse; an unreadable row of a damaged file shows as null.
        var tree = (try? JSON.parse(encoded.body)) ?? .null
        var metadata = JSONObject()
        var placed = false
        for (key, value) in tree["metadata"]?.objectValue ?? JSONObject() {
            if !placed, key != "name", key != "generateName", key != "namespace", key != "uid" {
                metadata["resourceVersion"] = .string(String(shownAt ?? revision))
                placed = true
            }
            metadata[key] = value
        }
        if !placed { metadata["resourceVersion"] = .string(String(shownAt ?? revision)) }
        var object = JSONObject()
        if let typed {
            object["kind"] = .string(typed.kind)
            object["apiVersion"] = .string(typed.apiVersion)
        }
        object["metadata"] = .object(metadata)
        for (key, value) in tree.objectValue ?? JSONObject() where key != "metadata" { object[key] = value }
        tree = .object(object)
        return tree
    }

    private static let versionOpening = Array(#","resourceVersion":""#.utf8)
}

/// `kind` and `apiVersion` as an answer shows them, with their JSON text ready.
package struct TypeLabel: Sendable, Hashable {
    package let kind: String
    package let apiVersion: String
    /// `{"kind":"Pod","apiVersion":"v1",`
    let opening: [UInt8]

    package init(kind: String, apiVersion: String) {
        self.kind = kind
        self.apiVersion = apiVersion
        var text: [UInt8] = Array(#"{"kind":"#.utf8)
        text.append(contentsOf: JSON.string(kind).encoded())
        text.append(contentsOf: #","apiVersion":"#.utf8)
        text.append(contentsOf: JSON.string(apiVersion).encoded())
        text.append(UInt8(ascii: ","))
        opening = text
    }
}
