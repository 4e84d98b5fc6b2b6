import KubeCore

extension YAMLDocument {
    /// The value at a pointer as a document of its own, with the places it has in this one; nil when nothing is there.
    public func part(at pointer: JSONPointer) -> YAMLDocument? {
        guard let json = json.at(pointer), let marks = marks.descend(pointer.tokens[...]) else { return nil }
        return YAMLDocument(json: json, file: file, marks: marks)
    }
}
