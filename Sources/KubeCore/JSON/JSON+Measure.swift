extension JSON {
    /// How deep arrays and objects nest: 0 for a scalar.
    public var depth: Int {
        switch self {
        case .array(let values): 1 + (values.lazy.map(\.depth).max() ?? 0)
        case .object(let object): 1 + (object.values.lazy.map(\.depth).max() ?? 0)
        default: 0
        }
    }

    /// About how many bytes the compact text has; counting stops soon after the limit.
    public func size(limit: Int = .max) -> Int {
        var size = 0
        measure(&size, limit)
        return size
    }

    private func measure(_ size: inout Int, _ limit: Int) {
        guard size <= limit else { return }
        switch self {
        case .null, .bool: size += 5
        case .int, .double: size += 8
        case .string(let text): size += text.utf8.count + 2
        case .array(let values):
            size += 2
            for value in values {
                size += 1
                value.measure(&size, limit)
                if size > limit { return }
            }
        case .object(let object):
            size += 2
            for (key, value) in object {
                size += key.utf8.count + 4
                value.measure(&size, limit)
                if size > limit { return }
            }
        }
    }
}
