/// The shapes of the built-in kinds, written in `SchemaNotation`'s notation.
enum SchemaText {
    static let all = [
        metadata, core, pods, volumes, nodes, services, workloads, cluster, access, definitions,
    ]
}
