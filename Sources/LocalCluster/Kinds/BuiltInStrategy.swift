import KubeCore

/// A strategy of a built-in kind: what built-in kinds do alike is done here, and a kind adds what is its own.
protocol BuiltInStrategy: KindStrategy {
    var common: CommonRules { get }

    /// Defaults of the kind, on an object that is in typed form.
    func fillDefaults(_ object: inout JSON)

    /// Errors of the kind's own fields, on create and on update.
    func validate(_ object: JSON) -> [FieldError]

    /// Errors of the change, besides those of `validate`.
    func validateChange(_ new: JSON, old: JSON) -> [FieldError]

    /// Errors of a write to the status.
    func validateStatus(_ new: JSON, old: JSON) -> [FieldError]

    /// What creation sets or clears after the common rules.
    func adaptCreated(_ object: inout JSON, _ context: StrategyContext) throws(Status)

    /// What an update of the main resource restores or derives after the common rules.
    func adaptUpdated(_ new: inout JSON, old: JSON, _ context: StrategyContext) throws(Status)

    /// What a write to the status restores or derives after the common rules.
    func adaptStatus(_ new: inout JSON, old: JSON)
}

/// What most kinds do, as facts.
struct CommonRules: Sendable {
    var schema: Schema
    var metadata: ObjectMetaRules
    /// The main resource ignores `status`, and /status ignores the rest.
    var hasStatus = false
    /// Creation drops the status; nodes, namespaces and a few others keep or make one.
    var dropsStatusOnCreate = true
    /// `metadata.generation` counts changes of the spec.
    var tracksGeneration = false
    var allowsCreateOnUpdate = false
    var allowsUnconditionalUpdate = true
    var deletionAnswer = DeletionAnswer.status
    var defaultPropagation = DefaultPropagation.background

    init(_ definition: String, isNamespaced: Bool, name: @escaping @Sendable (String) -> [String] = NameRules.subdomain)
    {
        schema = SchemaLibrary.shared.schema(definition)
        metadata = ObjectMetaRules(isNamespaced: isNamespaced, name: name)
    }

    func with(_ change: (inout CommonRules) -> Void) -> CommonRules {
        var rules = self
        change(&rules)
        return rules
    }
}

extension BuiltInStrategy {
    func fillDefaults(_ object: inout JSON) {}
    func validate(_ object: JSON) -> [FieldError] { [] }
    func validateChange(_ new: JSON, old: JSON) -> [FieldError] { [] }
    func validateStatus(_ new: JSON, old: JSON) -> [FieldError] { [] }
    func adaptCreated(_ object: inout JSON, _ context: StrategyContext) throws(Status) {}
    func adaptUpdated(_ new: inout JSON, old: JSON, _ context: StrategyContext) throws(Status) {}
    func adaptStatus(_ new: inout JSON, old: JSON) {}

    package var allowsCreateOnUpdate: Bool { common.allowsCreateOnUpdate }
    package var allowsUnconditionalUpdate: Bool { common.allowsUnconditionalUpdate }
    package var deletionAnswer: DeletionAnswer { common.deletionAnswer }
    package var defaultPropagation: DefaultPropagation { common.defaultPropagation }

    package func setDefaults(_ object: inout JSON) {
        object = TypedForm.normalize(object, common.schema)
        fillDefaults(&object)
    }

    package func prepareForCreate(_ object: inout JSON, _ context: StrategyContext) throws(Status) {
        if common.hasStatus, common.dropsStatusOnCreate { object["status"] = nil }
        object.set(common.tracksGeneration ? 1 : nil, at: ["metadata", "generation"])
        try adaptCreated(&object, context)
        TypedForm.restore("status", of: &object, common.schema)
    }

    package func prepareForUpdate(_ new: inout JSON, old: JSON, _ context: StrategyContext) throws(Status) {
        let generation = old.at("metadata", "generation")
        new.set(generation, at: ["metadata", "generation"])
        if context.subresource == "status" {
            for (key, _) in new.objectValue ?? [:] where !Self.writableThroughStatus.contains(key) { new[key] = nil }
            for (key, value) in old.objectValue ?? [:] where !Self.writableThroughStatus.contains(key) {
                new[key] = value
            }
            new.set(old.at("metadata", "ownerReferences"), at: ["metadata", "ownerReferences"])
            new.set(old.at("metadata", "deletionTimestamp"), at: ["metadata", "deletionTimestamp"])
            adaptStatus(&new, old: old)
            TypedForm.restore("status", of: &new, common.schema)
            return
        }
        if common.hasStatus { new["status"] = old["status"] }
        try adaptUpdated(&new, old: old, context)
        TypedForm.restore("status", of: &new, common.schema)
        guard common.tracksGeneration, new["spec"] != old["spec"] else { return }
        new.set(.int((generation?.intValue ?? 0) &+ 1), at: ["metadata", "generation"])
    }

    package func validateCreate(_ object: JSON, _ context: StrategyContext) -> [FieldError] {
        common.metadata.validate(object) + validate(object)
    }

    package func validateUpdate(_ new: JSON, old: JSON, _ context: StrategyContext) -> [FieldError] {
        let errors = common.metadata.validateUpdate(new, old: old)
        if context.subresource == "status" { return errors + validateStatus(new, old: old) }
        return errors + validate(new) + validateChange(new, old: old)
    }

    private static var writableThroughStatus: Set<String> { ["apiVersion", "kind", "metadata", "status"] }
}

/// The strategy of kinds with no rules of their own.
struct PlainStrategy: BuiltInStrategy {
    var common: CommonRules
}
