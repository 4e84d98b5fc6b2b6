/// A document while the operations of a patch are applied to it.
///
/// Copies and moves could make a small patch into a huge or a bottomless document; both are limited.
struct JSONPatchDocument {
    /// What all copies together may add, in bytes of JSON, about; the API server's limit for a request.
    static let copyLimit = 3 << 20
    static let maxDepth = 1_000

    private(set) var json: JSON
    private var copied = 0
    /// The document is not deeper than this.
    private var depth: Int

    init(_ json: JSON) {
        self.json = json
        depth = json.depth
    }

    mutating func apply(_ operation: JSONPatch.Operation) throws(PatchError) {
        let path = operation.path
        switch operation.kind {
        case .add:
            let value = operation.value ?? .null
            try deepen(to: path.tokens.count + value.depth)
            try change(path) { (place) throws(PatchError) in try place.add(value) }
        case .replace:
            let value = operation.value ?? .null
            try deepen(to: path.tokens.count + value.depth)
            guard !path.tokens.isEmpty else {
                json = value
                return
            }
            try change(path) { (place) throws(PatchError) in try place.replace(value) }
        case .remove:
            _ = try take(path)
        case .move:
            let from = operation.from ?? path
            guard !path.tokens.starts(with: from.tokens) || path == from else {
                throw PatchError(.doesNotApply, "\(from) cannot be moved into itself, to \(path)")
            }
            let value = try take(from)
            try deepen(to: depth + Swift.max(0, path.tokens.count - from.tokens.count))
            try change(path) { (place) throws(PatchError) in try place.add(value) }
        case .copy:
            let from = operation.from ?? path
            let value = try value(at: from)
            copied += value.size(limit: Self.copyLimit)
            guard copied <= Self.copyLimit else {
                throw PatchError(.doesNotApply, "the copies of the patch exceed \(Self.copyLimit) bytes")
            }
            try deepen(to: path.tokens.count + value.depth)
            try change(path) { (place) throws(PatchError) in try place.add(value) }
        case .test:
            try test(path, operation.value ?? .null)
        }
    }

    private mutating func deepen(to new: Int) throws(PatchError) {
        depth = Swift.max(depth, new)
        guard depth > Self.maxDepth else { return }
        // The bound is rough for moves: look before refusing.
        depth = Swift.max(json.depth, Swift.min(new, Self.maxDepth + 1))
        if depth > Self.maxDepth {
            throw PatchError(.doesNotApply, "the patched object would nest deeper than \(Self.maxDepth)")
        }
    }

    private func test(_ path: JSONPointer, _ expected: JSON) throws(PatchError) {
        let actual = try? value(at: path)
        if actual == expected || (actual == nil && expected.isNull) { return }
        throw PatchError(
            .testFailed, "the test of \(path) failed: " + (actual == nil ? "nothing is there" : "the value differs"))
    }

    private func value(at path: JSONPointer) throws(PatchError) -> JSON {
        var current = json
        for token in path.tokens {
            var place = JSONPatchPlace(container: current, token: token, path: path)
            current = try place.take(removing: false)
        }
        return current
    }

    private mutating func take(_ path: JSONPointer) throws(PatchError) -> JSON {
        guard !path.tokens.isEmpty else { throw PatchError(.doesNotApply, "the whole document cannot be removed") }
        var taken = JSON.null
        try change(path) { (place) throws(PatchError) in taken = try place.take(removing: true) }
        return taken
    }

    /// Lets `body` change the container that holds the last token of the path.
    private mutating func change(
        _ path: JSONPointer, _ body: (inout JSONPatchPlace) throws(PatchError) -> Void
    ) throws(PatchError) {
        guard !path.tokens.isEmpty else {
            // Only `add` comes here: it replaces the whole.
            var place = JSONPatchPlace(container: [:], token: "", path: path)
            try body(&place)
            json = place.container[""] ?? .null
            return
        }
        try Self.descend(&json, path.tokens[...], path, body)
    }

    private static func descend(
        _ container: inout JSON, _ tokens: ArraySlice<String>, _ path: JSONPointer,
        _ body: (inout JSONPatchPlace) throws(PatchError) -> Void
    ) throws(PatchError) {
        guard let token = tokens.first else { return }
        var place = JSONPatchPlace(container: container, token: token, path: path)
        container = .null  // so that it is held once, and is changed in place
        defer { container = place.container }
        if tokens.count == 1 {
            try body(&place)
            return
        }
        try place.withChild { (child) throws(PatchError) in try descend(&child, tokens.dropFirst(), path, body) }
    }
}

/// A token of a path within the container it points into.
struct JSONPatchPlace {
    var container: JSON
    let token: String
    let path: JSONPointer

    private func missing() -> PatchError {
        PatchError(.doesNotApply, "nothing is at \(path): \"\(token)\" is missing")
    }

    /// An index of an array; negative ones count from the end.
    private func index(count: Int) throws(PatchError) -> Int {
        guard let index = Int(token), String(index) == token else {
            throw PatchError(.doesNotApply, "\"\(token)\" of \(path) is not an index of an array")
        }
        let position = index < 0 ? index.addingSaturated(count) : index
        guard (0..<count).contains(position) else {
            throw PatchError(.doesNotApply, "the index \(token) of \(path) is outside the array of \(count)")
        }
        return position
    }

    mutating func add(_ value: JSON) throws(PatchError) {
        switch container {
        case .object: container[token] = value
        case .array(var values):
            // One place more than there are elements; -1 is that place.
            let position = token == "-" ? values.count : try index(count: values.count + 1)
            container = .null
            values.insert(value, at: position)
            container = .array(values)
        default: throw missing()
        }
    }

    mutating func replace(_ value: JSON) throws(PatchError) {
        switch container {
        case .object: container[token] = value
        case .array(var values):
            let position = try index(count: values.count)
            container = .null
            values[position] = value
            container = .array(values)
        default: throw missing()
        }
    }

    mutating func take(removing: Bool) throws(PatchError) -> JSON {
        switch container {
        case .object:
            guard let value = container[token] else { throw missing() }
            if removing { container[token] = nil }
            return value
        case .array(var values):
            let position = try index(count: values.count)
            let value = values[position]
            if removing {
                container = .null
                values.remove(at: position)
                container = .array(values)
            }
            return value
        default: throw missing()
        }
    }

    /// Lets `body` change the value at the token, which has to exist.
    mutating func withChild(_ body: (inout JSON) throws(PatchError) -> Void) throws(PatchError) {
        switch container {
        case .object(var object):
            guard var child = object[token] else { throw missing() }
            container = .null
            object[token] = .null
            defer {
                object[token] = child
                container = .object(object)
            }
            try body(&child)
        case .array(var values):
            let position = try index(count: values.count)
            container = .null
            var child = values[position]
            values[position] = .null
            defer {
                values[position] = child
                container = .array(values)
            }
            try body(&child)
        default: throw missing()
        }
    }
}
