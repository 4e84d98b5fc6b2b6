extension OpenAPIProtobuf {
    struct Message: Sendable {
        let fields: [Field]
        /// The number of the field that holds `x-` fields.
        let extensions: UInt64?
    }

    /// The messages that our documents use, with gnostic's field numbers.
    static let messages: [String: Message] = [
        "Document": Message(
            fields: [
                Field("swagger", 1, .text), Field("info", 2, .message("Info")),
                Field("paths", 8, .named(.message("PathItem"), field: 2)),
                Field("definitions", 9, .named(.message("Schema"), field: 1)),
            ], extensions: 16),
        "Info": Message(fields: [Field("title", 1, .text), Field("version", 2, .text)], extensions: 7),
        "PathItem": Message(
            fields: [
                Field("get", 2, .message("Operation")), Field("put", 3, .message("Operation")),
                Field("post", 4, .message("Operation")), Field("delete", 5, .message("Operation")),
                Field("patch", 8, .message("Operation")), Field("parameters", 9, .parameters),
            ], extensions: 10),
        "Operation": Message(
            fields: [
                Field("tags", 1, .texts), Field("description", 3, .text), Field("operationId", 5, .text),
                Field("produces", 6, .texts), Field("consumes", 7, .texts), Field("parameters", 8, .parameters),
                Field("responses", 9, .named(.inside(1, .message("Response")), field: 1)), Field("schemes", 10, .texts),
            ], extensions: 13),
        "Response": Message(
            fields: [Field("description", 1, .text), Field("schema", 2, .inside(1, .message("Schema")))], extensions: 5),
        "BodyParameter": Message(
            fields: [
                Field("name", 2, .text), Field("in", 3, .text), Field("required", 4, .flag),
                Field("schema", 5, .message("Schema")),
            ], extensions: 6),
        "QueryParameter": Message(
            fields: [
                Field("required", 1, .flag), Field("in", 2, .text), Field("name", 4, .text), Field("type", 6, .text),
                Field("uniqueItems", 20, .flag),
            ], extensions: 23),
        "PathParameter": Message(
            fields: [
                Field("required", 1, .flag), Field("in", 2, .text), Field("name", 4, .text), Field("type", 5, .text),
                Field("uniqueItems", 19, .flag),
            ], extensions: 22),
        "Schema": Message(
            fields: [
                Field("$ref", 1, .text), Field("format", 2, .text), Field("title", 3, .text),
                Field("description", 4, .text), Field("default", 5, .any), Field("multipleOf", 6, .number),
                Field("maximum", 7, .number), Field("exclusiveMaximum", 8, .flag), Field("minimum", 9, .number),
                Field("exclusiveMinimum", 10, .flag), Field("maxLength", 11, .integer),
                Field("minLength", 12, .integer),
                Field("pattern", 13, .text), Field("maxItems", 14, .integer), Field("minItems", 15, .integer),
                Field("uniqueItems", 16, .flag), Field("maxProperties", 17, .integer),
                Field("minProperties", 18, .integer), Field("required", 19, .texts), Field("enum", 20, .anys),
                Field("additionalProperties", 21, .schemaOrFlag), Field("type", 22, .type),
                Field("items", 23, .inside(1, .message("Schema"))), Field("allOf", 24, .messages("Schema")),
                Field("properties", 25, .named(.message("Schema"), field: 1)),
            ], extensions: 31),
    ]
}
