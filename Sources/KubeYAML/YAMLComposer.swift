import KubeCore

/// Makes JSON out of YAML events: resolves scalars, expands aliases and merge keys, refuses repeated keys.
struct YAMLComposer {
    /// A finished value.
    private struct Node {
        var json: JSON
        var marks: YAMLMarks
        /// Values in it, itself included and aliases counted as often as they stand there.
        var count = 1
        /// 0 for a scalar.
        var depth = 0
    }

    private let parser: YAMLEventParser
    private let file: String?
    private let options: YAMLParseOptions
    private var anchors: [String: Node] = [:]
    private var aliased = 0
    private var maxDepth: Int { Swift.min(options.maxDepth, JSONParseOptions.depthCeiling) }

    init(parser: YAMLEventParser, file: String?, options: YAMLParseOptions) {
        self.parser = parser
        self.file = file
        self.options = options
    }

    mutating func documents() throws(YAMLError) -> [YAMLDocument] {
        var documents: [YAMLDocument] = []
        while true {
            switch try parser.next().event {
            case .streamEnd: return documents
            case .documentStart:
                anchors = [:]
                aliased = 0
                let (event, position) = try parser.next()
                let node = try compose(event, position, depth: 0)
                if !node.json.isNull { documents.append(YAMLDocument(json: node.json, file: file, marks: node.marks)) }
            default: continue
            }
        }
    }

    private func failure(_ position: YAMLPosition, _ message: String) -> YAMLError {
        YAMLError(file: file, line: position.line, column: position.column, message: message)
    }

    private mutating func compose(
        _ event: YAMLEventParser.Event, _ position: YAMLPosition, depth: Int
    ) throws(YAMLError) -> Node {
        switch event {
        case .alias(let name): return try expand(name, position, depth: depth)
        case .scalar(let scalar):
            let json: JSON
            do throws(YAMLScalarError) {
                json = try YAMLScalar.resolve(scalar.text, tag: scalar.tag, isPlain: scalar.isPlain)
            } catch {
                throw failure(position, error.message)
            }
            return remember(Node(json: json, marks: YAMLMarks(position)), as: scalar.anchor)
        case .sequenceStart(let anchor):
            try check(depth + 1, position)
            return remember(try sequence(position, depth: depth + 1), as: anchor)
        case .mappingStart(let anchor):
            try check(depth + 1, position)
            return remember(try mapping(position, depth: depth + 1), as: anchor)
        default:
            throw failure(position, "a value was expected")
        }
    }

    private func check(_ depth: Int, _ position: YAMLPosition) throws(YAMLError) {
        if depth > maxDepth { throw failure(position, "nested deeper than \(maxDepth)") }
    }

    private mutating func remember(_ node: Node, as anchor: String?) -> Node {
        // Only finished values have a name: an alias within its own anchor finds nothing, so no value contains itself.
        if let anchor { anchors[anchor] = node }
        return node
    }

    private mutating func expand(
        _ name: String, _ position: YAMLPosition, depth: Int
    ) throws(YAMLError) -> Node {
        guard let node = anchors[name] else {
            throw failure(position, "the alias *\(name) has no anchor before it")
        }
        try check(depth + node.depth, position)
        aliased = aliased > options.maxAliasedNodes ? aliased : aliased + node.count
        if aliased > options.maxAliasedNodes {
            throw failure(position, "aliases add more than \(options.maxAliasedNodes) values")
        }
        return node
    }

    private mutating func sequence(_ position: YAMLPosition, depth: Int) throws(YAMLError) -> Node {
        var values: [JSON] = []
        var marks: [YAMLMarks] = []
        var count = 1
        var inner = 0
        while true {
            let (event, place) = try parser.next()
            if case .sequenceEnd = event { break }
            let node = try compose(event, place, depth: depth)
            values.append(node.json)
            marks.append(node.marks)
            count += node.count
            inner = Swift.max(inner, node.depth)
        }
        return Node(
            json: .array(values), marks: YAMLMarks(position, children: .elements(marks)), count: count, depth: inner + 1
        )
    }

    /// A mapping while it is read.
    private struct Members {
        var object = JSONObject()
        var marks: [String: YAMLMarks] = [:]
        var count = 1
        var depth = 0

        mutating func add(_ key: String, _ keyPosition: YAMLPosition?, _ node: Node) {
            object[key] = node.json
            marks[key] = node.marks
            if let keyPosition { marks[key]?.keyPosition = keyPosition }
            count += node.count
            depth = Swift.max(depth, node.depth)
        }
    }

    private mutating func mapping(_ position: YAMLPosition, depth: Int) throws(YAMLError) -> Node {
        var members = Members()
        var merged: [Node] = []
        while true {
            let (event, place) = try parser.next()
            if case .mappingEnd = event { break }
            if case .scalar(let scalar) = event, scalar.isPlain, scalar.text == "<<", scalar.tag == nil {
                let (event, place) = try parser.next()
                merged += try mergeSources(try compose(event, place, depth: depth), place)
                continue
            }
            let key = try key(try compose(event, place, depth: depth).json, place)
            if members.object.contains(key: key) {
                let first = members.marks[key]?.keyPosition.map { ", first at line \($0.line)" } ?? ""
                throw failure(place, "the key \(JSON.string(key)) is repeated\(first)")
            }
            let (value, valuePlace) = try parser.next()
            members.add(key, place, try compose(value, valuePlace, depth: depth))
        }
        for source in merged { Self.merge(source, into: &members) }
        return Node(
            json: .object(members.object), marks: YAMLMarks(position, children: .members(members.marks)),
            count: members.count, depth: members.depth + 1)
    }

    /// The mappings that a merge key names: one, or a sequence of them, of which the earlier wins.
    private func mergeSources(_ node: Node, _ position: YAMLPosition) throws(YAMLError) -> [Node] {
        if case .object = node.json { return [node] }
        if case .array(let values) = node.json, case .elements(let marks) = node.marks.children {
            var sources: [Node] = []
            for (value, mark) in zip(values, marks) {
                guard case .object = value else { break }
                // The whole's measures are too large for each, which only makes the caps a little stricter.
                sources.append(Node(json: value, marks: mark, count: node.count, depth: node.depth))
            }
            if sources.count == values.count { return sources }
        }
        throw failure(position, "the merge key << takes a mapping or a sequence of mappings")
    }

    /// Adds the members that are not there yet.
    private static func merge(_ source: Node, into members: inout Members) {
        guard case .object(let object) = source.json, case .members(let marks) = source.marks.children else { return }
        members.count += source.count
        members.depth = Swift.max(members.depth, source.depth - 1)
        for (key, value) in object where !members.object.contains(key: key) {
            members.object[key] = value
            members.marks[key] = marks[key]
        }
    }

    /// The text of a key, as `sigs.k8s.io/yaml` writes keys that are no strings.
    private func key(_ json: JSON, _ position: YAMLPosition) throws(YAMLError) -> String {
        switch json {
        case .string(let text): return text
        case .int, .double, .bool: return json.encodedString()
        case .null: throw failure(position, "null cannot be a key")
        case .array, .object: throw failure(position, "a key has to be a scalar")
        }
    }
}
