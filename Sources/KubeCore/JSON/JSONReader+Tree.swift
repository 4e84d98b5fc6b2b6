// The tree builder on top of the pull parser.

/// The items of all open containers, one stack for each kind, so that every finished array or object is allocated
/// once and at its exact size.
struct JSONScratch {
    var entries: [JSONObject.Entry] = []
    var values: [JSON] = []
}

extension JSONReader {
    /// Reads the next value as a tree.
    public mutating func readValue() throws(JSONParseError) -> JSON {
        try readTree(inMetadata: false)
    }

    private mutating func readTree(inMetadata: Bool) throws(JSONParseError) -> JSON {
        skipSpace()
        guard position < end else { throw failure("a value was expected, but the document ends") }
        switch base[position] {
        case UInt8(ascii: "\""): return .string(try readStringBody())
        case UInt8(ascii: "{"): return .object(try readObjectBody(isMetadata: inMetadata))
        case UInt8(ascii: "["): return .array(try readArrayBody())
        case UInt8(ascii: "t"):
            try expect("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try expect("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try expect("null")
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            switch try readNumber() {
            case .int(let value): return .int(value)
            case .double(let value): return .double(value)
            }
        default: throw failure("a value was expected, but there is \(found())")
        }
    }

    private mutating func readArrayBody() throws(JSONParseError) -> [JSON] {
        try beginArray()
        let first = scratch.values.count
        while try nextElement() { scratch.values.append(try readTree(inMetadata: false)) }
        let result = Array(scratch.values[first...])
        scratch.values.removeSubrange(first...)
        return result
    }

    private mutating func readObjectBody(isMetadata: Bool) throws(JSONParseError) -> JSONObject {
        try beginObject()
        let first = scratch.entries.count
        // A bit for each hash seen: a key whose bit is clear cannot be a repetition.
        var seen: UInt64 = 0
        var mayRepeat = false
        var strictKeys: Set<JSONObject.ByteKey> = []
        while try advance(closing: UInt8(ascii: "}")) {
            let keyStart = position
            let slot = try readKey()
            let key = keys.text(slot)
            if isMetadata, dropsManagedFields, key == "managedFields" {
                try skipValue()
                continue
            }
            let bit = UInt64(1) << UInt64(slot & 63)
            if seen & bit != 0, !mayRepeat {
                mayRepeat =
                    scratch.entries.count - first > JSONObject.linearLimit
                    || scratch.entries[first...].contains { sameBytes($0.key, key) }
            }
            if duplicateKeys != .lastWins, !strictKeys.insert(JSONObject.ByteKey(text: key)).inserted {
                try reportRepeated(key, at: keyStart)
            }
            seen |= bit
            let value = try readTree(inMetadata: dropsManagedFields && key == "metadata")
            scratch.entries.append(JSONObject.Entry(key: key, value: value))
        }
        let entries = Array(scratch.entries[first...])
        scratch.entries.removeSubrange(first...)
        return mayRepeat ? JSONObject.merging(entries).object : JSONObject(distinct: entries)
    }

    private mutating func reportRepeated(_ key: String, at place: Int) throws(JSONParseError) {
        let error = failure("the key \"\(key)\" is repeated", at: place)
        if duplicateKeys == .error { throw error }
        // Enough to show; a hostile document must not make the report large.
        if duplicates.count < 100 { duplicates.append(error) }
    }
}
