/// JSON merge patch, RFC 7386.
public enum MergePatch {
    /// Objects are merged, null removes, everything else replaces.
    public static func apply(_ patch: JSON, to target: JSON) -> JSON {
        guard case .object(let changes) = patch else { return patch }
        var result: JSONObject = [:]
        if case .object(let object) = target { result = object }
        for (key, change) in changes {
            switch change {
            case .null: result[key] = nil
            case .object: result[key] = apply(change, to: result[key] ?? .null)
            default: result[key] = change
            }
        }
        return .object(result)
    }

    /// The smallest patch that makes `to` out of `from`: an empty object when they are equal.
    ///
    /// A merge patch cannot set a field to null: nulls in `to` come out as absent.
    public static func diff(from: JSON, to: JSON) -> JSON {
        guard case .object(let old) = from, case .object(let new) = to else { return to }
        var patch = JSONObject()
        for (key, value) in new {
            guard let before = old[key] else {
                if !value.isNull { patch[key] = value }
                continue
            }
            if before == value { continue }
            if case .object = before, case .object = value {
                patch[key] = diff(from: before, to: value)
            } else {
                patch[key] = value
            }
        }
        for key in old.keys where !new.contains(key: key) { patch[key] = .null }
        return .object(patch)
    }
}
