import KubeCore

extension TypedValue {
    /// This value with all that `other` sets: maps merge field by field, lists with identities element by element,
    /// all else is replaced.
    func merging(_ other: JSON) -> JSON { Self.merge(value, other, schema) ?? .object([:]) }

    private static func merge(_ left: JSON?, _ right: JSON?, _ schema: Schema?) -> JSON? {
        guard let right else { return left }
        guard let left else { return right }
        let shape = ValueShape(schema, left, right)
        switch shape {
        case .leaf:
            return right
        case .map(let schema):
            guard var fields = left.objectValue, let changes = right.objectValue, !(fields.isEmpty && changes.isEmpty)
            else {
                // A null here leaves the other side's fields as they are.
                return right.objectValue == nil ? (left.objectValue?.isEmpty == false ? left : right) : right
            }
            for (name, value) in changes { fields[name] = merge(fields[name], value, schema?.field(name)) }
            return .object(fields)
        case .set, .listMap:
            let before = left.arrayValue ?? []
            let after = right.arrayValue ?? []
            if before.isEmpty, after.isEmpty { return right }
            return .array(mergeLists(before, after, shape, schema))
        }
    }

    /// The order of `right` among the elements both have; elements that only `left` has stay before the shared
    /// element that they came before.
    private static func mergeLists(
        _ left: [JSON], _ right: [JSON], _ shape: ValueShape, _ schema: Schema?
    ) -> [JSON] {
        let leftKeys = PathElement.identities(of: left, shape)
        let rightKeys = PathElement.identities(of: right, shape)
        let leftByKey = Dictionary(zip(leftKeys, left), uniquingKeysWith: { first, _ in first })
        let rightSet = Set(rightKeys)
        var shared = rightKeys.filter { leftByKey[$0] != nil }[...]
        var next = shared.popFirst()
        var merged: Set<PathElement> = []
        var out: [JSON] = []
        var (l, r) = (0, 0)
        func take(_ index: Int) {
            let key = rightKeys[index]
            merged.insert(key)
            if let value = merge(leftByKey[key], right[index], schema?.items) { out.append(value) }
        }
        while l < left.count || r < right.count {
            if l < left.count, r < right.count {
                if leftKeys[l] == rightKeys[r] {
                    take(r)
                    l += 1
                    r += 1
                    next = shared.popFirst()
                    continue
                }
                if rightSet.contains(leftKeys[l]), let next, next != leftKeys[l] {
                    // Shared, but another shared element comes first.
                    l += 1
                    continue
                }
            }
            if l < left.count {
                if !rightSet.contains(leftKeys[l]) {
                    out.append(left[l])
                    l += 1
                    continue
                }
                if merged.contains(leftKeys[l]) { l += 1 }
            }
            if r < right.count {
                take(r)
                if next == rightKeys[r] { next = shared.popFirst() }
                r += 1
            }
        }
        return out
    }

    /// This value without what is at the paths of `set`. Containers that lose everything go too.
    func removing(_ set: FieldSet) -> JSON { Self.remove(value, set, schema) ?? .object([:]) }

    private static func remove(_ value: JSON, _ set: FieldSet, _ schema: Schema?) -> JSON? {
        let shape = ValueShape(schema, value)
        switch shape {
        case .leaf:
            return value
        case .map(let schema):
            guard let fields = value.objectValue, !fields.isEmpty else { return value }
            var out = JSONObject()
            for (name, field) in fields {
                let step = PathElement.field(name)
                if set.members.contains(step) { continue }
                let below = set.below(step)
                out[name] = below.isEmpty ? field : remove(field, below, schema?.field(name))
            }
            return out.isEmpty ? nil : .object(out)
        case .set, .listMap:
            guard let list = value.arrayValue, !list.isEmpty else { return value }
            var out: [JSON] = []
            for (identity, element) in zip(PathElement.identities(of: list, shape), list) {
                if set.members.contains(identity) { continue }
                let below = set.below(identity)
                if below.isEmpty {
                    out.append(element)
                } else if let rest = remove(element, below, schema?.items) {
                    out.append(rest)
                }
            }
            return out.isEmpty ? nil : .array(out)
        }
    }
}
