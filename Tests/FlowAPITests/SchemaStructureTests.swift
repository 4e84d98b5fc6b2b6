import FlowAPI
import KubeCore
import Testing

/// What a real API server demands of a definition, beyond what the types of the DSL allow.
@Suite("Structural schemas")
struct SchemaStructureTests {
    static let definitions = CustomResourceDefinition.all

    @Test("Every node but metadata has a description", arguments: definitions.indices)
    func descriptions(index: Int) {
        for (path, schema) in Self.definitions[index].schema.nodes() where path != ".metadata" {
            #expect(!schema.description.isEmpty, "\(path)")
            #expect(schema.description.hasSuffix("."), "\(path): \(schema.description)")
        }
    }

    @Test("Metadata has nothing but its type, since the API server refuses more", arguments: definitions.indices)
    func metadata(index: Int) {
        let schema = Self.definitions[index].schema.json
        #expect(schema.at("properties", "metadata") == ["type": "object"])
    }

    @Test(
        "Every string, list and map has an upper bound, so that rules have a bounded cost",
        arguments: definitions.indices)
    func bounds(index: Int) {
        for (path, schema) in Self.definitions[index].schema.nodes() {
            switch schema.kind {
            case .map, .list, .anyObject: #expect(schema.maxCount != nil, "\(path)")
            case .string:
                let isBounded = schema.maxCount != nil || !schema.allowed.isEmpty || schema.format != nil
                #expect(isBounded || [".apiVersion", ".kind"].contains(path), "\(path)")
            case .object, .integer, .number, .boolean, .any: break
            }
        }
    }

    @Test("The keys of map lists are required scalars of the items", arguments: definitions.indices)
    func listKeys(index: Int) {
        for (path, schema) in Self.definitions[index].schema.nodes() {
            guard case .list(let items) = schema.kind, case .map(let keys) = schema.listType else { continue }
            guard case .object(let properties) = items.kind else {
                Issue.record("\(path): items of a map list must be objects")
                continue
            }
            for key in keys {
                let property = properties.first { $0.name == key }
                #expect(property?.isRequired == true, "\(path): \(key)")
                #expect(property?.schema.kind == .string, "\(path): \(key)")
            }
        }
    }

    @Test("Set lists have scalar items", arguments: definitions.indices)
    func sets(index: Int) {
        for (path, schema) in Self.definitions[index].schema.nodes() where schema.listType == .set {
            guard case .list(let items) = schema.kind else { continue }
            #expect(items.kind == .string, "\(path)")
        }
    }

    @Test("Messages are sentences on one line that say what to do", arguments: definitions.indices)
    func messages(index: Int) {
        for (path, schema) in Self.definitions[index].schema.nodes() {
            for rule in schema.rules {
                #expect(!rule.message.contains("\n") && rule.message.count > 20, "\(path): \(rule.message)")
                #expect(!rule.rule.contains("\n"), "\(path)")
                if let field = rule.fieldPath {
                    guard case .object(let properties) = schema.kind else {
                        Issue.record("\(path): only objects have fields")
                        continue
                    }
                    #expect(properties.contains { ".\($0.name)" == field }, "\(path)\(field)")
                }
            }
        }
    }

    @Test("Properties that are required have no default", arguments: definitions.indices)
    func requiredWithoutDefaults(index: Int) {
        for (path, schema) in Self.definitions[index].schema.nodes() {
            guard case .object(let properties) = schema.kind else { continue }
            for property in properties where property.isRequired {
                #expect(property.schema.defaultValue == nil, "\(path).\(property.name)")
            }
        }
    }
}
