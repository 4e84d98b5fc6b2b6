import KubeCore

// Checks of the shapes that several kinds use. The schema makes most of them at apply time already; they are made again
// for objects that came in by another way, and for what a schema cannot say.

extension ProblemCollector {
    mutating func checkDuration(_ text: String?, _ field: String) {
        guard let text else { return }
        guard let duration = FlowDuration.parse(text) else {
            add(field, "'\(text)' is no duration", "write a number and a unit, such as 90s, 10m or 1h30m")
            return
        }
        if duration <= .zero {
            add(field, "must be longer than 0s", "leave the field out for no limit")
        }
    }

    mutating func checkIdentifier(_ name: String, _ field: String) {
        guard !Self.isIdentifier(name) else { return }
        add(
            field, "'\(name)' is no name that expressions can use",
            "use letters, digits and '_', with no digit first, such as '\(Self.identifier(from: name))'")
    }

    /// Checks a DNS label.
    mutating func checkName(_ name: String, _ field: String) {
        let isLabel = !name.isEmpty && name.utf8.count <= 63 && name.utf8.allSatisfy { Self.isLabelByte($0) }
        if !isLabel || name.hasPrefix("-") || name.hasSuffix("-") {
            add(
                field, "'\(name)' is not a valid name",
                "use up to 63 lowercase letters, digits and '-', beginning and ending with a letter or digit")
        }
    }

    mutating func checkEnv(_ env: [EnvVar], _ field: String) {
        var seen: Set<String> = []
        for (index, variable) in env.enumerated() {
            let place = "\(field)[\(index)]"
            if !Self.isIdentifier(variable.name, limit: 128) {
                add(
                    "\(place).name", "'\(variable.name)' is no name for an environment variable",
                    "use letters, digits and '_', with no digit first")
            } else if variable.name.hasPrefix("FLOWENGINE_") {
                add("\(place).name", "names that begin with FLOWENGINE_ are FlowEngine's own", "choose another name")
            } else if !seen.insert(variable.name).inserted {
                add("\(place).name", "'\(variable.name)' is set twice", "remove one of the two")
            }
            switch (variable.value, variable.valueFrom) {
            case (.some, .some): add(place, "has both value and valueFrom", "remove one of them")
            case (nil, nil): add(place, "has neither value nor valueFrom", "add one of them")
            case (nil, let source?):
                if (source.secretKeyRef == nil) == (source.configMapKeyRef == nil) {
                    add("\(place).valueFrom", "must have exactly one of secretKeyRef and configMapKeyRef")
                }
            case (.some, nil): break
            }
        }
    }

    mutating func checkRetry(_ retry: RetryPolicy?, _ field: String) {
        guard let retry else { return }
        if !(0...100).contains(retry.limit) {
            add("\(field).limit", "\(retry.limit) is out of range", "choose a number from 0 to 100")
        }
        guard let backoff = retry.backoff else { return }
        checkDuration(backoff.base, "\(field).backoff.base")
        checkDuration(backoff.max, "\(field).backoff.max")
        if let factor = backoff.factor, !(1...100).contains(factor) {
            add("\(field).backoff.factor", "\(factor) is out of range", "choose a number from 1 to 100")
        }
        if let base = FlowDuration.parse(backoff.base ?? Backoff.defaultBase),
            let max = FlowDuration.parse(backoff.max ?? Backoff.defaultMax), base > max
        {
            add("\(field).backoff.base", "is longer than max", "choose a shorter base or a longer max")
        }
    }

    mutating func checkResources(_ resources: ResourceRequirements?, _ field: String) {
        guard let resources else { return }
        let requests = checkQuantities(resources.requests, "\(field).requests")
        let limits = checkQuantities(resources.limits, "\(field).limits")
        for (name, request) in requests.sorted(by: { $0.key < $1.key }) {
            if let limit = limits[name], limit < request {
                add("\(field).requests.\(name)", "is more than its limit", "lower the request or raise the limit")
            }
        }
    }

    private mutating func checkQuantities(_ texts: [String: String], _ field: String) -> [String: Quantity] {
        var quantities: [String: Quantity] = [:]
        for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
            guard let quantity = try? Quantity(parsing: text) else {
                add("\(field).\(name)", "'\(text)' is no quantity", "write an amount such as 500m, 2 or 1Gi")
                continue
            }
            quantities[name] = quantity
        }
        return quantities
    }

    /// - Parameter data: the names of the Engine's data bindings; nil when the Engine is not known.
    mutating func checkVolumeMounts(_ mounts: [VolumeMount], _ field: String, data: [String]?) {
        var paths: Set<String> = []
        for (index, mount) in mounts.enumerated() {
            let place = "\(field)[\(index)]"
            if !mount.mountPath.hasPrefix("/") || mount.mountPath.contains(":") {
                add("\(place).mountPath", "'\(mount.mountPath)' is no absolute path", "begin it with '/'")
            } else if mount.mountPath == "/flowengine" || mount.mountPath.hasPrefix("/flowengine/") {
                add("\(place).mountPath", "/flowengine is FlowEngine's own", "choose another path")
            } else if !paths.insert(mount.mountPath).inserted {
                add("\(place).mountPath", "'\(mount.mountPath)' is mounted twice", "remove one of the two")
            }
            if let subPath = mount.subPath, subPath.hasPrefix("/") || subPath.split(separator: "/").contains("..") {
                add("\(place).subPath", "'\(subPath)' leaves the volume", "write a relative path without '..'")
            }
            if let data, !data.contains(mount.name) {
                add(
                    "\(place).name", "the Engine has no data binding '\(mount.name)'",
                    DidYouMean.suggestion(for: mount.name, among: data))
            }
        }
    }

    // MARK: Names

    static func isIdentifier(_ name: String, limit: Int = 63) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= limit else { return false }
        return isIdentifierByte(first) && !isDigit(first) && name.utf8.allSatisfy { isIdentifierByte($0) }
    }

    /// An identifier that resembles a name that is none.
    private static func identifier(from name: String) -> String {
        var bytes = name.utf8.prefix(62).map { isIdentifierByte($0) ? $0 : UInt8(ascii: "_") }
        if bytes.first.map(isDigit) ?? true {
            bytes.insert(UInt8(ascii: "_"), at: 0)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isIdentifierByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }

    private static func isLabelByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "-")
    }
}
