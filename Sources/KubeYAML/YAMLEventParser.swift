import CYaml

/// libyaml's events as Swift values.
///
/// The C parser and the text it reads live exactly as long as this object.
final class YAMLEventParser {
    struct Scalar {
        var text: String
        var isPlain: Bool
        var tag: String?
        var anchor: String?
    }

    enum Event {
        case streamStart
        case streamEnd
        case documentStart
        case documentEnd
        case alias(String)
        case scalar(Scalar)
        case sequenceStart(anchor: String?)
        case sequenceEnd
        case mappingStart(anchor: String?)
        case mappingEnd
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let file: String?

    init(_ bytes: [UInt8], file: String?) throws(YAMLError) {
        // One byte more: libyaml asks for a pointer even when there is nothing.
        let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count + 1)
        _ = input.initialize(from: bytes + [0])
        guard let parser = cyaml_parser_new(input.baseAddress, bytes.count) else {
            input.deallocate()
            throw YAMLError(file: file, line: 1, column: 1, message: "not enough memory for a YAML parser")
        }
        self.input = input
        self.parser = parser
        self.file = file
    }

    deinit {
        cyaml_parser_free(parser)
        input.deallocate()
    }

    /// The next event and where it begins.
    func next() throws(YAMLError) -> (event: Event, position: YAMLPosition) {
        var raw = yaml_event_t()
        guard yaml_parser_parse(parser, &raw) != 0 else { throw failure() }
        defer { yaml_event_delete(&raw) }
        let position = YAMLPosition(
            line: Int(clamping: raw.start_mark.line) + 1, column: Int(clamping: raw.start_mark.column) + 1)
        return (try event(raw, at: position), position)
    }

    private func event(_ raw: yaml_event_t, at position: YAMLPosition) throws(YAMLError) -> Event {
        var raw = raw
        switch raw.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT: return .alias(Self.string(cyaml_alias_name(&raw)) ?? "")
        case YAML_SCALAR_EVENT:
            let bytes = UnsafeBufferPointer(start: cyaml_scalar_value(&raw), count: cyaml_scalar_length(&raw))
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw YAMLError(
                    file: file, line: position.line, column: position.column, message: "a scalar is not valid UTF-8")
            }
            return .scalar(
                Scalar(
                    text: text, isPlain: cyaml_scalar_is_plain(&raw) != 0, tag: Self.string(cyaml_scalar_tag(&raw)),
                    anchor: Self.string(cyaml_scalar_anchor(&raw))))
        case YAML_SEQUENCE_START_EVENT: return .sequenceStart(anchor: Self.string(cyaml_sequence_anchor(&raw)))
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT: return .mappingStart(anchor: Self.string(cyaml_mapping_anchor(&raw)))
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        // The stream's end, and "no event" after it.
        default: return .streamEnd
        }
    }

    private static func string(_ pointer: UnsafePointer<UInt8>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private func failure() -> YAMLError {
        var message = cyaml_problem(parser).map { String(cString: $0) } ?? "the text is not YAML"
        if cyaml_is_memory_error(parser) != 0 { message = "not enough memory to read the YAML" }
        if let context = cyaml_context(parser) { message += " (\(String(cString: context)))" }
        var position = YAMLPosition(
            line: Int(clamping: cyaml_problem_line(parser)) + 1,
            column: Int(clamping: cyaml_problem_column(parser)) + 1)
        if cyaml_is_reader_error(parser) != 0 { position = self.position(offset: cyaml_problem_offset(parser)) }
        return YAMLError(file: file, line: position.line, column: position.column, message: message)
    }

    private func position(offset: Int) -> YAMLPosition {
        var position = YAMLPosition(line: 1, column: 1)
        for byte in input.prefix(Swift.min(Swift.max(offset, 0), input.count - 1)) {
            if byte == 0x0A {
                position.line += 1
                position.column = 1
            } else if byte & 0xC0 != 0x80 {
                position.column += 1
            }
        }
        return position
    }
}
