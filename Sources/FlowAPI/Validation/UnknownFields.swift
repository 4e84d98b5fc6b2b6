import KubeCore

extension CustomResourceDefinition {
    /// Fields that this kind does not have. An API server drops them silently, or refuses the object in words that say
    /// less.
    package func unknownFields(in object: JSON) -> [FieldProblem] {
        var problems = ProblemCollector()
        var object = object
        object["metadata"] = nil
        schema.findUnknown(in: object, "", &problems)
        return problems.problems
    }
}

extension CRDSchema {
    fileprivate func property(_ name: String) -> CRDSchema? {
        guard case .object(let properties) = kind else { return nil }
        return properties.first { $0.name == name }?.schema
    }

    /// Values of another type than the schema's are left to others to complain of.
    fileprivate func findUnknown(in value: JSON, _ field: String, _ problems: inout ProblemCollector) {
        switch (kind, value) {
        case (.object(let properties), .object(let object)):
            for (name, value) in object {
                let place = field.isEmpty ? name : "\(field).\(name)"
                if let schema = property(name) {
                    schema.findUnknown(in: value, place, &problems)
                } else {
                    problems.add(
                        place, "there is no such field",
                        DidYouMean.suggestion(for: name, among: properties.map(\.name)))
                }
            }
        case (.map(let schema), .object(let object)):
            for (key, value) in object { schema.findUnknown(in: value, "\(field).\(key)", &problems) }
        case (.list(let schema), .array(let items)):
            for (index, item) in items.enumerated() { schema.findUnknown(in: item, "\(field)[\(index)]", &problems) }
        default:
            break
        }
    }
}
