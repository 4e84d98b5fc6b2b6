import KubeCore

/// Prints meta.k8s.io/v1 Tables, whose columns the server decides on.
enum ServerTable {
    /// - Parameters:
    ///   - tables: of one kind.
    ///   - isWide: with the columns of lower priority too.
    ///   - prefix: put before names, to tell kinds apart.
    static func render(_ tables: [JSON], isWide: Bool, showsNamespace: Bool, prefix: String) -> String {
        let columns = tables.first?["columnDefinitions"]?.arrayValue ?? []
        let shown = columns.indices.filter { isWide || columns[$0]["priority"]?.intValue ?? 0 == 0 }
        var rows: [[String]] = [
            (showsNamespace ? ["NAMESPACE"] : []) + shown.map { (columns[$0]["name"]?.stringValue ?? "").uppercased() }
        ]
        for row in tables.flatMap({ $0["rows"]?.arrayValue ?? [] }) {
            let cells = row["cells"]?.arrayValue ?? []
            var texts = shown.map { index in
                cells.indices.contains(index) ? text(cells[index]) : ""
            }
            if !texts.isEmpty { texts[0] = prefix + texts[0] }
            if showsNamespace { texts.insert(row.at("object", "metadata", "namespace")?.stringValue ?? "", at: 0) }
            rows.append(texts)
        }
        return aligned(rows)
    }

    /// Columns of equal width, three blanks apart; no blanks at the ends of lines.
    static func aligned(_ rows: [[String]]) -> String {
        var widths: [Int] = []
        for row in rows {
            for (index, cell) in row.enumerated() {
                if index < widths.count {
                    widths[index] = max(widths[index], cell.count)
                } else {
                    widths.append(cell.count)
                }
            }
        }
        var text = ""
        for row in rows {
            var line = ""
            for (index, cell) in row.enumerated() {
                line += cell + String(repeating: " ", count: widths[index] - cell.count + 3)
            }
            while line.last == " " { line.removeLast() }
            text += line + "\n"
        }
        return text
    }

    private static func text(_ cell: JSON) -> String {
        switch cell {
        case .null: ""
        case .string(let text): text
        default: cell.encodedString()
        }
    }
}
