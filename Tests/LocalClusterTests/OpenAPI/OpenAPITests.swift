import KubeCore
import Testing

@testable import LocalCluster

@Suite struct OpenAPITests {
    private static let widgets = KindDescription(
        group: "example.dev", names: KindNames(kind: "Widget", plural: "widgets"), isNamespaced: true,
        versions: [
            KindVersion(
                name: "v1",
                schema: Schema { facts in
                    facts.type = .object
                    facts.description = "Widget is a thing."
                    facts.required = ["spec"]
                    facts.properties["spec"] = Schema { spec in
                        spec.type = .object
                        spec.properties["size"] = Schema {
                            $0.type = .string
                            $0.enumeration = ["small", "large"]
                        }
                        spec.properties["port"] = Schema { $0.isIntOrString = true }
                        spec.properties["template"] = Schema {
                            $0.type = .object
                            $0.isEmbeddedResource = true
                            $0.preservesUnknownFields = true
                        }
                        spec.properties["replicas"] = Schema {
                            $0.type = .integer
                            $0.minimum = 0
                            $0.maximum = 10
                            $0.defaultValue = 1
                        }
                        spec.rules = [Schema.Rule(rule: "true", message: "m")]
                    }
                }, subresources: [.status, .scale(.usual)])
        ],
        strategy: CustomKindStrategy(group: "example.dev", isNamespaced: true, hasStatus: { _ in true }), isCustom: true
    )

    private let document = OpenAPIDocuments.v3(group: "example.dev", version: "v1", kinds: [widgets])

    @Test("A custom kind's definition has its schema, and the fields of all objects")
    func definition() throws {
        let widget = try #require(document.at("components", "schemas", "dev.example.v1.Widget"))
        #expect(
            widget["x-kubernetes-group-version-kind"] == [["group": "example.dev", "version": "v1", "kind": "Widget"]])
        #expect(widget["description"] == "Widget is a thing.")
        let spec = widget.at("properties", "spec", "properties")
        #expect(spec?["size"] == ["type": "string", "enum": ["small", "large"]])
        #expect(spec?["replicas"] == ["type": "integer", "minimum": 0, "maximum": 10, "default": 1])
        #expect(
            spec?["port"] == [
                "anyOf": [["type": "integer"], ["type": "string"]], "x-kubernetes-int-or-string": true,
            ])
        #expect(spec?.at("template", "required") == ["kind", "apiVersion"])
        #expect(
            spec?.at("template", "properties", "metadata", "allOf")
                == [["$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"]])
        #expect(widget.at("properties", "spec", "x-kubernetes-validations") == [["rule": "true", "message": "m"]])
        #expect(widget.at("properties", "metadata", "allOf") != nil)
    }

    @Test("Every operation is named by action, group, version and kind")
    func operations() {
        func operation(_ path: String, _ method: String) -> String? {
            document.at("paths", "/apis/example.dev/v1" + path, method, "operationId")?.stringValue
        }
        #expect(operation("/namespaces/{namespace}/widgets", "get") == "listExampleDevV1NamespacedWidget")
        #expect(
            operation("/namespaces/{namespace}/widgets", "delete") == "deleteExampleDevV1CollectionNamespacedWidget")
        #expect(operation("/namespaces/{namespace}/widgets/{name}", "put") == "replaceExampleDevV1NamespacedWidget")
        #expect(
            operation("/namespaces/{namespace}/widgets/{name}/scale", "patch")
                == "patchExampleDevV1NamespacedWidgetScale")
        #expect(operation("/widgets", "get") == "listExampleDevV1WidgetForAllNamespaces")
    }

    @Test("Writes have the parameters that kubectl looks for")
    func parameters() {
        let patch = document.at("paths", "/apis/example.dev/v1/namespaces/{namespace}/widgets/{name}", "patch")
        let names = patch?["parameters"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
        #expect(names.contains("fieldValidation"))
        #expect(names.contains("dryRun"))
        #expect(patch?["x-kubernetes-action"] == "patch")
        #expect(patch?.at("x-kubernetes-group-version-kind", "kind") == "Widget")
    }

    private static func references(_ value: JSON) -> Set<String> {
        switch value {
        case .object(let fields):
            var found = fields.reduce(into: Set<String>()) { $0.formUnion(references($1.value)) }
            if let name = fields["$ref"]?.stringValue { found.insert(name) }
            return found
        case .array(let list): return list.reduce(into: Set<String>()) { $0.formUnion(references($1)) }
        default: return []
        }
    }

    @Test("Every reference leads to a definition of the same document")
    func closed() throws {
        var groups: [String: [KindDescription]] = [:]
        for kind in BuiltInKinds.all { groups[kind.group, default: []].append(kind) }
        for (group, kinds) in groups {
            let document = OpenAPIDocuments.v3(group: group, version: "v1", kinds: kinds)
            let names = try #require(document.at("components", "schemas")?.objectValue)
            for reference in Self.references(document) {
                #expect(
                    names[String(reference.dropFirst("#/components/schemas/".count))] != nil, "\(group) \(reference)")
            }
        }
        let swagger = OpenAPIDocuments.v2(kinds: BuiltInKinds.all + [Self.widgets])
        let names = try #require(swagger["definitions"]?.objectValue)
        for reference in Self.references(swagger) {
            #expect(names[String(reference.dropFirst("#/definitions/".count))] != nil, "\(reference)")
        }
    }

    @Test("Built-in definitions carry list types and patch strategies")
    func builtIns() throws {
        let kinds = BuiltInKinds.all.filter { $0.group.isEmpty }
        let document = OpenAPIDocuments.v3(group: "", version: "v1", kinds: kinds)
        let spec = try #require(document.at("components", "schemas", "io.k8s.api.core.v1.PodSpec"))
        let containers = try #require(spec.at("properties", "containers"))
        #expect(containers["x-kubernetes-list-type"] == "map")
        #expect(containers["x-kubernetes-list-map-keys"] == ["name"])
        #expect(containers["x-kubernetes-patch-merge-key"] == "name")
        #expect(containers["x-kubernetes-patch-strategy"] == "merge")
        #expect(containers["items"] == ["$ref": "#/components/schemas/io.k8s.api.core.v1.Container"])
        #expect(
            document.at("components", "schemas", "io.k8s.apimachinery.pkg.api.resource.Quantity", "oneOf")
                == [["type": "string"], ["type": "number"]])
        let eviction = document.at("paths", "/api/v1/namespaces/{namespace}/pods/{name}/eviction", "post")
        #expect(eviction?.at("x-kubernetes-group-version-kind", "group") == "policy")
    }

    @Test("Version 2 leaves out what it cannot say")
    func swagger() throws {
        let swagger = OpenAPIDocuments.v2(kinds: [Self.widgets])
        let spec = swagger.at("definitions", "dev.example.v1.Widget", "properties", "spec", "properties")
        #expect(spec?["port"] == ["x-kubernetes-int-or-string": true])
        #expect(spec?.at("template", "properties") == nil)
        let patch = swagger.at("paths", "/apis/example.dev/v1/namespaces/{namespace}/widgets/{name}", "patch")
        #expect(patch?["consumes"]?.arrayValue?.contains("application/strategic-merge-patch+json") == false)
    }
}
