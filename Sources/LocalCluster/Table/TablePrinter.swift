import KubeCore

/// The columns of a kind's table and what stands in them.
struct TablePrinter: Sendable {
    struct Column: Sendable {
        var name: String
        var type: String
        var format: String
        var description: String
        /// 0 is always shown, greater only with `-o wide`.
        var priority: Int

        /// A text column.
        init(
            _ name: String, type: String = "string", format: String = "", description: String = "", priority: Int = 0
        ) {
            self.name = name
            self.type = type
            self.format = format
            self.description = description.isEmpty ? name : description
            self.priority = priority
        }

        static let name = Column("Name", format: "name", description: "Name of the object, unique in its namespace.")
        static let age = Column("Age", description: "Time since the object was created.")

        /// Shown only with `-o wide`.
        static func wide(_ name: String) -> Column { Column(name, priority: 1) }

        var json: JSON {
            [
                "name": .string(name), "type": .string(type), "format": .string(format),
                "description": .string(description), "priority": .int(Int64(priority)),
            ]
        }
    }

    var columns: [Column]
    var cells: @Sendable (JSON, Timestamp) -> [JSON]
    var conditions: @Sendable (JSON) -> [JSON]

    init(
        _ columns: [Column], conditions: @escaping @Sendable (JSON) -> [JSON] = { _ in [] },
        cells: @escaping @Sendable (JSON, Timestamp) -> [JSON]
    ) {
        self.columns = columns
        self.cells = cells
        self.conditions = conditions
    }

    /// Kinds without columns of their own.
    static let usual = TablePrinter([
        .name, Column("Created At", type: "date", description: "When the object was created."),
    ]) { object, _ in [object.name, object.at("metadata", "creationTimestamp") ?? .null] }

    static let scale = TablePrinter([
        .name, Column("Desired", type: "integer"), Column("Available", type: "integer"), .age,
    ]) { object, now in
        [
            object.name, .int(object.int("spec", "replicas") ?? 0), .int(object.int("status", "replicas") ?? 0),
            object.age(now),
        ]
    }

    /// By group and kind.
    static let builtIn: [String: TablePrinter] = pods.merging(workloads) { first, _ in first }
        .merging(core) { first, _ in first }
        .merging(cluster) { first, _ in first }

    /// The columns of a custom kind; its age when it has none.
    static func custom(_ columns: [PrinterColumn]) -> TablePrinter {
        let columns =
            columns.isEmpty
            ? [
                PrinterColumn(
                    name: "Age", type: "date", description: "Time since the object was created.",
                    jsonPath: ".metadata.creationTimestamp")
            ] : columns
        let readers = columns.map { (type: $0.type, path: try? JSONPath($0.jsonPath)) }
        let shown = columns.map {
            Column(
                $0.name, type: $0.type, format: $0.format,
                description: $0.description.isEmpty
                    ? "Custom resource definition column (in JSONPath format): \($0.jsonPath)" : $0.description,
                priority: $0.priority)
        }
        return TablePrinter([.name] + shown) { object, now in
            [object.name]
                + readers.map { reader in
                    guard let value = reader.path?.values(in: object).first else { return .null }
                    return cell(value, type: reader.type, now)
                }
        }
    }

    private static func cell(_ value: JSON, type: String, _ now: Timestamp) -> JSON {
        switch (type, value) {
        case (_, .null): .null
        case ("string", _): .string(JSONPath.text(value))
        case ("integer", .int): value
        case ("integer", .double(let number)): Int64(exactly: number.rounded(.towardZero)).map(JSON.int) ?? .null
        case ("number", .int(let number)): .double(Double(number))
        case ("number", .double): value
        case ("boolean", .bool): value
        case ("date", .string): .string(HumanDuration.since(value, now: now))
        default: .null
        }
    }
}

extension JSON {
    /// The cell with the name of an object.
    var name: JSON { .string(text("metadata", "name")) }

    /// The cell with the age of an object.
    func age(_ now: Timestamp) -> JSON {
        .string(HumanDuration.since(at("metadata", "creationTimestamp"), now: now))
    }

    /// `a=b,c=d` by key, or `<none>`.
    var labelText: JSON {
        let labels = (objectValue ?? [:]).map { "\($0.key)=\($0.value.stringValue ?? "")" }.sorted()
        return .string(labels.isEmpty ? "<none>" : labels.joined(separator: ","))
    }
}

extension String {
    /// The cell that shows this text, or `other` when it is empty.
    func cell(or other: String = "<none>") -> JSON { .string(isEmpty ? other : self) }
}
