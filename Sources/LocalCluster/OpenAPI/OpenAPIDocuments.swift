import KubeCore

/// OpenAPI documents made from the descriptions of the kinds served.
package enum OpenAPIDocuments {
    /// The document under `/openapi/v3/apis/<group>/<version>` (`/openapi/v3/api/<version>` for the core group).
    package static func v3(group: String, version: String, kinds: [KindDescription]) -> JSON {
        ["openapi": "3.0.0"]
    }

    /// `/openapi/v2`: all kinds in one Swagger document.
    package static func v2(kinds: [KindDescription]) -> JSON {
        ["swagger": "2.0"]
    }
}
