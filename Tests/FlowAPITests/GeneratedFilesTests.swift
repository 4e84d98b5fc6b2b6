import FlowAPI
import Foundation
import KubeCore
import KubeYAML
import Testing

/// The repository: where this file was compiled, or `FLOWENGINE_REPO`.
enum Repository {
    static var root: String {
        if let path = ProcessInfo.processInfo.environment["FLOWENGINE_REPO"], !path.isEmpty {
            return path
        }
        return #filePath.components(separatedBy: "/Tests/").dropLast().joined(separator: "/Tests/")
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
    }

    static func files(_ folder: String) throws -> [String] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)")
        return names.filter { $0.hasSuffix(".yaml") }.sorted().map { "\(folder)/\($0)" }
    }
}

@Suite("Generated files")
struct GeneratedFilesTests {
    @Test(
        "crds/ holds exactly what the types say; `flowengine crds` writes it",
        arguments: CustomResourceDefinition.all.indices)
    func crds(index: Int) throws {
        let definition = CustomResourceDefinition.all[index]
        let path = "crds/\(definition.fileName)"
        #expect(try Repository.text(path) == definition.yaml, "\(path) is not up to date; run `flowengine crds`")
    }

    @Test("crds/ holds no definition that the types do not have")
    func noOthers() throws {
        #expect(try Repository.files("crds") == CustomResourceDefinition.all.map { "crds/\($0.fileName)" }.sorted())
    }

    @Test(
        "A definition reads back from its YAML as it was, without nulls",
        arguments: CustomResourceDefinition.all.indices)
    func readsBack(index: Int) throws {
        let definition = CustomResourceDefinition.all[index]
        let document = try YAMLDocument.parse(definition.yaml)
        #expect(document.json == definition.json)
        #expect(!definition.json.encodedString().contains("null"))
    }

    @Test("The kinds are found in their category and by short names")
    func names() {
        let names = CustomResourceDefinition.all.map { $0.json.at("spec", "names") }
        #expect(names.allSatisfy { $0?["categories"] == ["flowengine"] })
        #expect(names.map { $0?["shortNames"] } == [["eng"], ["fjob"], ["run"]])
        #expect(
            CustomResourceDefinition.all.map(\.name) == [
                "engines.flowengine.io", "jobs.flowengine.io", "jobruns.flowengine.io",
            ])
    }
}

@Suite("Examples")
struct ExampleTests {
    private func objects(_ kind: String) throws -> [(file: String, json: JSON)] {
        try Repository.files("examples").flatMap { file in
            try YAMLDocument.parseAll(Repository.text(file), file: file).map { (file, $0.json) }
        }.filter { $0.1["kind"]?.stringValue == kind }
    }

    @Test("Every example fits its schema, its rules and its type", arguments: CustomResourceDefinition.all.indices)
    func schemas(index: Int) throws {
        let definition = CustomResourceDefinition.all[index]
        for (file, json) in try objects(definition.resourceType.kind) {
            #expect(json["apiVersion"]?.stringValue == FlowGroup.apiVersion, "\(file)")
            #expect(definition.schema.misfits(json) == [], "\(file)")
            #expect(try definition.schema.violations(json) == [], "\(file)")
        }
    }

    @Test("Every Engine and Job of the examples is valid, and some use most of what there is")
    func valid() throws {
        var engines: [String: EngineSpec] = [:]
        for (file, json) in try objects("Engine") {
            let engine = try json.decode(Engine.self)
            engines[engine.metadata.name ?? ""] = engine.spec
            #expect(engine.spec.validate() == [], "\(file)")
        }
        let jobs = try objects("Job")
        #expect(jobs.count >= 3)
        for (file, json) in jobs {
            let job = try json.decode(Job.self)
            let engine = try #require(engines[job.spec.engine], "\(file): there is no Engine '\(job.spec.engine)'")
            #expect(job.spec.validate(engine: engine) == [], "\(file)")
        }
    }
}
