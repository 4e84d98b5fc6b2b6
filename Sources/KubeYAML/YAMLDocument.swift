import KubeCore

/// What a YAML text may ask for.
public struct YAMLParseOptions: Sendable {
    /// How deep sequences and mappings may nest, aliases included.
    public var maxDepth: Int
    /// How many values aliases may add to a document: a few lines can stand for billions otherwise.
    public var maxAliasedNodes: Int

    public init(maxDepth: Int = 200, maxAliasedNodes: Int = 100_000) {
        self.maxDepth = maxDepth
        self.maxAliasedNodes = maxAliasedNodes
    }
}

/// One document of a YAML text as JSON, with the places its values came from.
public struct YAMLDocument: Sendable {
    public let json: JSON
    /// The name that the parser was given.
    public let file: String?
    let marks: YAMLMarks

    init(json: JSON, file: String?, marks: YAMLMarks) {
        self.json = json
        self.file = file
        self.marks = marks
    }

    /// Where the document's value begins.
    public var position: YAMLPosition { marks.position }

    /// Where the value at a pointer begins; nil when nothing is there. A value that came by an alias or a merge key is
    /// where it was written.
    public func position(of pointer: JSONPointer) -> YAMLPosition? { marks.descend(pointer.tokens[...])?.position }

    /// Where the key of the value at a pointer is; of an element of a sequence, where the element begins.
    public func keyPosition(of pointer: JSONPointer) -> YAMLPosition? {
        marks.descend(pointer.tokens[...]).map { $0.keyPosition ?? $0.position }
    }

    /// Where a message about a pointer should point: at the value or, when it is missing, at the key of what would
    /// have to contain it.
    public func nearestPosition(of pointer: JSONPointer) -> YAMLPosition {
        if let position = position(of: pointer) { return position }
        var tokens = pointer.tokens[...]
        while tokens.popLast() != nil {
            if let mark = marks.descend(tokens) { return mark.keyPosition ?? mark.position }
        }
        return marks.position
    }

    /// An error at the place of a pointer, for those who check what the document says.
    public func error(at pointer: JSONPointer, _ message: String) -> YAMLError {
        let position = nearestPosition(of: pointer)
        return YAMLError(file: file, line: position.line, column: position.column, message: message)
    }
}

extension YAMLDocument {
    /// Reads all documents of a text; empty ones (nothing, comments, null) are left out.
    ///
    /// Plain scalars mean what `sigs.k8s.io/yaml`, and so kubectl, takes them for: YAML 1.1, where `yes` is true and
    /// `0644` is 420. JSON is read too.
    public static func parseAll(
        _ bytes: some Collection<UInt8>, file: String? = nil, options: YAMLParseOptions = .init()
    ) throws(YAMLError) -> [YAMLDocument] {
        let bytes = Array(bytes)
        do throws(YAMLError) {
            let parser = try YAMLEventParser(bytes, file: file)
            var composer = YAMLComposer(parser: parser, file: file, options: options)
            return try composer.documents()
        } catch {
            // JSON that YAML does not take: surrogate pairs in escapes, tabs before values, keys beyond 1024 bytes.
            let first = bytes.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
            guard first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
                let json = try? JSON.parse(
                    bytes, options: .init(maxDepth: options.maxDepth, duplicateKeys: .error))
            else { throw error }
            return [YAMLDocument(json: json, file: file, marks: YAMLMarks(YAMLPosition(line: 1, column: 1)))]
        }
    }

    public static func parseAll(
        _ text: String, file: String? = nil, options: YAMLParseOptions = .init()
    ) throws(YAMLError) -> [YAMLDocument] {
        try parseAll(text.utf8, file: file, options: options)
    }

    /// Reads a text that has to hold exactly one document.
    public static func parse(
        _ text: String, file: String? = nil, options: YAMLParseOptions = .init()
    ) throws(YAMLError) -> YAMLDocument {
        let documents = try parseAll(text, file: file, options: options)
        guard let document = documents.first, documents.count == 1 else {
            let place = documents.dropFirst().first?.position ?? YAMLPosition(line: 1, column: 1)
            throw YAMLError(
                file: file, line: place.line, column: place.column,
                message: "exactly one document was expected, but there are \(documents.count)")
        }
        return document
    }
}

/// The places of a value and of what it contains, in the shape of the value.
struct YAMLMarks: Sendable {
    enum Children: Sendable {
        case none
        case elements([YAMLMarks])
        case members([String: YAMLMarks])
    }

    var position: YAMLPosition
    /// Of a member of a mapping.
    var keyPosition: YAMLPosition?
    var children: Children

    init(_ position: YAMLPosition, children: Children = .none) {
        self.position = position
        self.children = children
    }

    func descend(_ tokens: ArraySlice<String>) -> YAMLMarks? {
        var current = self
        for token in tokens {
            switch current.children {
            case .none: return nil
            case .elements(let elements):
                guard let index = Int(token), elements.indices.contains(index) else { return nil }
                current = elements[index]
            case .members(let members):
                guard let member = members[token] else { return nil }
                current = member
            }
        }
        return current
    }
}
