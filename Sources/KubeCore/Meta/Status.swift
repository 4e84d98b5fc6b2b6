/// The API's answer to a request that failed (and to some that succeeded), `kind: Status`.
public struct Status: Error, Hashable, Sendable {
    /// `Success` or `Failure`.
    public var status: String
    /// The HTTP status code.
    public var code: Int
    public var reason: StatusReason
    /// For people; programs decide by `reason`.
    public var message: String
    public var details: Details?

    public struct Details: Codable, Hashable, Sendable {
        public var name: String?
        public var group: String?
        /// The kind or, from most of the server's code, the plural.
        public var kind: String?
        public var uid: String?
        public var causes: [Cause]?
        /// How long to wait before the request is tried again.
        public var retryAfterSeconds: Int64?

        public init(
            name: String? = nil, group: String? = nil, kind: String? = nil, uid: String? = nil,
            causes: [Cause]? = nil, retryAfterSeconds: Int64? = nil
        ) {
            self.name = name
            self.group = group
            self.kind = kind
            self.uid = uid
            self.causes = causes
            self.retryAfterSeconds = retryAfterSeconds
        }
    }

    /// One thing that is wrong with a request.
    public struct Cause: Codable, Hashable, Sendable {
        /// `FieldValueInvalid`, `FieldValueRequired`, …
        public var reason: String?
        public var message: String?
        /// A path such as `spec.tasks[0].name`.
        public var field: String?

        public init(reason: String? = nil, message: String? = nil, field: String? = nil) {
            self.reason = reason
            self.message = message
            self.field = field
        }
    }

    public init(
        status: String = "Failure", code: Int, reason: StatusReason, message: String, details: Details? = nil
    ) {
        self.status = status
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
    }
}

/// Why a request failed, in a word that programs can rely on. Words unknown here are kept as they are.
public struct StatusReason: RawRepresentable, Codable, Hashable, Sendable {
    public var rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public static let unknown = StatusReason(rawValue: "")
    public static let badRequest = StatusReason(rawValue: "BadRequest")
    public static let unauthorized = StatusReason(rawValue: "Unauthorized")
    public static let forbidden = StatusReason(rawValue: "Forbidden")
    public static let notFound = StatusReason(rawValue: "NotFound")
    public static let methodNotAllowed = StatusReason(rawValue: "MethodNotAllowed")
    public static let notAcceptable = StatusReason(rawValue: "NotAcceptable")
    public static let alreadyExists = StatusReason(rawValue: "AlreadyExists")
    public static let conflict = StatusReason(rawValue: "Conflict")
    /// A continue token is too old.
    public static let expired = StatusReason(rawValue: "Expired")
    /// A resourceVersion is too old: list again.
    public static let gone = StatusReason(rawValue: "Gone")
    public static let requestEntityTooLarge = StatusReason(rawValue: "RequestEntityTooLarge")
    public static let unsupportedMediaType = StatusReason(rawValue: "UnsupportedMediaType")
    public static let invalid = StatusReason(rawValue: "Invalid")
    public static let tooManyRequests = StatusReason(rawValue: "TooManyRequests")
    public static let internalError = StatusReason(rawValue: "InternalError")
    public static let serviceUnavailable = StatusReason(rawValue: "ServiceUnavailable")
    public static let timeout = StatusReason(rawValue: "Timeout")
    public static let serverTimeout = StatusReason(rawValue: "ServerTimeout")
}

extension Status: CustomStringConvertible {
    public var description: String { "\(message) (\(code) \(reason.rawValue))" }
}

extension Status {
    /// Reads a Status object; what is missing is empty, as the API server leaves out empty fields.
    /// Nil when the kind is another one.
    public init?(json: JSON) {
        guard case .object = json, json["kind"]?.stringValue == "Status" else { return nil }
        self.init(
            status: json["status"]?.stringValue ?? "", code: Int(clamping: json["code"]?.intValue ?? 0),
            reason: StatusReason(rawValue: json["reason"]?.stringValue ?? ""),
            message: json["message"]?.stringValue ?? "", details: json["details"].flatMap(Details.init(json:)))
    }

    /// The whole object, with `apiVersion` and `kind`.
    public var json: JSON {
        var object: JSONObject = ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": .string(status)]
        if !message.isEmpty { object["message"] = .string(message) }
        if reason != .unknown { object["reason"] = .string(reason.rawValue) }
        object["details"] = details?.json
        object["code"] = .int(Int64(code))
        return .object(object)
    }
}

extension Status: Codable {
    public init(from decoder: any Decoder) throws {
        guard let status = Status(json: try JSON(from: decoder)) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "an object of kind Status was expected"))
        }
        self = status
    }

    public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}

extension Status.Details {
    init?(json: JSON) {
        guard case .object = json else { return nil }
        self.init(
            name: json["name"]?.stringValue, group: json["group"]?.stringValue, kind: json["kind"]?.stringValue,
            uid: json["uid"]?.stringValue,
            causes: json["causes"]?.arrayValue.map { causes in
                causes.map {
                    Status.Cause(
                        reason: $0["reason"]?.stringValue, message: $0["message"]?.stringValue,
                        field: $0["field"]?.stringValue)
                }
            }, retryAfterSeconds: json["retryAfterSeconds"]?.intValue)
    }

    var json: JSON {
        var object = JSONObject()
        object["name"] = name.map(JSON.string)
        object["group"] = group.map(JSON.string)
        object["kind"] = kind.map(JSON.string)
        object["uid"] = uid.map(JSON.string)
        object["causes"] = causes.map { causes in
            .array(
                causes.map { cause in
                    var item = JSONObject()
                    item["reason"] = cause.reason.map(JSON.string)
                    item["message"] = cause.message.map(JSON.string)
                    item["field"] = cause.field.map(JSON.string)
                    return .object(item)
                })
        }
        object["retryAfterSeconds"] = retryAfterSeconds.map(JSON.int)
        return .object(object)
    }
}
