import KubeCore

/// The query parameters of lists and watches.
package struct ServerListOptions: Sendable {
    package enum Match: String, Sendable { case exact = "Exact", notOlderThan = "NotOlderThan" }

    package var labelSelector: LabelSelector?
    package var fieldSelector: FieldSelector?
    package var limit = 0
    package var continueToken: String?
    /// As sent; empty when absent.
    package var resourceVersion = ""
    package var match: Match?
    package var isWatch = false
    package var allowsBookmarks = false
    package var sendsInitialEvents: Bool?
    package var timeoutSeconds: Int64?

    package init() {}

    /// - Throws: 400 for values that are no numbers, truth values or selectors, 422 for combinations that make no sense.
    package init(_ target: RequestTarget, isWatch: Bool) throws(Status) {
        self.isWatch = isWatch
        limit = Int(clamping: try target.integer("limit") ?? 0)
        timeoutSeconds = try target.integer("timeoutSeconds")
        continueToken = target.first("continue").flatMap { $0.isEmpty ? nil : $0 }
        resourceVersion = target.first("resourceVersion") ?? ""
        allowsBookmarks = try target.boolean("allowWatchBookmarks") ?? false
        sendsInitialEvents = try target.boolean("sendInitialEvents")
        if let text = target.first("labelSelector"), !text.isEmpty {
            do throws(SelectorError) {
                labelSelector = try LabelSelector(parsing: text)
            } catch {
                throw .badRequest(SelectorWording.labelProblem(text, fallback: error.message))
            }
        }
        if let text = target.first("fieldSelector"), !text.isEmpty {
            do throws(SelectorError) {
                fieldSelector = try FieldSelector(parsing: text)
            } catch {
                throw .badRequest(SelectorWording.fieldProblem(text))
            }
        }
        try validate(match: target.first("resourceVersionMatch") ?? "")
    }

    private mutating func validate(match text: String) throws(Status) {
        var errors: [FieldError] = []
        let field = "resourceVersionMatch"
        if sendsInitialEvents != nil {
            if !isWatch {
                errors.append(.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
            } else if text != Match.notOlderThan.rawValue {
                errors.append(
                    .forbidden(field, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"))
            }
        }
        match = Match(rawValue: text)
        if isWatch {
            if !text.isEmpty, sendsInitialEvents == nil {
                errors.append(
                    .forbidden(
                        field, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"))
            }
            if sendsInitialEvents != nil, !text.isEmpty, match != .notOlderThan {
                errors.append(.notSupported(field, .string(text), ["NotOlderThan"]))
            }
        } else if !text.isEmpty {
            if resourceVersion.isEmpty {
                errors.append(
                    .forbidden(field, "resourceVersionMatch is forbidden unless resourceVersion is provided"))
            }
            if continueToken != nil {
                errors.append(.forbidden(field, "resourceVersionMatch is forbidden when continue is provided"))
            }
            if match == nil {
                errors.append(.notSupported(field, .string(text), ["Exact", "NotOlderThan", ""]))
            }
            if match == .exact, resourceVersion == "0" {
                errors.append(
                    .forbidden(field, #"resourceVersionMatch "exact" is forbidden for resourceVersion "0""#))
            }
        }
        if !errors.isEmpty { throw .invalidOptions("ListOptions", errors) }
    }
}

extension RequestTarget {
    /// An integer parameter; nil when absent or empty.
    package func integer(_ name: String) throws(Status) -> Int64? {
        guard let text = first(name), !text.isEmpty else { return nil }
        guard let value = Int64(text) else {
            throw .badRequest("strconv.ParseInt: parsing \(FieldError.quoted(text)): invalid syntax")
        }
        return value
    }

    /// A truth value as `Convert_Slice_string_To_bool` reads it: absent is nil, `false` and `0` are false in any case of letters,
    /// everything else (an empty text too) is true.
    package func boolean(_ name: String) throws(Status) -> Bool? {
        guard let text = first(name) else { return nil }
        switch text.lowercased() {
        case "false", "0": return false
        default: return true
        }
    }
}
