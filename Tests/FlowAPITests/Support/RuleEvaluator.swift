import CEL
import FlowAPI
import KubeCore

extension CRDSchema {
    /// What the CEL rules of this schema say about a value, each with the path of its node: a small model of the API
    /// server's own evaluation, which runs rules with `oldSelf` on updates only.
    func violations(_ value: JSON, old: JSON? = nil, path: String = "") throws -> [String] {
        var found: [String] = []
        for rule in rules {
            let isTransition = rule.rule.contains("oldSelf")
            guard !isTransition || old != nil else { continue }
            var bindings: Bindings = ["self": Value(value)]
            bindings["oldSelf"] = old.map { Value($0) }
            guard try Expression(rule.rule).evaluate(bindings) != .bool(true) else { continue }
            var message = rule.message
            if let source = rule.messageExpression, case .string(let text) = try Expression(source).evaluate(bindings) {
                message = text
            }
            found.append("\(path)\(rule.fieldPath ?? ""): \(message)")
        }
        switch kind {
        case .object(let properties):
            for property in properties {
                guard let child = value[property.name] else { continue }
                found += try property.schema.violations(
                    child, old: old?[property.name], path: "\(path).\(property.name)")
            }
        case .map(let values):
            for (key, child) in value.objectValue ?? [:] {
                found += try values.violations(child, old: old?[key], path: "\(path).\(key)")
            }
        case .list(let items):
            for (index, child) in (value.arrayValue ?? []).enumerated() {
                // Atomic lists have no old items; those of map lists are found by their key.
                var oldChild: JSON?
                if case .map(let keys) = listType, let key = keys.first {
                    oldChild = old?.arrayValue?.first { $0[key] == child[key] }
                }
                found += try items.violations(child, old: oldChild, path: "\(path)[\(index)]")
            }
        case .string, .integer, .number, .boolean, .any, .anyObject: break
        }
        return found
    }

    /// Fields of a value that the schema does not have, and values of other types than it says.
    func misfits(_ value: JSON, path: String = "") -> [String] {
        switch (kind, value) {
        case (.object(let properties), .object(let object)):
            return object.flatMap { key, child -> [String] in
                guard let property = properties.first(where: { $0.name == key }) else {
                    return path == ".metadata" ? [] : ["\(path).\(key): unknown"]
                }
                return property.schema.misfits(child, path: "\(path).\(key)")
            } + properties.filter { $0.isRequired && object[$0.name] == nil }.map { "\(path).\($0.name): missing" }
        case (.map(let values), .object(let object)):
            return object.flatMap { key, child in values.misfits(child, path: "\(path).\(key)") }
        case (.list(let items), .array(let array)):
            return array.enumerated().flatMap { items.misfits($1, path: "\(path)[\($0)]") }
        case (.string, .string(let text)):
            return allowed.isEmpty || allowed.contains(text) ? [] : ["\(path): '\(text)' is not allowed"]
        case (.integer, .int), (.number, .int), (.number, .double), (.boolean, .bool), (.any, _), (.anyObject, .object):
            return []
        default:
            return ["\(path): \(value) is of another type"]
        }
    }
}
