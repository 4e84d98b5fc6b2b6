import KubeCore

/// v1 Events. Those with an `eventTime` follow the strict rules of the events.k8s.io group.
struct EventStrategy: BuiltInStrategy {
    var common: CommonRules

    static let selectable = [
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
        "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
        "reportingComponent", "source", "type",
    ]

    func fieldValue(_ path: String, of object: JSON) -> String {
        if path == "source" {
            let component = object.text("source", "component")
            return component.isEmpty ? object.text("reportingComponent") : component
        }
        return object.at(path.split(separator: ".").map(String.init))?.stringValue ?? ""
    }

    /// Under both groups' names: each group selects among the events of the other one too.
    func fieldValues(_ paths: [String], of object: JSON) -> [String: String] {
        var values: [String: String] = [:]
        for path in Self.selectable { values[path] = fieldValue(path, of: object) }
        for path in NewEventStrategy.selectable {
            values[path] = fieldValue(NewEventStrategy.corePath(path), of: object)
        }
        return values
    }

    func validate(_ object: JSON) -> [FieldError] {
        let involved = object.text("involvedObject", "namespace")
        let namespace = object.text("metadata", "namespace")
        var errors: [FieldError] = []
        // Objects without a namespace, such as Nodes, are reported in `default`.
        let isMatching = involved.isEmpty ? ["default", "kube-system"].contains(namespace) : involved == namespace
        if !isMatching {
            errors.append(.invalid("involvedObject.namespace", .string(involved), "does not match event.namespace"))
        }
        return errors + (object["eventTime"] == nil ? [] : strict(object))
    }

    private func strict(_ object: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        let controller = object.text("reportingComponent")
        if controller.isEmpty { errors.append(.required("reportingComponent")) }
        errors += FieldChecks.names(controller, "reportingComponent", NameRules.qualifiedName)
        if object.text("reportingInstance").isEmpty { errors.append(.required("reportingInstance")) }
        if object.text("reportingInstance").utf8.count > 128 {
            errors.append(.invalid("reportingInstance", "", "can have at most 128 characters"))
        }
        if object.text("action").isEmpty { errors.append(.required("action")) }
        if object.text("action").utf8.count > 128 {
            errors.append(.invalid("action", "", "can have at most 128 characters"))
        }
        if object.text("reason").isEmpty { errors.append(.required("reason")) }
        if object.text("reason").utf8.count > 128 {
            errors.append(.invalid("reason", "", "can have at most 128 characters"))
        }
        if object.text("message").utf8.count > 1024 {
            errors.append(.invalid("message", "", "can have at most 1024 characters"))
        }
        if !["Normal", "Warning"].contains(object.text("type")) {
            errors.append(.invalid("type", "", "has invalid value: \(object.text("type"))"))
        }
        return errors
    }

    func validateChange(_ new: JSON, old: JSON) -> [FieldError] {
        guard new["eventTime"] != nil || old["eventTime"] != nil else { return [] }
        let fields = [
            "involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp", "count",
            "reportingComponent",
            "reportingInstance", "type", "eventTime", "related", "action",
        ]
        return fields.flatMap { FieldChecks.immutable(new[$0], old[$0], $0) }
    }
}

/// events.k8s.io/v1 Events: v1 Events under other field names.
struct NewEventStrategy: BuiltInStrategy {
    var common: CommonRules

    static let selectable = [
        "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid", "regarding.apiVersion",
        "regarding.resourceVersion", "regarding.fieldPath", "reason", "reportingController", "type",
    ]

    private static let renamed = [
        ("regarding", "involvedObject"), ("note", "message"), ("reportingController", "reportingComponent"),
        ("deprecatedSource", "source"), ("deprecatedFirstTimestamp", "firstTimestamp"),
        ("deprecatedLastTimestamp", "lastTimestamp"), ("deprecatedCount", "count"),
    ]

    /// Where v1 has what this group's field selectors call `path`.
    static func corePath(_ path: String) -> String {
        let parts = path.split(separator: ".").map(String.init)
        let first = renamed.first { $0.0 == parts.first }?.1 ?? parts.first
        return ([first].compactMap(\.self) + parts.dropFirst()).joined(separator: ".")
    }

    func fieldValues(_ paths: [String], of object: JSON) -> [String: String] {
        stored.fieldValues(paths, of: toStored(object, version: "v1"))
    }

    /// The v1 strategy, which these objects are checked by in their stored form.
    private var stored: EventStrategy {
        EventStrategy(common: CommonRules("io.k8s.api.core.v1.Event", isNamespaced: true))
    }

    package func fromStored(_ object: JSON, version: String) -> JSON {
        var object = object
        object["apiVersion"] = "events.k8s.io/v1"
        for (new, core) in Self.renamed { object.rename(core, to: new) }
        return TypedForm.normalize(object, common.schema)
    }

    package func toStored(_ object: JSON, version: String) -> JSON {
        var object = object
        object["apiVersion"] = "v1"
        for (new, core) in Self.renamed { object.rename(new, to: core) }
        return TypedForm.normalize(object, stored.common.schema)
    }

    func validate(_ object: JSON) -> [FieldError] {
        var errors = stored.validate(toStored(object, version: "v1"))
        if object["eventTime"] == nil, object.text("deprecatedFirstTimestamp").isEmpty {
            errors.append(.required("eventTime"))
        }
        return errors
    }

    func validateChange(_ new: JSON, old: JSON) -> [FieldError] {
        stored.validateChange(toStored(new, version: "v1"), old: toStored(old, version: "v1"))
    }
}

extension JSON {
    fileprivate mutating func rename(_ old: String, to new: String) {
        guard let value = self[old] else { return }
        self[old] = nil
        self[new] = value
    }
}
