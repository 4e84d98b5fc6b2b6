import KubeCore

extension StrategicMergePatch {
    /// Lists that come with a `$setElementOrder`: merged, then put in that order, with elements it does not name in
    /// their places.
    static func mergeOrderedLists(
        _ result: inout JSONObject, _ patch: inout JSONObject, _ schema: Schema?
    ) throws(Status) {
        for (key, value) in patch where key.hasPrefix(Directive.setOrder) {
            patch[key] = nil
            let field = String(key.dropFirst(Directive.setOrder.count))
            guard let order = value.arrayValue else {
                throw Status.badRequest("invalid patch format of setElementOrder list")
            }
            let child = schema?.field(field)
            let changes = patch.removeValue(forKey: field)
            let mergeKey = child?.patchMergeKey
            if let changes = changes?.arrayValue { try check(changes, against: order, mergeKey) }
            let before = result[field]?.arrayValue
            let merged: [JSON]
            switch (before, changes) {
            case (let before?, .array(let changes)?): merged = try mergeList(before, changes, child)
            case (let before?, nil): merged = before
            case (nil, let changes?): merged = plain(changes).arrayValue ?? []
            case (nil, nil): continue
            case (_?, let other?):
                result[field] = other.isNull ? nil : other
                continue
            }
            let named = merged.filter { contains(order, $0, mergeKey) }
            let others = merged.filter { !contains(order, $0, mergeKey) }
            result[field] = .array(
                interleave(sorted(named, by: order, mergeKey), others, serverOrder: before ?? [], mergeKey))
        }
    }

    /// Every element of the patch must be named by the order, in the same sequence.
    private static func check(_ changes: [JSON], against order: [JSON], _ mergeKey: String?) throws(Status) {
        var place = 0
        for change in changes where change[Directive.patch] == nil {
            guard let found = order[place...].firstIndex(where: { same($0, change, mergeKey) }) else {
                throw failure(
                    "The order in patch list:\n\(JSON.array(changes).encodedString())\n doesn't match "
                        + "\(Directive.setOrder.dropLast()) list:\n\(JSON.array(order).encodedString())\n")
            }
            place = found + 1
        }
    }

    static func mergeList(_ original: [JSON], _ patch: [JSON], _ schema: Schema?) throws(Status) -> [JSON] {
        guard let schema, schema.patchStrategy.contains(.merge) else { return plain(.array(patch)).arrayValue ?? [] }
        let elements = original + patch
        if elements.contains(where: { $0.arrayValue != nil }) {
            throw Status(code: 422, reason: .unknown, message: "lists of lists are not supported")
        }
        guard let key = schema.patchMergeKey else {
            let merged = original + patch.filter { !original.contains($0) }
            let mine = merged.filter(patch.contains)
            return interleave(
                sorted(mine, by: patch, nil), merged.filter { !patch.contains($0) }, serverOrder: original, nil)
        }
        let (kept, changes) = try separate(original, patch, key)
        var merged = kept
        for change in changes {
            guard change[key] != nil else { throw missingKey(change, key) }
            if let index = merged.firstIndex(where: { same($0, change, key) }) {
                let fields = merged[index].objectValue ?? [:]
                merged[index] = .object(try mergeMap(fields, change.objectValue ?? [:], schema.items))
            } else {
                merged.append(plain(change))
            }
        }
        let mine = merged.filter { contains(changes, $0, key) }
        let others = merged.filter { !contains(changes, $0, key) }
        return interleave(sorted(mine, by: changes, key), others, serverOrder: kept, key)
    }

    /// Carries out the `$patch` directives of elements: what is left of the original, and what is to be merged into it.
    private static func separate(
        _ original: [JSON], _ patch: [JSON], _ key: String
    ) throws(Status) -> (kept: [JSON], changes: [JSON]) {
        var kept = original
        var changes: [JSON] = []
        var isReplaced = false
        for element in patch {
            guard let directive = element[Directive.patch] else {
                changes.append(element)
                continue
            }
            switch directive {
            case "delete":
                guard element[key] != nil else { throw missingKey(element, key) }
                kept.removeAll { same($0, element, key) }
            case "replace": isReplaced = true
            case "merge": throw failure("merging lists cannot yet be specified in the patch")
            default: throw unknown(directive, element)
            }
        }
        return isReplaced ? (changes.map(plain), []) : (kept, changes)
    }

    private static func missingKey(_ element: JSON, _ key: String) -> Status {
        failure("map: \(element.encodedString()) does not contain declared merge key: \(key)")
    }

    /// Elements are the same when their merge keys are, or, without one, when they are equal.
    private static func same(_ left: JSON, _ right: JSON, _ key: String?) -> Bool {
        guard let key else { return left == right }
        guard let value = left[key] else { return false }
        return value == right[key]
    }

    private static func contains(_ list: [JSON], _ element: JSON, _ key: String?) -> Bool {
        list.contains { same($0, element, key) }
    }

    private static func sorted(_ list: [JSON], by order: [JSON], _ key: String?) -> [JSON] {
        let ranked = list.map { element in
            (rank: order.firstIndex { same($0, element, key) } ?? order.count, element: element)
        }
        return ranked.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
            .map(\.element.element)
    }

    /// Inserts the server's own elements among the patch's. Each goes before the first of the patch's elements that
    /// the stored list had behind it, and at the end when there is none.
    private static func interleave(
        _ mine: [JSON], _ others: [JSON], serverOrder: [JSON], _ key: String?
    ) -> [JSON] {
        func place(_ element: JSON) -> Int? { serverOrder.firstIndex { same($0, element, key) } }
        var mine = mine[...]
        var others = others[...]
        var out: [JSON] = []
        while let left = others.first, let right = mine.first {
            if let a = place(left), let b = place(right), a < b {
                out.append(left)
                others.removeFirst()
            } else {
                out.append(right)
                mine.removeFirst()
            }
        }
        return out + mine + others
    }
}
