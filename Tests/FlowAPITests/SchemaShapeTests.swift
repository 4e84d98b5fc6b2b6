import FlowAPI
import KubeCore
import Testing

@Suite("Schemas and Codable types")
struct SchemaShapeTests {
    static let types: [any SchemaDescribed.Type] = [
        EngineSpec.self, EngineStatus.self, JobSpec.self, JobStatus.self, JobRunSpec.self, JobRunStatus.self,
    ]

    @Test("A type and its schema have the same fields, types and choices", arguments: types.indices)
    func fieldsAgree(index: Int) throws {
        let type = Self.types[index]
        let coded = try ShapeRecorder.shape(of: type)
        for difference in differences(coded, type.schema.shape, "\(type)") {
            Issue.record("\(difference)")
        }
    }

    @Test("A recorder that found nothing would not pass as agreement")
    func recorderRecords() throws {
        guard case .object(let fields) = try ShapeRecorder.shape(of: TaskSpec.self) else {
            Issue.record("a task is no object")
            return
        }
        #expect(fields.count == 16)
        #expect(fields["needs"]?.shape == .list(.string))
        #expect(fields["name"]?.isRequired == true)
        #expect(fields["needs"]?.isRequired == false)
        #expect(differences(.object([:]), .object(fields), "task").count == 16)
        #expect(differences(.list(.string), .list(.integer), "x") == ["x[]: coded as string, described as integer"])
    }

    private func differences(_ coded: Shape, _ described: Shape, _ path: String) -> [String] {
        switch (coded, described) {
        case (.object(let left), .object(let right)):
            return Set(left.keys).union(right.keys).sorted().flatMap { key -> [String] in
                switch (left[key], right[key]) {
                case (let field?, let other?):
                    var found = differences(field.shape, other.shape, "\(path).\(key)")
                    // The reverse is right: a type reads what an earlier schema may have let in.
                    if field.isRequired && !other.isRequired {
                        found.append("\(path).\(key): the type requires it, the schema does not")
                    }
                    return found
                case (.some, nil): return ["\(path).\(key): the schema lacks it"]
                default: return ["\(path).\(key): the type lacks it"]
                }
            }
        case (.map(let left), .map(let right)): return differences(left, right, "\(path).*")
        case (.list(let left), .list(let right)): return differences(left, right, "\(path)[]")
        // A type without fields asks for none.
        case (.any, .object(let fields)) where fields.isEmpty: return []
        // A choice may be kept as text where later releases will know more values.
        case (.string, .choice): return []
        default: return coded == described ? [] : ["\(path): coded as \(coded), described as \(described)"]
        }
    }
}
