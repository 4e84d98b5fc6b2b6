import KubeCore

/// What a write to a kind means beyond storing it. All of it is pure; what needs other objects is given in the context.
///
/// The order of a create: decode, prune or report unknown fields by schema, `setDefaults`, admission (mutating),
/// `prepareForCreate`, system metadata (uid, creationTimestamp, generation, managedFields …), `validateCreate`,
/// store. Of an update or patch: the same with `prepareForUpdate` and `validateUpdate`. Of any read: `setDefaults` is
/// not needed for built-in kinds, as they were stored with defaults.
package protocol KindStrategy: Sendable {
    /// Fills in what the API server fills in when it decodes an object of this kind. Idempotent.
    func setDefaults(_ object: inout JSON)

    /// Clears what a client may not set on creation (such as status), sets the generation and derived fields.
    func prepareForCreate(_ object: inout JSON, _ context: StrategyContext) throws(Status)

    /// `new` is the object as the client would have it; `context.subresource` says which path is written. Restores
    /// from `old` what that path may not change, and moves `metadata.generation` when it should move.
    func prepareForUpdate(_ new: inout JSON, old: JSON, _ context: StrategyContext) throws(Status)

    /// Errors of the object's own fields and of its metadata. The schema has been checked by the caller.
    func validateCreate(_ object: JSON, _ context: StrategyContext) -> [FieldError]

    /// Errors of `new`, immutable fields that changed among them.
    func validateUpdate(_ new: JSON, old: JSON, _ context: StrategyContext) -> [FieldError]

    /// Texts for `Warning` headers of a create (`old` is nil) or an update.
    func warnings(_ object: JSON, old: JSON?) -> [String]

    /// How many seconds the object stays marked before it goes; 0 means at once. nil: the kind knows no graceful
    /// deletion.
    func gracePeriodSeconds(of object: JSON, requested: Int64?) -> Int64?

    /// What DELETE answers when the object is gone at once.
    var deletionAnswer: DeletionAnswer { get }

    /// What happens to dependents when DELETE does not say.
    var defaultPropagation: DefaultPropagation { get }

    /// PUT to a name that does not exist creates it.
    var allowsCreateOnUpdate: Bool { get }

    /// PUT without a resourceVersion is accepted.
    var allowsUnconditionalUpdate: Bool { get }

    /// Converts from the stored form (another API version or group) to the given version, and back.
    func fromStored(_ object: JSON, version: String) -> JSON
    func toStored(_ object: JSON, version: String) -> JSON

    /// What a field selector sees at `path`, one of the version's `selectableFields`; "" when absent.
    func fieldValue(_ path: String, of object: JSON) -> String

    /// What is kept of an object for field selectors: its version's `selectableFields`, and those of other kinds that show
    /// the same objects.
    func fieldValues(_ paths: [String], of object: JSON) -> [String: String]
}

package enum DeletionAnswer: Sendable, Hashable { case object, status }

package enum DefaultPropagation: Sendable, Hashable { case background, orphan }

/// What a strategy may know of the request and of the cluster.
package struct StrategyContext: Sendable {
    package var now: Timestamp
    /// nil for the main resource; `status`, `finalize`, …
    package var subresource: String?
    /// The version of the request, such as `v1`.
    package var version: String
    /// Addresses and ports for Services; nil leaves them unallocated.
    package var network: ServiceNetwork?

    package init(now: Timestamp, subresource: String? = nil, version: String, network: ServiceNetwork? = nil) {
        self.now = now
        self.subresource = subresource
        self.version = version
        self.network = network
    }
}

/// The Service addresses and node ports of a cluster. Allocation is "pick one that no Service has", so the server
/// must hold writes of Services one at a time between asking and storing; nothing needs to be released.
package struct ServiceNetwork: Sendable {
    /// Such as `10.96.0.0/16`, IPv4.
    package var range: String
    package var nodePorts: ClosedRange<Int64>
    package var isAddressUsed: @Sendable (String) -> Bool
    package var isNodePortUsed: @Sendable (Int64) -> Bool

    package init(
        range: String = "10.96.0.0/16", nodePorts: ClosedRange<Int64> = 30000...32767,
        isAddressUsed: @escaping @Sendable (String) -> Bool, isNodePortUsed: @escaping @Sendable (Int64) -> Bool
    ) {
        self.range = range
        self.nodePorts = nodePorts
        self.isAddressUsed = isAddressUsed
        self.isNodePortUsed = isNodePortUsed
    }
}

extension KindStrategy {
    package func setDefaults(_ object: inout JSON) {}
    package func prepareForCreate(_ object: inout JSON, _ context: StrategyContext) throws(Status) {}
    package func prepareForUpdate(_ new: inout JSON, old: JSON, _ context: StrategyContext) throws(Status) {}
    package func validateCreate(_ object: JSON, _ context: StrategyContext) -> [FieldError] { [] }
    package func validateUpdate(_ new: JSON, old: JSON, _ context: StrategyContext) -> [FieldError] { [] }
    package func warnings(_ object: JSON, old: JSON?) -> [String] { [] }
    package func gracePeriodSeconds(of object: JSON, requested: Int64?) -> Int64? { nil }
    package var deletionAnswer: DeletionAnswer { .status }
    package var defaultPropagation: DefaultPropagation { .background }
    package var allowsCreateOnUpdate: Bool { false }
    package var allowsUnconditionalUpdate: Bool { true }

    package func fromStored(_ object: JSON, version: String) -> JSON { object }
    package func toStored(_ object: JSON, version: String) -> JSON { object }

    package func fieldValues(_ paths: [String], of object: JSON) -> [String: String] {
        Dictionary(paths.map { ($0, fieldValue($0, of: object)) }, uniquingKeysWith: { first, _ in first })
    }

    package func fieldValue(_ path: String, of object: JSON) -> String {
        switch object.at(path.split(separator: ".").map(String.init)) {
        case .string(let text): text
        case .bool(let flag): flag ? "true" : "false"
        case .int(let number): String(number)
        default: ""
        }
    }
}

/// The strategy of kinds defined by a CustomResourceDefinition.
package struct CustomKindStrategy: KindStrategy {
    /// Whether the version written has a status subresource.
    package var hasStatus: @Sendable (_ version: String) -> Bool
    package var group: String
    package var isNamespaced: Bool

    package init(group: String, isNamespaced: Bool, hasStatus: @escaping @Sendable (_ version: String) -> Bool) {
        self.group = group
        self.isNamespaced = isNamespaced
        self.hasStatus = hasStatus
    }

    package var allowsUnconditionalUpdate: Bool { false }

    private var rules: ObjectMetaRules { ObjectMetaRules(isNamespaced: isNamespaced, allowsPlainFinalizers: true) }

    /// Errors of the metadata only: the schema and its rules are checked by the caller.
    package func validateCreate(_ object: JSON, _ context: StrategyContext) -> [FieldError] { rules.validate(object) }

    package func validateUpdate(_ new: JSON, old: JSON, _ context: StrategyContext) -> [FieldError] {
        rules.validateUpdate(new, old: old)
    }

    package func warnings(_ object: JSON, old: JSON?) -> [String] {
        ObjectMetaRules.finalizerWarnings(object, old: old)
    }

    package func prepareForCreate(_ object: inout JSON, _ context: StrategyContext) throws(Status) {
        if hasStatus(context.version) { object["status"] = nil }
        object.set(1, at: ["metadata", "generation"])
    }

    package func prepareForUpdate(_ new: inout JSON, old: JSON, _ context: StrategyContext) throws(Status) {
        if context.subresource == "status" {
            // Only the status is taken, and of the metadata who set it.
            let status = new["status"]
            let managers = new.at("metadata", "managedFields")
            new = old
            new["status"] = status
            new.set(managers, at: ["metadata", "managedFields"])
            return
        }
        if hasStatus(context.version) { new["status"] = old["status"] }
        let moved = Self.withoutMetadata(new) != Self.withoutMetadata(old)
        let generation = old.at("metadata", "generation")?.intValue ?? 0
        new.set(.int(moved ? generation &+ 1 : generation), at: ["metadata", "generation"])
    }

    package func fromStored(_ object: JSON, version: String) -> JSON { converted(object, version) }
    package func toStored(_ object: JSON, version: String) -> JSON { converted(object, version) }

    private func converted(_ object: JSON, _ version: String) -> JSON {
        var object = object
        object["apiVersion"] = .string("\(group)/\(version)")
        return object
    }

    private static func withoutMetadata(_ object: JSON) -> JSON {
        var object = object
        object["metadata"] = nil
        object["apiVersion"] = nil
        return object
    }
}
