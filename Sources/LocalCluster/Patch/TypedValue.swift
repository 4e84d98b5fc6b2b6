import KubeCore

/// A value with its schema, as server-side apply works on it.
struct TypedValue {
    var value: JSON
    var schema: Schema?

    /// Every path that the value sets: leaves, elements of lists, keys of maps, and empty maps.
    var fieldSet: FieldSet {
        var set = FieldSet()
        Self.collect(value, schema, into: &set, at: nil)
        return set
    }

    /// Adds the paths below a value to `set`; the value's own path is `element` of `parent`, inserted here when it is
    /// a leaf.
    private static func collect(_ value: JSON, _ schema: Schema?, into set: inout FieldSet, at element: PathElement?) {
        var below = FieldSet()
        switch ValueShape(schema, value) {
        case .leaf:
            if let element { set.insert(member: element) }
            return
        case .set, .listMap:
            let list = value.arrayValue ?? []
            let shape = ValueShape(schema, value)
            for (identity, item) in zip(PathElement.identities(of: list, shape), list) {
                collect(item, schema?.items, into: &below, at: identity)
                below.insert(member: identity)
            }
        case .map(let schema):
            for (name, field) in value.objectValue ?? [:] {
                let step = PathElement.field(name)
                collect(field, schema?.field(name), into: &below, at: step)
                let isEmpty = field.isNull || field.objectValue?.isEmpty == true
                if isEmpty || schema?.property(name) == nil { below.insert(member: step) }
            }
        }
        if let element {
            set.set(set.below(element).union(below), below: element)
        } else {
            set = set.union(below)
        }
    }
}

/// The paths in which two values differ.
struct Comparison {
    var added = FieldSet()
    var removed = FieldSet()
    var modified = FieldSet()

    var isSame: Bool { added.isEmpty && removed.isEmpty && modified.isEmpty }

    init() {}

    init(_ old: JSON, _ new: JSON, schema: Schema?) {
        _ = compare(old, new, schema)
    }

    /// Without what is at or below the paths.
    func ignoring(_ ignored: FieldSet) -> Comparison {
        guard !ignored.isEmpty else { return self }
        var result = Comparison()
        result.added = added.recursiveDifference(ignored)
        result.removed = removed.recursiveDifference(ignored)
        result.modified = modified.recursiveDifference(ignored)
        return result
    }

    /// How a value as a whole differs, besides what differs below it.
    private enum Mark { case same, added, removed, modified }

    private static func mark(_ old: JSON?, _ new: JSON?) -> Mark {
        guard let old else { return .added }
        guard let new else { return .removed }
        return old == new ? .same : .modified
    }

    /// Notes what differs below two values of which at least one is there, and tells how they differ themselves.
    private mutating func compare(_ old: JSON?, _ new: JSON?, _ schema: Schema?) -> Mark {
        // Most of an object stays as it is in most writes.
        if let old, let new, old == new { return .same }
        let shape = ValueShape(schema, old, new)
        switch shape {
        case .leaf: return Self.mark(old, new)
        case .map(let schema):
            let before = old?.objectValue ?? [:]
            let after = new?.objectValue ?? [:]
            // Two empty maps differ as values do: null is not the same as {}.
            if before.isEmpty, after.isEmpty { return Self.mark(old, new) }
            for (name, value) in before { note(.field(name), value, after[name], schema?.field(name)) }
            for (name, value) in after where before[name] == nil {
                note(.field(name), nil, value, schema?.field(name))
            }
        case .set, .listMap:
            let before = old?.arrayValue ?? []
            let after = new?.arrayValue ?? []
            if before.isEmpty, after.isEmpty { return Self.mark(old, new) }
            compareLists(before, after, shape, schema)
        }
        return old == nil ? .added : (new == nil ? .removed : .same)
    }

    /// Compares a part, and takes over what differs in it under its step.
    private mutating func note(_ step: PathElement, _ old: JSON?, _ new: JSON?, _ schema: Schema?) {
        var part = Comparison()
        let mark = part.compare(old, new, schema)
        note(step, mark)
        if !part.added.isEmpty { added.set(part.added, below: step) }
        if !part.removed.isEmpty { removed.set(part.removed, below: step) }
        if !part.modified.isEmpty { modified.set(part.modified, below: step) }
    }

    private mutating func note(_ step: PathElement, _ mark: Mark) {
        switch mark {
        case .same: break
        case .added: added.insert(member: step)
        case .removed: removed.insert(member: step)
        case .modified: modified.insert(member: step)
        }
    }

    private mutating func compareLists(_ before: [JSON], _ after: [JSON], _ shape: ValueShape, _ schema: Schema?) {
        let old = Self.grouped(before, shape)
        let new = Self.grouped(after, shape)
        let order = old.order + new.order.filter { old.values[$0] == nil }
        for identity in order {
            let left = old.values[identity] ?? []
            let right = new.values[identity] ?? []
            if left.count <= 1, right.count <= 1 {
                note(identity, left.first, right.first, schema?.items)
            } else if left != right {
                // Duplicates have no identities to follow, so they change together.
                note(identity, left.isEmpty ? .added : (right.isEmpty ? .removed : .modified))
            }
        }
    }

    private static func grouped(
        _ list: [JSON], _ shape: ValueShape
    ) -> (order: [PathElement], values: [PathElement: [JSON]]) {
        var order: [PathElement] = []
        var values: [PathElement: [JSON]] = [:]
        for (identity, element) in zip(PathElement.identities(of: list, shape), list) {
            if values[identity] == nil { order.append(identity) }
            values[identity, default: []].append(element)
        }
        return (order, values)
    }
}
