import KubeCore

extension CRDValueValidator {
    // MARK: Lists

    func checkElements(_ elements: [JSON], old: JSON?, _ node: CRDSchemaNode, at name: String) -> Outcome {
        var outcome = Outcome()
        if let items = node.items {
            let counterparts = CRDCorrelation(old, node.schema)
            for (index, element) in elements.enumerated() {
                outcome.merge(
                    ratcheted(element, old: counterparts.element(for: element), items, at: "\(name)[\(index)]"))
            }
        }
        let count = Int64(elements.count)
        if let limit = node.schema.minItems, count < limit {
            outcome.errors.append(invalid(name, .int(count), "should have at least \(limit) items"))
        }
        if let limit = node.schema.maxItems, count > limit {
            outcome.errors.append(.tooMany(field(name), elements.count, max: limit))
        }
        if node.schema.uniqueItems, Set(elements).count < elements.count {
            outcome.errors.append(invalid(name, nil, "shouldn't contain duplicates"))
        }
        outcome.successes += 1
        return outcome
    }

    // MARK: Objects

    func checkMembers(_ object: JSONObject, old: JSON?, _ node: CRDSchemaNode, at name: String) -> Outcome {
        var outcome = Outcome()
        let schema = node.schema
        let count = Int64(object.count)
        if let limit = schema.minProperties, count < limit {
            outcome.errors.append(invalid(name, .int(count), "should have at least \(limit) properties"))
        }
        if let limit = schema.maxProperties, count > limit {
            outcome.errors.append(.tooMany(field(name), object.count, max: limit))
        }
        let isForbidding = schema.allowsAdditionalProperties == false
        for (key, member) in object {
            let counterpart = CRDCorrelation.member(key, of: old, schema, isRoot: name.isEmpty)
            if let property = node.properties[key] {
                let path = name.isEmpty ? key : "\(name).\(key)"
                outcome.merge(ratcheted(member, old: counterpart, property, at: path))
            } else if isForbidding {
                outcome.errors.append(
                    .invalid(field(name), .string(key), "\(name).\(key) in body is a forbidden property"))
            } else if let additional = node.additionalProperties {
                outcome.merge(ratcheted(member, old: counterpart, additional, at: "\(name).\(key)"))
            }
        }
        for key in schema.required where object[key] == nil {
            outcome.errors.append(.required(field("\(name).\(key)")))
        }
        return outcome
    }

    // MARK: Combinations

    func checkCombinations(_ value: JSON, old: JSON?, _ node: CRDSchemaNode, at name: String) -> Outcome {
        var outcome = Outcome()
        let quoted = FieldError.quoted(name)
        if !node.anyOf.isEmpty {
            outcome.merge(checkAnyOf(value, old: old, node.anyOf, at: name, quoted))
        }
        if !node.oneOf.isEmpty {
            outcome.merge(checkOneOf(value, old: old, node.oneOf, at: name, quoted))
        }
        if !node.allOf.isEmpty {
            let branches = node.allOf.map { evaluate(value, old: old, $0, at: name) }
            branches.forEach { outcome.merge($0) }
            let valid = branches.count { $0.errors.isEmpty }
            if valid < branches.count {
                let none = valid == 0 ? ". None validated" : ""
                outcome.errors.append(general("\(quoted) must validate all the schemas (allOf)\(none)"))
            }
        }
        if let not = node.not, evaluate(value, old: old, not, at: name).errors.isEmpty {
            outcome.errors.append(general("\(quoted) must not validate the schema (not)"))
        }
        outcome.successes += 1
        return outcome
    }

    private func checkAnyOf(
        _ value: JSON, old: JSON?, _ branches: [CRDSchemaNode], at name: String, _ quoted: String
    ) -> Outcome {
        var best: Outcome?
        for branch in branches {
            let result = evaluate(value, old: old, branch, at: name)
            if result.errors.isEmpty {
                return result
            }
            best = Self.further(best, result)
        }
        var outcome = Outcome(errors: [general("\(quoted) must validate at least one schema (anyOf)")])
        best.map { outcome.merge($0) }
        return outcome
    }

    private func checkOneOf(
        _ value: JSON, old: JSON?, _ branches: [CRDSchemaNode], at name: String, _ quoted: String
    ) -> Outcome {
        var valid: [Outcome] = []
        var best: Outcome?
        for branch in branches {
            let result = evaluate(value, old: old, branch, at: name)
            if result.errors.isEmpty {
                valid.append(result)
            } else if valid.isEmpty {
                best = Self.further(best, result)
            }
        }
        if valid.count == 1 {
            return valid[0]
        }
        let found = valid.isEmpty ? "Found none valid" : "Found \(valid.count) valid alternatives"
        var outcome = Outcome(errors: [general("\(quoted) must validate one and only one schema (oneOf). \(found)")])
        if valid.isEmpty {
            best.map { outcome.merge($0) }
        }
        return outcome
    }

    private static func further(_ best: Outcome?, _ next: Outcome) -> Outcome {
        guard let best, next.successes <= best.successes else { return next }
        return best
    }
}

/// Which part of an old value a part of the new one replaces.
struct CRDCorrelation {
    private let elements: [JSON]
    private let keyed: [JSON: JSON]
    private let schema: Schema

    /// For the elements of a list. Only those of lists of type map and set have counterparts: in others an element has no
    /// identity.
    init(_ old: JSON?, _ schema: Schema) {
        self.schema = schema
        elements = schema.listType == .set ? old?.arrayValue ?? [] : []
        if schema.listType == .map, let old = old?.arrayValue {
            keyed = Dictionary(
                old.map { (CRDListTypes.key(of: $0, schema.listMapKeys), $0) }, uniquingKeysWith: { first, _ in first })
        } else {
            keyed = [:]
        }
    }

    func element(for new: JSON) -> JSON? {
        switch schema.listType {
        case .map?: keyed[CRDListTypes.key(of: new, schema.listMapKeys)]
        case .set?: elements.first { $0 == new }
        default: nil
        }
    }

    /// The counterpart of a member of an object. The version and kind of a whole object have none, as they are converted.
    static func member(_ name: String, of old: JSON?, _ schema: Schema, isRoot: Bool) -> JSON? {
        if schema.mapType == .atomic || (isRoot && (name == "apiVersion" || name == "kind")) {
            return nil
        }
        return old?[name]
    }
}
