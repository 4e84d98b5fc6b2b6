import KubeCore

/// The query parameters of create, update and patch.
package struct ServerWriteOptions: Sendable {
    package enum FieldValidation: String, Sendable { case ignore = "Ignore", warn = "Warn", strict = "Strict" }

    package var isDryRun = false
    package var fieldManager = ""
    package var fieldValidation = FieldValidation.warn
    /// Whether fieldValidation was left to the default.
    package var isFieldValidationImplied = true
    package var force: Bool?
    /// Part of what a write by another subresource does: its managedFields entry.
    package var subresource: String?

    /// Where the write leaves what the client should know, also when it fails.
    package var warnings = WarningList()

    package init() {}

    /// - Parameter kind: `CreateOptions`, `UpdateOptions` or `PatchOptions`, for messages.
    /// - Parameter userAgent: names the manager when no fieldManager is given.
    package init(_ target: RequestTarget, kind: String, userAgent: String, isApply: Bool = false) throws(Status) {
        var errors: [FieldError] = []
        if kind == "PatchOptions" {
            force = try target.boolean("force")
            if force != nil, !isApply {
                errors.append(.forbidden("force", "may not be specified for non-apply patch"))
            }
            if isApply, (target.first("fieldManager") ?? "").isEmpty {
                errors.append(.required("fieldManager", "is required for apply patch"))
            }
        }
        fieldManager = target.first("fieldManager") ?? ""
        if fieldManager.utf8.count > 128 {
            errors.append(.tooLong("fieldManager", maxBytes: 128))
        }
        var position = 0
        for scalar in fieldManager.unicodeScalars {
            if !Self.isPrintable(scalar) {
                let hex = String(scalar.value, radix: 16, uppercase: true)
                let code = "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
                errors.append(
                    .invalid(
                        "fieldManager", .string(fieldManager), "invalid character \(code) (at position \(position))"))
                break
            }
            position += scalar.utf8.count
        }
        isDryRun = try Self.dryRun(target.all("dryRun"), &errors)
        if let text = target.first("fieldValidation"), !text.isEmpty {
            if let value = FieldValidation(rawValue: text) {
                fieldValidation = value
                isFieldValidationImplied = false
            } else {
                errors.append(
                    .notSupported("fieldValidation", .string(text), ["", "Ignore", "Strict", "Warn"]))
            }
        }
        if !errors.isEmpty { throw .invalidOptions(kind, errors) }
        if fieldManager.isEmpty { fieldManager = Self.manager(userAgent: userAgent) }
    }

    static func dryRun(_ values: [String], _ errors: inout [FieldError]) throws(Status) -> Bool {
        let values = values.filter { !$0.isEmpty }
        if values.isEmpty { return false }
        if values.allSatisfy({ $0 == "All" }) { return true }
        errors.append(.notSupported("dryRun", .array(values.map(JSON.string)), ["All"]))
        return false
    }

    /// The User-Agent up to its first slash, at most 128 bytes of printable characters.
    static func manager(userAgent: String) -> String {
        let name = userAgent.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        var manager = ""
        for scalar in name.unicodeScalars where isPrintable(scalar) {
            if manager.utf8.count + String(scalar).utf8.count > 128 { break }
            manager.unicodeScalars.append(scalar)
        }
        return manager.isEmpty ? "unknown" : manager
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }
}
