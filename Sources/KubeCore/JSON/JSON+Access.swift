extension JSON {
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The integer; nil for a double, even an integral one.
    public var intValue: Int64? {
        if case .int(let value) = self { value } else { nil }
    }

    /// The number as a double; integers are converted.
    public var doubleValue: Double? {
        switch self {
        case .double(let value): value
        case .int(let value): Double(value)
        default: nil
        }
    }

    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    public var arrayValue: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    public var objectValue: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The value of a key: nil when absent, or when this is not an object.
    ///
    /// Assigning nil removes the key. Assigning a value to something that is not an object makes it one.
    public subscript(_ key: String) -> JSON? {
        get {
            if case .object(let object) = self { object[key] } else { nil }
        }
        _modify {
            if case .object(var object) = self {
                self = .null  // so that the object is held once, and is changed in place
                defer { self = .object(object) }
                yield &object[key]
            } else {
                var value: JSON?
                // Reaching through `json["a"]?["b"]` must not turn a scalar into an empty object.
                defer { if let value { self = .object([key: value]) } }
                yield &value
            }
        }
    }

    /// The element of an array: nil when out of range, or when this is not an array.
    public subscript(_ index: Int) -> JSON? {
        guard case .array(let values) = self, values.indices.contains(index) else { return nil }
        return values[index]
    }

    /// The value under nested keys, `json.at("spec", "replicas")`; nil when any of them is absent.
    public func at(_ path: String...) -> JSON? { at(path) }

    /// The value under nested keys; an empty path is the value itself.
    public func at(_ path: [String]) -> JSON? {
        var current = self
        for key in path {
            guard let next = current[key] else { return nil }
            current = next
        }
        return current
    }

    /// Sets the value under nested keys and makes the objects on the way, also in the place of values that are no
    /// objects. Nil removes the last key, and makes nothing on the way.
    public mutating func set(_ value: JSON?, at path: [String]) {
        set(value, at: path[...])
    }

    private mutating func set(_ value: JSON?, at path: ArraySlice<String>) {
        guard let key = path.first else {
            self = value ?? .null
            return
        }
        if value == nil, self[key] == nil { return }
        if path.count == 1 {
            self[key] = value
            return
        }
        var child = self[key] ?? .null
        self[key] = .null  // so that the child is held once, and is changed in place
        child.set(value, at: path.dropFirst())
        self[key] = child
    }
}
