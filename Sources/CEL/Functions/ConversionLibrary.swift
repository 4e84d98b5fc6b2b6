/// `int()`, `uint()`, `double()`, `string()`, `bytes()`, `bool()`, `timestamp()` and `duration()`.
enum ConversionLibrary {
    static let functions: [Function] = [
        Function("int", .global, .unary(int)),
        Function("uint", .global, .unary(uint)),
        Function("double", .global, .unary(double)),
        Function("string", .global, .unary(string)),
        Function("bytes", .global, .unary(bytes)),
        Function("bool", .global, .unary(bool)),
        Function("timestamp", .global, .unary(timestamp)),
        Function("duration", .global, .unary(duration)),
    ]

    private static func outOfRange(_ value: Value, _ type: String) -> CELError {
        CELError(.overflow, "\(value.excerpt) is out of the range of \(type)")
    }

    private static func unreadable(_ value: Value, _ type: String, _ form: String) -> CELError {
        CELError(.invalidArgument, "\(value.excerpt) cannot be read as \(type); it takes text such as \(form)")
    }

    private static func int(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        switch value {
        case .int: return value
        case .uint(let number):
            guard let result = Int64(exactly: number) else { throw outOfRange(value, "int") }
            return .int(result)
        case .double(let number):
            // The bounds themselves are excluded: as doubles they stand for numbers beyond as well.
            guard number > -0x1p63, number < 0x1p63 else { throw outOfRange(value, "int") }
            return .int(Int64(number))
        case .string(let text):
            guard let result = Int64(text) else { throw unreadable(value, "an int", "'-12'") }
            return .int(result)
        case .timestamp(let instant): return .int(instant.seconds)
        default: return nil
        }
    }

    private static func uint(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        switch value {
        case .uint: return value
        case .int(let number):
            guard let result = UInt64(exactly: number) else { throw outOfRange(value, "uint") }
            return .uint(result)
        case .double(let number):
            guard number > -1, number < 0x1p64 else { throw outOfRange(value, "uint") }
            return .uint(UInt64(number))
        case .string(let text):
            guard let result = UInt64(text) else { throw unreadable(value, "a uint", "'12'") }
            return .uint(result)
        default: return nil
        }
    }

    private static func double(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        switch value {
        case .double: return value
        case .int(let number): return .double(Double(number))
        case .uint(let number): return .double(Double(number))
        case .string(let text):
            guard let result = Double(text) else { throw unreadable(value, "a double", "'1.5' or '2e10'") }
            return .double(result)
        default: return nil
        }
    }

    private static func string(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        if case .bytes(let bytes) = value {
            try meter.charge(bytes: bytes.count)
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw CELError(
                    .invalidArgument, "the bytes are invalid UTF-8; base64.encode() turns any bytes into text")
            }
            return .string(text)
        }
        return value.plainText.map { .string($0) }
    }

    private static func bytes(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        switch value {
        case .bytes: return value
        case .string(let text):
            try meter.charge(bytes: text.utf8.count)
            return .bytes(Array(text.utf8))
        default: return nil
        }
    }

    private static func bool(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        switch value {
        case .bool: return value
        case .string("1"), .string("t"), .string("true"), .string("TRUE"), .string("True"): return true
        case .string("0"), .string("f"), .string("false"), .string("FALSE"), .string("False"): return false
        case .string: throw unreadable(value, "a bool", "'true' or 'false'")
        default: return nil
        }
    }

    private static func timestamp(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        switch value {
        case .timestamp: return value
        case .int(let seconds):
            guard let instant = Instant(seconds: seconds) else { throw outOfRange(value, "timestamp") }
            return .timestamp(instant)
        case .string(let text):
            switch Instant.parse(text) {
            case .success(let instant): return .timestamp(instant)
            case .failure(.outOfRange): throw outOfRange(value, "timestamp")
            case .failure(.malformed): throw unreadable(value, "a timestamp", "'2026-01-31T12:00:00Z'")
            }
        default: return nil
        }
    }

    private static func duration(_ value: Value, _ meter: inout Meter) throws(CELError) -> Value? {
        switch value {
        case .duration: return value
        case .string(let text):
            switch Span.parse(text) {
            case .success(let span): return .duration(span)
            case .failure(.outOfRange): throw outOfRange(value, "duration")
            case .failure(.malformed): throw unreadable(value, "a duration", "'1h30m' or '500ms'")
            }
        default: return nil
        }
    }
}
