import KubeCore

/// A protobuf body that cannot be read.
struct ProtobufError: Error, CustomStringConvertible {
    let description: String
}

/// Reads messages of the Kubernetes API in protobuf's wire format into the trees that their JSON would give.
///
/// Only what `kubectl create` and client-go's leader election send is known (`ProtobufMessages`); an unknown field is an error, so that
/// nothing is lost in silence.
struct ProtobufReader {
    private let bytes: ArraySlice<UInt8>
    private var place: Int
    private let depth: Int

    init(_ bytes: ArraySlice<UInt8>, depth: Int = 0) {
        self.bytes = bytes
        place = bytes.startIndex
        self.depth = depth
    }

    private enum Wire {
        case varint(UInt64)
        case bytes(ArraySlice<UInt8>)
    }

    static func message(_ name: String, _ bytes: ArraySlice<UInt8>, depth: Int = 0) throws(ProtobufError) -> JSON {
        guard depth < 64 else { throw ProtobufError(description: "messages are nested too deeply") }
        guard let fields = ProtobufMessages.shared[name] else {
            throw ProtobufError(description: "the message \(name) is not known here; send JSON")
        }
        var reader = ProtobufReader(bytes, depth: depth)
        var object = JSONObject()
        while let (number, wire) = try reader.next() {
            guard let field = fields[number] else {
                throw ProtobufError(description: "field \(number) of \(name) is not known here; send JSON")
            }
            try reader.add(wire, field, to: &object, in: name)
        }
        return .object(object)
    }

    private func add(
        _ wire: Wire, _ field: ProtobufMessages.Field, to object: inout JSONObject, in message: String
    ) throws(ProtobufError) {
        switch field.shape {
        case .single:
            object[field.name] = try value(wire, field.type)
        case .repeated:
            let element = try value(wire, field.type)
            object[field.name] = .array((object[field.name]?.arrayValue ?? []) + [element])
        case .map:
            guard case .bytes(let entry) = wire else { throw ProtobufError(description: "a map entry is no message") }
            var reader = ProtobufReader(entry, depth: depth + 1)
            var key = ""
            var content: JSON = field.type == "string" || field.type == "bytes" ? "" : .null
            while let (number, wire) = try reader.next() {
                if number == 1, case .bytes(let text) = wire { key = String(decoding: text, as: UTF8.self) }
                if number == 2 { content = try value(wire, field.type) }
            }
            var map = object[field.name]?.objectValue ?? JSONObject()
            map[key] = content
            object[field.name] = .object(map)
        }
    }

    private func value(_ wire: Wire, _ type: String) throws(ProtobufError) -> JSON {
        switch (type, wire) {
        case ("string", .bytes(let bytes)): return .string(String(decoding: bytes, as: UTF8.self))
        case ("bytes", .bytes(let bytes)): return .string(Base64.encode(bytes))
        case ("bool", .varint(let number)): return .bool(number != 0)
        case ("int", .varint(let number)): return .int(Int64(bitPattern: number))
        case ("Time", .bytes(let bytes)), ("MicroTime", .bytes(let bytes)):
            guard let time = try time(bytes) else { return .null }
            return .string(type == "Time" ? time.rfc3339 : time.rfc3339Micro)
        case ("Quantity", .bytes(let bytes)):
            return try Self.message("QuantityMessage", bytes, depth: depth + 1)["string"] ?? "0"
        case ("IntOrString", .bytes(let bytes)):
            let parts = try Self.message("IntOrStringMessage", bytes, depth: depth + 1)
            return parts["type"]?.intValue == 1 ? parts["strVal"] ?? "" : parts["intVal"] ?? 0
        case (_, .bytes(let bytes)):
            return try Self.message(type, bytes, depth: depth + 1)
        case (_, .varint):
            throw ProtobufError(description: "a \(type) is not of its wire type")
        }
    }

    private func time(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) -> Timestamp? {
        let parts = try Self.message("TimeMessage", bytes, depth: depth + 1)
        guard let seconds = parts["seconds"]?.intValue else { return nil }
        let nanoseconds = parts["nanos"]?.intValue ?? 0
        return Timestamp(seconds: seconds, nanoseconds: Int32(clamping: max(0, nanoseconds)))
    }

    /// The next field: its number and content; nil at the end.
    private mutating func next() throws(ProtobufError) -> (Int, Wire)? {
        guard place < bytes.endIndex else { return nil }
        let tag = try varint()
        let number = Int(truncatingIfNeeded: tag >> 3)
        switch tag & 7 {
        case 0: return (number, .varint(try varint()))
        case 1: return (number, .bytes(try take(8)))
        case 2:
            let length = try varint()
            guard length <= UInt64(bytes.count) else { throw ProtobufError(description: "a field ends too late") }
            return (number, .bytes(try take(Int(length))))
        case 5: return (number, .bytes(try take(4)))
        default: throw ProtobufError(description: "the wire type \(tag & 7) is none")
        }
    }

    private mutating func varint() throws(ProtobufError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while place < bytes.endIndex, shift < 64 {
            let byte = bytes[place]
            place += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        throw ProtobufError(description: "a number does not end")
    }

    private mutating func take(_ count: Int) throws(ProtobufError) -> ArraySlice<UInt8> {
        guard count <= bytes.endIndex - place else { throw ProtobufError(description: "the body ends early") }
        defer { place += count }
        return bytes[place..<(place + count)]
    }
}

/// Bodies of the type `application/vnd.kubernetes.protobuf`.
enum ProtobufBody {
    private static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]

    /// The object in a body, with kind and apiVersion.
    static func parse(_ bytes: [UInt8]) throws(ProtobufError) -> JSON {
        guard bytes.starts(with: magic) else {
            throw ProtobufError(description: "the body does not start as a Kubernetes protobuf object does")
        }
        let envelope = try ProtobufReader.message("Unknown", bytes.dropFirst(magic.count))
        let kind = envelope.at("typeMeta", "kind")?.stringValue ?? ""
        let raw = envelope["raw"]?.stringValue.flatMap(Base64.decode) ?? []
        let body = try ProtobufReader.message(kind, raw[...])
        var object: JSONObject = ["kind": .string(kind), "apiVersion": envelope.at("typeMeta", "apiVersion") ?? ""]
        for (key, value) in body.objectValue ?? JSONObject() { object[key] = value }
        return .object(object)
    }
}
