import KubeCore

/// OpenAPI documents made from the descriptions of the kinds served: enough for `kubectl explain`, for clients that
/// look up whether a parameter is known (`dryRun`, `fieldValidation`), and for merging by list types and patch
/// strategies. Built-in kinds carry no descriptions.
package enum OpenAPIDocuments {
    /// The document under `/openapi/v3/apis/<group>/<version>` (`/openapi/v3/api/<version>` for the core group).
    package static func v3(group: String, version: String, kinds: [KindDescription]) -> JSON {
        let (definitions, paths) = content(.v3, kinds) { $0.group == group && $1.name == version }
        return [
            "openapi": "3.0.0", "info": info, "paths": .object(paths),
            "components": [
                "schemas": .object(definitions),
                "securitySchemes": [
                    "BearerToken": ["type": "apiKey", "in": "header", "name": "authorization"]
                ],
            ],
        ]
    }

    /// `/openapi/v2`: all kinds in one Swagger document.
    package static func v2(kinds: [KindDescription]) -> JSON {
        let (definitions, paths) = content(.v2, kinds) { _, _ in true }
        return [
            "swagger": "2.0", "info": info, "paths": .object(paths), "definitions": .object(definitions),
            "securityDefinitions": [
                "BearerToken": ["type": "apiKey", "in": "header", "name": "authorization"]
            ],
            "security": [["BearerToken": []]],
        ]
    }

    /// The media type of `v2Protobuf`.
    package static let protobufType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"

    /// `/openapi/v2` as kubectl asks for it: `Accept: application/com.github.proto-openapi.spec.v2@v1.0+protobuf`.
    package static func v2Protobuf(kinds: [KindDescription]) -> [UInt8] { OpenAPIProtobuf.encode(v2(kinds: kinds)) }

    private static let info: JSON = ["title": "Kubernetes", "version": "v1.36.0"]

    private static func content(
        _ flavour: OpenAPISchemaWriter.Flavour, _ kinds: [KindDescription],
        where isWanted: (KindDescription, KindVersion) -> Bool
    ) -> (definitions: JSONObject, paths: JSONObject) {
        var writer = OpenAPISchemaWriter(flavour)
        for name in [OpenAPIPaths.status, OpenAPIPaths.deleteOptions] {
            _ = writer.use(SchemaLibrary.shared.schema(name))
        }
        writer.define(OpenAPIPaths.patchBody, ["type": "object"])
        var subjects: [OpenAPIKind] = []
        for kind in kinds {
            for version in kind.versions where version.isServed && isWanted(kind, version) {
                let subject = OpenAPIKind(kind: kind, version: version)
                subject.define(&writer)
                if version.scale != nil { _ = writer.use(SchemaLibrary.shared.schema(OpenAPIPaths.scale)) }
                subjects.append(subject)
            }
        }
        var paths = JSONObject()
        for subject in subjects {
            for (path, item) in OpenAPIPaths(subject: subject, writer: writer).items { paths[path] = item }
        }
        let sorted = writer.definitions.sorted { $0.key < $1.key }
        return (JSONObject(sorted.map { ($0.key, $0.value) }), paths)
    }
}
