import KubeCore

/// One step from a value to a part of it, as `fieldsV1` of managedFields writes it.
package enum PathElement: Hashable, Sendable {
    /// `f:name`: a field of a struct or a key of a map.
    case field(String)
    /// `k:{"name":"x"}`: an element of a list-map by its keys, as sorted compact JSON.
    case key(String)
    /// `v:"x"`: an element of a set, as compact JSON.
    case value(String)
    /// `i:0`: an element by position.
    case index(Int)

    /// The element of a list-map with these key fields.
    package init(keys: [(name: String, value: JSON)]) {
        self = .key(JSON.object(JSONObject(keys.map { ($0.name, $0.value) })).encodedString(.compactSorted))
    }

    package init(value: JSON) { self = .value(value.encodedString(.compactSorted)) }

    /// Reads `f:…`, `k:…`, `v:…` or `i:…`; nil for anything else.
    package init?(fieldsV1 text: String) {
        let rest = String(text.dropFirst(2))
        switch text.prefix(2) {
        case "f:": self = .field(rest)
        case "k:":
            guard let keys = try? JSON.parse(rest), keys.objectValue != nil else { return nil }
            self = .key(keys.encodedString(.compactSorted))
        case "v:":
            guard let value = try? JSON.parse(rest) else { return nil }
            self = .value(value.encodedString(.compactSorted))
        case "i:":
            guard let index = Int(rest) else { return nil }
            self = .index(index)
        default: return nil
        }
    }

    package var fieldsV1: String {
        switch self {
        case .field(let name): "f:" + name
        case .key(let keys): "k:" + keys
        case .value(let value): "v:" + value
        case .index(let index): "i:\(index)"
        }
    }

    /// As conflicts show it: `.name`, `[name="x"]`, `[="x"]`, `[0]`.
    package var text: String {
        switch self {
        case .field(let name): return "." + name
        case .key(let keys):
            let fields = (try? JSON.parse(keys))?.objectValue ?? [:]
            return "[" + fields.map { "\($0.key)=\($0.value.encodedString(.compact))" }.joined(separator: ",") + "]"
        case .value(let value): return "[=\(value)]"
        case .index(let index): return "[\(index)]"
        }
    }

    private var rank: Int {
        switch self {
        case .field: 0
        case .key: 1
        case .value: 2
        case .index: 3
        }
    }
}

extension PathElement: Comparable {
    package static func < (left: PathElement, right: PathElement) -> Bool {
        switch (left, right) {
        case (.field(let a), .field(let b)), (.key(let a), .key(let b)), (.value(let a), .value(let b)): a < b
        case (.index(let a), .index(let b)): a < b
        default: left.rank < right.rank
        }
    }
}
