import KubeCore

/// What the schema of one version of a custom kind does to its objects: dropping unknown fields, filling in defaults,
/// validation by schema and by CEL rules. All of it is pure.
///
/// The order of a write is `prune`, `setDefaults`, `validate`; that of a read from the store `prune`, `setDefaults`, as the
/// schema may have changed since the write. Behaviour and wording are those of Kubernetes 1.36
/// (k8s.io/apiextensions-apiserver, k8s.io/kube-openapi).
package struct CustomResourceSchema: Sendable {
    /// The schema, as field management and documents see it.
    package let schema: Schema
    let root: CRDSchemaNode
    private let scale: CRDScalePaths?

    /// - Parameters:
    ///   - openAPIV3Schema: `spec.versions[*].schema.openAPIV3Schema`; nil keeps and allows everything.
    ///   - scale: `spec.versions[*].subresources.scale`, whose paths must hold numbers.
    package init(openAPIV3Schema: JSON?, scale: JSON? = nil) {
        schema = openAPIV3Schema.map { Schema.structural($0) } ?? .anything
        root = CRDSchemaNode(schema)
        self.scale = scale.flatMap { CRDScalePaths($0) }
    }

    /// Drops fields that the schema does not have, but for those under `x-kubernetes-preserve-unknown-fields`.
    /// `apiVersion`, `kind` and `metadata` of the object and of embedded resources stay; of their metadata only the fields
    /// that metadata has.
    /// - Returns: the paths of what was dropped, sorted: `spec.parts[0].extra`.
    package func prune(_ object: inout JSON) -> [String] {
        var pruner = CRDPruner()
        pruner.prune(&object, schema, isRoot: true)
        return pruner.paths.sorted()
    }

    /// Drops nulls where the schema does not allow them, and fills in defaults at every level.
    package func setDefaults(_ object: inout JSON) {
        CRDDefaulting.setDefaults(&object, schema)
    }

    /// The errors of an object that is created (`old` is nil) or that replaces `old`.
    ///
    /// Parts that did not change since `old` are not held against the schema (ratcheting), so that a schema may be
    /// tightened. After an error that leaves types or required fields in doubt the CEL rules are not run, which one more error says.
    package func validate(_ object: JSON, old: JSON? = nil) -> [FieldError] {
        var errors = CRDValueValidator(prefix: nil).validate(object, old: old, against: root)
        errors += scale?.validate(object) ?? []
        errors += CRDEmbeddedResources.validate(object, root, isRoot: true)
        errors += CRDListTypes.validate(object, schema)
        guard root.hasRules else { return errors }
        if errors.contains(where: \.hidesRules) {
            return errors + [Self.rulesNotChecked]
        }
        var evaluator = CRDRuleEvaluator()
        return errors + evaluator.validate(object, old: old, root, at: nil, isRoot: true)
    }

    private static let rulesNotChecked = FieldError.invalid(
        "<nil>", .null,
        "some validation rules were not checked because the object was invalid; "
            + "correct the existing errors to complete validation")
}

extension FieldError {
    /// Whether rules that read the object would only fail for the same reason.
    fileprivate var hidesRules: Bool {
        switch kind {
        case .notSupported, .required, .tooLong, .tooMany, .typeInvalid: true
        default: false
        }
    }
}

/// The paths of a scale subresource, which must lead to numbers.
struct CRDScalePaths: Sendable {
    private let replicas: [String]
    private let labelSelector: String?

    init?(_ scale: JSON) {
        guard scale.objectValue != nil else { return nil }
        replicas = ["specReplicasPath", "statusReplicasPath"].compactMap { scale[$0]?.stringValue }.filter {
            !$0.isEmpty
        }
        labelSelector = scale["labelSelectorPath"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    }

    func validate(_ object: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        for path in replicas {
            switch Self.value(at: path, in: object) {
            case nil: break
            case .int(let number)? where number < 0:
                errors.append(.invalid(path, .int(number), "should be a non-negative integer"))
            case .int(let number)? where number > Int64(Int32.max):
                errors.append(.invalid(path, .int(number), "should be less than or equal to \(Int32.max)"))
            case .int?: break
            case let value?: errors.append(.invalid(path, 0, Self.complaint(path, value, "int64")))
            }
        }
        if let path = labelSelector, let value = Self.value(at: path, in: object), value.stringValue == nil {
            errors.append(.invalid(path, "", Self.complaint(path, value, "string")))
        }
        return errors
    }

    private static func value(at path: String, in object: JSON) -> JSON? {
        object.at(path.split(separator: ".").map(String.init))
    }

    private static func complaint(_ path: String, _ value: JSON, _ type: String) -> String {
        "\(path) accessor error: \(FieldError.show(value)) is of the type \(value.goType), expected \(type)"
    }
}

extension JSON {
    /// What Go calls the type of a decoded value.
    fileprivate var goType: String {
        switch self {
        case .null: "<nil>"
        case .bool: "bool"
        case .int: "int64"
        case .double: "float64"
        case .string: "string"
        case .array: "[]interface {}"
        case .object: "map[string]interface {}"
        }
    }
}
