/// One aspect of an object's state, in the form all Kubernetes kinds share.
public struct Condition: Codable, Hashable, Sendable {
    public var type: String
    /// `True`, `False` or `Unknown`.
    public var status: String
    /// One CamelCase word.
    public var reason: String
    public var message: String
    /// When `status` last changed.
    public var lastTransitionTime: Timestamp?
    /// The generation that was looked at.
    public var observedGeneration: Int64?

    public init(
        type: String, status: String, reason: String, message: String = "", lastTransitionTime: Timestamp? = nil,
        observedGeneration: Int64? = nil
    ) {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
        self.lastTransitionTime = lastTransitionTime
        self.observedGeneration = observedGeneration
    }

    public var isTrue: Bool { status == "True" }
    public var isFalse: Bool { status == "False" }

    private enum CodingKeys: String, CodingKey {
        case type, status, observedGeneration, lastTransitionTime, reason, message
    }

    /// Reason and message may be missing: old kinds leave them out.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        type = try container.decode(String.self, forKey: .type)
        status = try container.decode(String.self, forKey: .status)
        reason = try container.decodeIfPresent(String.self, forKey: .reason) ?? ""
        message = try container.decodeIfPresent(String.self, forKey: .message) ?? ""
        lastTransitionTime = try container.decodeIfPresent(Timestamp.self, forKey: .lastTransitionTime)
        observedGeneration = try container.decodeIfPresent(Int64.self, forKey: .observedGeneration)
    }
}

extension [Condition] {
    /// The condition of a type.
    public subscript(type type: String) -> Condition? { first { $0.type == type } }

    public func isTrue(_ type: String) -> Bool { self[type: type]?.isTrue ?? false }

    /// Adds a condition, or changes the one of its type; says whether anything changed.
    ///
    /// `lastTransitionTime` moves only when the status does: to the given one or else to `now`, in whole seconds.
    @discardableResult
    public mutating func set(_ condition: Condition, now: Timestamp = .now()) -> Bool {
        var condition = condition
        let old = self[type: condition.type]
        if let old, old.status == condition.status, let since = old.lastTransitionTime {
            condition.lastTransitionTime = since
        } else if condition.lastTransitionTime == nil {
            condition.lastTransitionTime = Timestamp(seconds: now.seconds)
        }
        if condition == old { return false }
        if let index = firstIndex(where: { $0.type == condition.type }) {
            self[index] = condition
        } else {
            append(condition)
        }
        return true
    }

    public mutating func remove(type: String) { removeAll { $0.type == type } }
}
