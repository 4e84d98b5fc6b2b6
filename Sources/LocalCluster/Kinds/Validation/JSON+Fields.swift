import KubeCore

/// Short ways to read and change parts of objects, for strategies, validation and tables.
extension JSON {
    /// The text at a path; "" when there is none.
    func text(_ path: String...) -> String { at(path)?.stringValue ?? "" }

    /// The elements of the list at a path; none when there is none.
    func elements(_ path: String...) -> [JSON] { at(path)?.arrayValue ?? [] }

    /// The fields of the object at a path, in order; none when there is none.
    func fields(_ path: String...) -> JSONObject { at(path)?.objectValue ?? JSONObject() }

    func int(_ path: String...) -> Int64? { at(path)?.intValue }

    func flag(_ path: String...) -> Bool { at(path)?.boolValue ?? false }

    /// Sets a field that is absent or null, on an object or on nothing.
    mutating func setIfAbsent(_ field: String, _ value: JSON) {
        if self[field]?.isNull ?? true { self[field] = value }
    }

    /// Changes every element of a list field, when there is one.
    mutating func mapElements(_ field: String, _ change: (inout JSON) -> Void) {
        guard var elements = self[field]?.arrayValue else { return }
        for index in elements.indices { change(&elements[index]) }
        self[field] = .array(elements)
    }

    /// Changes a field that is present.
    mutating func change(_ field: String, _ change: (inout JSON) -> Void) {
        guard var value = self[field], !value.isNull else { return }
        change(&value)
        self[field] = value
    }
}
