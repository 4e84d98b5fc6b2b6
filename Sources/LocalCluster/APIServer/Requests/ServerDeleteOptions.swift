import KubeCore

/// DeleteOptions, from the body or, when there is none, from the query.
package struct ServerDeleteOptions: Sendable {
    package enum Propagation: String, Sendable {
        case foreground = "Foreground", background = "Background", orphan = "Orphan"
    }

    package var gracePeriodSeconds: Int64?
    package var uid: String?
    package var resourceVersion: String?
    package var propagation: Propagation?
    package var orphanDependents: Bool?
    package var isDryRun = false

    package init() {}

    package init(_ target: RequestTarget, body: JSON?) throws(Status) {
        var errors: [FieldError] = []
        if let body, body.objectValue?.isEmpty == false {
            if let kind = body["kind"]?.stringValue, !kind.isEmpty, kind != "DeleteOptions" {
                throw .badRequest("\(kind) in version \"v1\" cannot be handled as a DeleteOptions")
            }
            gracePeriodSeconds = try Self.integer(body, "gracePeriodSeconds")
            uid = body.at("preconditions", "uid")?.stringValue
            resourceVersion = body.at("preconditions", "resourceVersion")?.stringValue
            orphanDependents = body["orphanDependents"]?.boolValue
            try setPropagation(body["propagationPolicy"]?.stringValue, &errors)
            isDryRun = try ServerWriteOptions.dryRun(
                (body["dryRun"]?.arrayValue ?? []).compactMap(\.stringValue), &errors)
        } else {
            gracePeriodSeconds = try target.integer("gracePeriodSeconds")
            orphanDependents = try target.boolean("orphanDependents")
            try setPropagation(target.first("propagationPolicy"), &errors)
            isDryRun = try ServerWriteOptions.dryRun(target.all("dryRun"), &errors)
        }
        if orphanDependents != nil, propagation != nil {
            errors.append(
                .invalid(
                    "propagationPolicy", propagation.map { .string($0.rawValue) },
                    "orphanDependents and deletionPropagation cannot be both set"))
        }
        if !errors.isEmpty { throw .invalidOptions("DeleteOptions", errors) }
        if let period = gracePeriodSeconds, period < 0 {
            // A negative period means "at once, as soon as possible": the real server takes 1 for it.
            gracePeriodSeconds = 1
        }
    }

    private mutating func setPropagation(_ text: String?, _ errors: inout [FieldError]) throws(Status) {
        guard let text, !text.isEmpty else { return }
        guard let value = Propagation(rawValue: text) else {
            errors.append(
                .notSupported("propagationPolicy", .string(text), ["Foreground", "Background", "Orphan", "nil"]))
            return
        }
        propagation = value
    }

    private static func integer(_ body: JSON, _ key: String) throws(Status) -> Int64? {
        switch body[key] {
        case nil, .null: return nil
        case .int(let value): return value
        default:
            throw .badRequest(
                "DeleteOptions in version \"v1\" cannot be handled as a DeleteOptions: \(key) must be an integer")
        }
    }
}
