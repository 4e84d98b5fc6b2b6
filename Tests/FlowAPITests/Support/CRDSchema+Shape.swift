import FlowAPI

extension CRDSchema {
    /// The shape that a Codable type of this schema has.
    var shape: Shape {
        switch kind {
        case .object(let properties):
            let fields = properties.map { property in
                (property.name, Shape.Field(shape: property.schema.shape, isRequired: property.isRequired))
            }
            return .object(Dictionary(fields, uniquingKeysWith: { first, _ in first }))
        case .map(let values): return .map(values.shape)
        case .list(let items): return .list(items.shape)
        case .string: return format == "date-time" ? .timestamp : allowed.isEmpty ? .string : .choice(allowed)
        case .integer: return .integer
        case .number: return .number
        case .boolean: return .boolean
        case .any: return .any
        case .anyObject: return .map(.any)
        }
    }

    /// Every node with the path that leads to it, this one first.
    func nodes(_ path: String = "") -> [(path: String, schema: CRDSchema)] {
        switch kind {
        case .object(let properties):
            return [(path, self)] + properties.flatMap { $0.schema.nodes("\(path).\($0.name)") }
        case .map(let values): return [(path, self)] + values.nodes("\(path).*")
        case .list(let items): return [(path, self)] + items.nodes("\(path)[]")
        case .string, .integer, .number, .boolean, .any, .anyObject: return [(path, self)]
        }
    }
}
