/// A text or an object is not a selector.
public struct SelectorError: Error, Hashable, Sendable, CustomStringConvertible {
    public var message: String

    public init(_ message: String) { self.message = message }

    public var description: String { message }
}

/// A condition on labels: all requirements have to hold. Without requirements it matches everything.
public struct LabelSelector: Sendable, Hashable {
    public enum Operator: String, Sendable, Hashable {
        case `in` = "In"
        case notIn = "NotIn"
        case exists = "Exists"
        case doesNotExist = "DoesNotExist"
        /// The label is an integer greater than the only value.
        case greaterThan = "Gt"
        /// The label is an integer less than the only value.
        case lessThan = "Lt"
    }

    public struct Requirement: Sendable, Hashable {
        public let key: String
        public let op: Operator
        /// Sorted; empty for `exists` and `doesNotExist`.
        public let values: [String]

        /// Checks the syntax of the key and of the values, and their number.
        public init(key: String, op: Operator, values: [String] = []) throws(SelectorError) {
            guard LabelSyntax.isQualifiedName(key) else { throw SelectorError("\"\(key)\" is not a label's key") }
            for value in values where !LabelSyntax.isLabelValue(value) {
                throw SelectorError("\"\(value)\" is not a label's value (of the key \(key))")
            }
            switch op {
            case .in, .notIn:
                if values.isEmpty { throw SelectorError("values for \(key) are missing: \(op.rawValue) needs some") }
            case .exists, .doesNotExist:
                if !values.isEmpty { throw SelectorError("\(op.rawValue) takes no values (of the key \(key))") }
            case .greaterThan, .lessThan:
                guard values.count == 1, Int64(values[0]) != nil else {
                    throw SelectorError("\(op.rawValue) needs exactly one integer (of the key \(key))")
                }
            }
            self.key = key
            self.op = op
            self.values = Array(Set(values)).sorted()
        }

        public func matches(_ labels: [String: String]) -> Bool {
            let value = labels[key]
            switch op {
            case .in: return value.map(values.contains) ?? false
            case .notIn: return !(value.map(values.contains) ?? false)
            case .exists: return value != nil
            case .doesNotExist: return value == nil
            case .greaterThan, .lessThan:
                guard let number = value.flatMap({ Int64($0) }), let bound = values.first.flatMap({ Int64($0) }) else {
                    return false
                }
                return op == .greaterThan ? number > bound : number < bound
            }
        }
    }

    public var requirements: [Requirement]

    public init(_ requirements: [Requirement]) { self.requirements = requirements }

    /// Matches every object.
    public static let everything = LabelSelector([])

    /// Labels that have to be as given; throws when one is no label.
    public init(matchLabels: [String: String]) throws(SelectorError) {
        requirements = []
        for (key, value) in matchLabels.sorted(by: { $0.key < $1.key }) {
            requirements.append(try Requirement(key: key, op: .in, values: [value]))
        }
    }

    /// Reads a `LabelSelector` object, `{matchLabels: …, matchExpressions: …}`. Null matches nothing in Kubernetes, so
    /// it is an error here; an empty object matches everything.
    public init(json: JSON) throws(SelectorError) {
        guard case .object = json else {
            throw SelectorError("a label selector has to be an object, but this is \(json.kindName)")
        }
        requirements = []
        for (key, value) in json["matchLabels"]?.objectValue ?? [:] {
            guard let text = value.stringValue else {
                throw SelectorError("matchLabels: the value of \(key) has to be a string, not \(value.kindName)")
            }
            requirements.append(try Requirement(key: key, op: .in, values: [text]))
        }
        for expression in json["matchExpressions"]?.arrayValue ?? [] {
            guard let key = expression["key"]?.stringValue, let name = expression["operator"]?.stringValue else {
                throw SelectorError("matchExpressions: an expression needs a key and an operator")
            }
            // Gt and Lt are for node selectors and for texts only.
            guard let op = Operator(rawValue: name), op != .greaterThan, op != .lessThan else {
                throw SelectorError("matchExpressions: \"\(name)\" is not In, NotIn, Exists or DoesNotExist")
            }
            let values = (expression["values"]?.arrayValue ?? []).compactMap(\.stringValue)
            requirements.append(try Requirement(key: key, op: op, values: values))
        }
    }

    public var isEverything: Bool { requirements.isEmpty }

    public func matches(_ labels: [String: String]) -> Bool { requirements.allSatisfy { $0.matches(labels) } }

    /// Matches the labels of an object.
    public func matches(object: JSON) -> Bool { isEverything || matches(DynamicObject(object).labels) }
}

extension LabelSelector: CustomStringConvertible {
    /// The syntax of `kubectl -l`; parses to an equal selector.
    public var description: String {
        requirements.map { requirement in
            let list = requirement.values.joined(separator: ",")
            switch requirement.op {
            case .in:
                return requirement.values.count == 1 ? "\(requirement.key)=\(list)" : "\(requirement.key) in (\(list))"
            case .notIn:
                return requirement.values.count == 1
                    ? "\(requirement.key)!=\(list)" : "\(requirement.key) notin (\(list))"
            case .exists: return requirement.key
            case .doesNotExist: return "!\(requirement.key)"
            case .greaterThan: return "\(requirement.key)>\(list)"
            case .lessThan: return "\(requirement.key)<\(list)"
            }
        }.joined(separator: ",")
    }
}
