import KubeCore

/// Tells in a message which fields of an immutable spec a client tried to change.
enum SpecDifference {
    /// One line for each path that differs: `- spec.x: old` and `+ spec.x: new`.
    static func describe(_ old: JSON, _ new: JSON, path: String = "") -> String {
        var lines: [String] = []
        collect(old, new, path, &lines)
        return lines.joined(separator: "\n")
    }

    private static func collect(_ old: JSON?, _ new: JSON?, _ path: String, _ lines: inout [String]) {
        if old == new { return }
        if let before = old?.objectValue, let after = new?.objectValue {
            let keys = Set(before.keys).union(after.keys).sorted()
            for key in keys { collect(before[key], after[key], path.isEmpty ? key : "\(path).\(key)", &lines) }
            return
        }
        if let before = old?.arrayValue, let after = new?.arrayValue, before.count == after.count {
            for index in before.indices { collect(before[index], after[index], "\(path)[\(index)]", &lines) }
            return
        }
        if let old { lines.append("- \(path): \(FieldError.show(old))") }
        if let new { lines.append("+ \(path): \(FieldError.show(new))") }
    }
}
