import KubeCore

/// The place where the next page of a list starts, in Kubernetes' own form: base64url of
/// `{"v":"meta.k8s.io/v1","rv":12,"start":"namespace/name\u0000"}`.
struct ContinueToken: Equatable {
    /// The revision of the whole list; -1 when the list goes on at the present.
    var revision: Int64
    /// The first key of the next page, relative to the list: `name\0` in a namespace, `namespace/name\0` over all.
    var start: String

    init(revision: Int64, start: String) {
        self.revision = revision
        self.start = start
    }

    init(parsing text: String) throws(Status) {
        let bad = { (why: String) in Status.badRequest("invalid continue token: continue key is not valid: \(why)") }
        guard let bytes = Base64URL.decode(text) else { throw bad("illegal base64 data") }
        guard let json = try? JSON.parse(bytes) else { throw bad("the token holds no JSON") }
        guard json["v"]?.stringValue == "meta.k8s.io/v1" else {
            throw bad("server does not recognize this encoded version \(FieldError.show(json["v"]))")
        }
        guard let revision = json["rv"]?.intValue, revision != 0 else {
            throw bad("incorrect encoded start resourceVersion")
        }
        guard let start = json["start"]?.stringValue, !start.isEmpty, !start.hasPrefix("/"),
            !start.split(separator: "/").contains("..")
        else { throw bad("the token holds no start") }
        self.init(revision: revision, start: start)
    }

    var text: String {
        let json: JSON = ["v": "meta.k8s.io/v1", "rv": .int(revision), "start": .string(start)]
        return Base64URL.encode(json.encoded())
    }
}

/// Base64 with the URL alphabet and no padding.
enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count * 4 / 3 + 3)
        var buffer = 0
        var bits = 0
        for byte in bytes {
            buffer = (buffer << 8 | Int(byte)) & 0xFFFF
            bits += 8
            while bits >= 6 {
                bits -= 6
                out.append(alphabet[buffer >> bits & 63])
            }
        }
        if bits > 0 { out.append(alphabet[buffer << (6 - bits) & 63]) }
        return String(decoding: out, as: UTF8.self)
    }

    /// nil when a character is none of the alphabet's (padding is allowed).
    static func decode(_ text: String) -> [UInt8]? {
        var out: [UInt8] = []
        var buffer = 0
        var bits = 0
        for byte in text.utf8 {
            let value: Int
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = Int(byte) - 65
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = Int(byte) - 71
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = Int(byte) + 4
            case UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "_"): value = 63
            case UInt8(ascii: "="): continue
            default: return nil
            }
            buffer = (buffer << 6 | value) & 0xFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                out.append(UInt8(truncatingIfNeeded: buffer >> bits))
            }
        }
        return out
    }
}
