import KubeCore

/// ConfigMaps: keys, total size, and what `immutable` freezes.
struct ConfigMapStrategy: BuiltInStrategy {
    var common: CommonRules

    func validate(_ object: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        var size = 0
        let binary = object.fields("binaryData")
        for (key, value) in object.fields("data") {
            errors += FieldChecks.names(key, "data[\(key)]", NameRules.dataKey)
            if binary[key] != nil {
                errors.append(.invalid("data[\(key)]", .string(key), "duplicate of key present in binaryData"))
            }
            size += (value.stringValue ?? "").utf8.count
        }
        for (key, value) in binary {
            errors += FieldChecks.names(key, "binaryData[\(key)]", NameRules.dataKey)
            size += (value.stringValue ?? "").utf8.count / 4 * 3
        }
        if size > Self.maxSize { errors.append(.tooLong("[]", maxBytes: Int64(Self.maxSize))) }
        return errors
    }

    func validateChange(_ new: JSON, old: JSON) -> [FieldError] {
        Self.frozen(new, old, fields: ["data", "binaryData"])
    }

    static let maxSize = 1 << 20

    /// Errors of changing what an immutable object freezes.
    static func frozen(_ new: JSON, _ old: JSON, fields: [String]) -> [FieldError] {
        guard old.flag("immutable") else { return [] }
        var errors: [FieldError] = []
        if !new.flag("immutable") {
            errors.append(.forbidden("immutable", "field is immutable when `immutable` is set"))
        }
        for field in fields where new[field] != old[field] {
            errors.append(.forbidden(field, "field is immutable when `immutable` is set"))
        }
        return errors
    }
}

/// Secrets: `stringData` is written into `data`, and each type needs its keys.
struct SecretStrategy: BuiltInStrategy {
    var common: CommonRules

    func fillDefaults(_ object: inout JSON) {
        object.setIfAbsent("type", "Opaque")
        let texts = object.fields("stringData")
        for (key, value) in texts {
            object.set(.string(Base64.encode((value.stringValue ?? "").utf8)), at: ["data", key])
        }
        object["stringData"] = nil
    }

    func validate(_ object: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        let data = object.fields("data")
        var size = 0
        for (key, value) in data {
            errors += FieldChecks.names(key, "data[\(key)]", NameRules.dataKey)
            size += (value.stringValue ?? "").utf8.count / 4 * 3
        }
        if size > ConfigMapStrategy.maxSize { errors.append(.tooLong("data", maxBytes: 1 << 20)) }
        func need(_ keys: [String]) {
            for key in keys where data[key] == nil { errors.append(.required("data[\(key)]")) }
        }
        switch object.text("type") {
        case "kubernetes.io/service-account-token":
            let name = "kubernetes.io/service-account.name"
            if object.text("metadata", "annotations", name).isEmpty {
                errors.append(.required("metadata.annotations[\(name)]"))
            }
        case "kubernetes.io/tls": need(["tls.crt", "tls.key"])
        case "kubernetes.io/ssh-auth": need(["ssh-privatekey"])
        case "kubernetes.io/basic-auth":
            if data["username"] == nil, data["password"] == nil { need(["username", "password"]) }
        case "kubernetes.io/dockercfg": errors += document(".dockercfg", data)
        case "kubernetes.io/dockerconfigjson": errors += document(".dockerconfigjson", data)
        default: break
        }
        return errors
    }

    private func document(_ key: String, _ data: JSONObject) -> [FieldError] {
        guard let text = data[key]?.stringValue else { return [.required("data[\(key)]")] }
        let bytes = Base64.decode(text) ?? []
        do {
            _ = try JSON.parse(bytes)
            return []
        } catch {
            let why = Self.misspelled(bytes) ?? error.message
            return [.invalid("data[\(key)]", "<secret contents redacted>", why)]
        }
    }

    /// How a text that begins like `null`, `true` or `false` goes on differently, in the words of Go's decoder.
    private static func misspelled(_ bytes: [UInt8]) -> String? {
        let text = bytes.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard let literal = ["null", "true", "false"].first(where: { $0.utf8.first == text.first }) else { return nil }
        for (found, wanted) in zip(text, literal.utf8) where found != wanted {
            let (a, b) = (Character(UnicodeScalar(found)), Character(UnicodeScalar(wanted)))
            return "invalid character '\(a)' in literal \(literal) (expecting '\(b)')"
        }
        return nil
    }

    func validateChange(_ new: JSON, old: JSON) -> [FieldError] {
        FieldChecks.immutable(new["type"], old["type"], "type")
            + ConfigMapStrategy.frozen(new, old, fields: ["data"])
    }

    func warnings(_ object: JSON, old: JSON?) -> [String] {
        guard object.text("type") == "kubernetes.io/tls" else { return [] }
        let certificate = Base64.decode(object.text("data", "tls.crt")) ?? []
        let isPEM = String(decoding: certificate, as: UTF8.self).contains("-----BEGIN ")
        return isPEM || object.at("data", "tls.crt") == nil
            ? [] : ["tls: failed to find any PEM data in certificate input"]
    }
}
