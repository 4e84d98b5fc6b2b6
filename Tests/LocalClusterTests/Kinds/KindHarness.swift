import KubeCore
import Testing

@testable import LocalCluster

/// Writes to objects of one kind as the server does them, without storing anything.
struct KindHarness {
    let kind: KindDescription
    var used: Set<String> = []
    var usedPorts: Set<Int64> = []

    init(_ plural: String, group: String = "") throws {
        kind = try #require(BuiltInKinds.kind(group: group, plural: plural))
    }

    private func context(_ subresource: String? = nil) -> StrategyContext {
        let (used, usedPorts) = (used, usedPorts)
        return StrategyContext(
            now: Timestamp(seconds: 1_704_067_200), subresource: subresource, version: "v1",
            network: ServiceNetwork(
                range: "10.96.0.0/28", nodePorts: 30000...30003, isAddressUsed: { used.contains($0) },
                isNodePortUsed: { usedPorts.contains($0) }))
    }

    /// The object as it would be stored.
    func create(_ object: JSON) throws(Status) -> JSON {
        let (stored, errors) = try attempt(object)
        if !errors.isEmpty {
            throw errors.status(kind: kind.names.kind, group: kind.group, name: object.text("metadata", "name"))
        }
        return stored
    }

    /// What is wrong with the object, as the message lists it.
    func errors(creating object: JSON) throws(Status) -> [String] { try attempt(object).errors.map(\.text) }

    private func attempt(_ object: JSON) throws(Status) -> (JSON, errors: [FieldError]) {
        var object = object
        if kind.isNamespaced, object.at("metadata", "namespace") == nil {
            object.set("ns", at: ["metadata", "namespace"])
        }
        kind.strategy.setDefaults(&object)
        object.set("u-1", at: ["metadata", "uid"])
        try kind.strategy.prepareForCreate(&object, context())
        return (object, kind.strategy.validateCreate(object, context()))
    }

    func update(_ old: JSON, _ patch: JSON, subresource: String? = nil) throws(Status) -> JSON {
        let (new, errors) = try attempt(old, patch, subresource)
        if !errors.isEmpty {
            throw errors.status(kind: kind.names.kind, group: kind.group, name: old.text("metadata", "name"))
        }
        return new
    }

    func errors(updating old: JSON, _ patch: JSON, subresource: String? = nil) throws(Status) -> [String] {
        try attempt(old, patch, subresource).errors.map(\.text)
    }

    private func attempt(
        _ old: JSON, _ patch: JSON, _ subresource: String?
    ) throws(Status) -> (JSON, errors: [FieldError]) {
        var new = MergePatch.apply(patch, to: old)
        kind.strategy.setDefaults(&new)
        ObjectMetaRules.carryOver(from: old, to: &new)
        try kind.strategy.prepareForUpdate(&new, old: old, context(subresource))
        return (new, kind.strategy.validateUpdate(new, old: old, context(subresource)))
    }
}

extension JSON {
    /// This value with a merge patch applied.
    func patched(_ patch: JSON) -> JSON { MergePatch.apply(patch, to: self) }
}
