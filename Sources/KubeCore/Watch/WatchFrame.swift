public enum WatchEventType: String, Sendable, Hashable, Codable {
    case added = "ADDED"
    case modified = "MODIFIED"
    case deleted = "DELETED"
    /// Only tells how far the watch has come: the object has little but a resourceVersion.
    case bookmark = "BOOKMARK"
    /// The object is a `Status`; the watch ends.
    case error = "ERROR"
}

/// One line of a watch.
public struct WatchFrame: Sendable, Hashable {
    public var type: WatchEventType
    public var object: JSON

    public init(type: WatchEventType, object: JSON) {
        self.type = type
        self.object = object
    }
}

extension WatchFrame {
    /// Reads `{"type": …, "object": …}`. Errors carry the place in the line.
    public static func parse(
        _ line: some Collection<UInt8>, options: JSONParseOptions = .init()
    ) throws(JSONParseError) -> WatchFrame {
        let json = try JSON.parse(line, options: options)
        guard let name = json["type"]?.stringValue, let type = WatchEventType(rawValue: name),
            let object = json["object"]
        else {
            throw JSONParseError(
                offset: 0, line: 1, column: 1,
                message: "a watch event was expected: an object with a known \"type\" and an \"object\"")
        }
        return WatchFrame(type: type, object: object)
    }

    /// The line, with its line feed.
    public func encoded() -> [UInt8] {
        var bytes = JSON.object(["type": .string(type.rawValue), "object": object]).encoded()
        bytes.append(0x0A)
        return bytes
    }

    /// What an error event says; nil for the others.
    public var status: Status? { type == .error ? Status(json: object) : nil }
}
