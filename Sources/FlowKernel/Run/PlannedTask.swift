import FlowAPI
import KubeCore

/// One task of a plan, with its templates parsed.
package struct PlannedTask: Sendable {
    package let name: String
    package let needs: [String]
    let condition: Template?
    let map: Map?
    package let maxParallel: Int
    package let timeout: Duration?
    package let timeoutText: String
    package let retry: Retry
    let spec: TaskSpec
    let command: Command

    /// What a map runs over.
    enum Map: Sendable {
        case over(Template, variable: String)
        case count(Int, variable: String)

        var variable: String {
            switch self {
            case .over(_, let variable), .count(_, let variable): variable
            }
        }
    }

    /// The process of a task, with templates where the spec allows them.
    struct Command: Sendable {
        var image: Template
        var arguments: [Template]
        var workingDir: Template?
        var env: [(variable: EnvVar, value: Template?)]
    }

    init(_ spec: TaskSpec, at field: String, defaults: EngineDefaults) throws(PlanProblem) {
        self.spec = spec
        name = spec.name
        needs = spec.needs
        condition = try PlanProblem.naming("\(field).if") { try spec.if.map(Template.parse) }
        map = try PlanProblem.naming("\(field).map.over") {
            guard let map = spec.map else { return nil }
            if let over = map.over { return .over(try Template.parse(over), variable: map.variable) }
            return .count(map.count ?? 0, variable: map.variable)
        }
        maxParallel = spec.map?.maxParallel ?? Int.max
        timeoutText = spec.timeout ?? defaults.timeout ?? ""
        timeout = try PlanProblem.naming("\(field).timeout") {
            try (spec.timeout ?? defaults.timeout).map(FlowDuration.parse)
        }
        retry = try PlanProblem.naming("\(field).retry") { try Retry(spec.retry ?? defaults.retry) }

        let process = try PlanProblem.naming(field) { try BuiltInRuntime.process(of: spec, defaults: defaults) }
        command = Command(
            image: try PlanProblem.naming("\(field).image") { try Template.parse(process.image) },
            arguments: try PlanProblem.naming("\(field).args") { try process.arguments() },
            workingDir: try PlanProblem.naming("\(field).container.workingDir") {
                try spec.container?.workingDir.map(Template.parse)
            },
            env: try PlanProblem.naming("\(field).env") {
                try (defaults.env + (spec.container?.env ?? []) + spec.env).map { ($0, try $0.value.map(Template.parse)) }
            })
    }

    /// The items of the map, in order; nil for a task without one.
    func items(in scope: Scope) throws -> [JSON]? {
        switch map {
        case nil: return nil
        case .count(let count, _): return (0..<max(0, count)).map { .int(Int64($0)) }
        case .over(let template, _):
            let value = try template.evaluate(scope)
            guard let items = value.arrayValue else {
                throw PlanProblem("map.over gives \(value.typeName) where a list is needed: \(value.excerpt)")
            }
            guard items.count <= Self.maxItems else {
                throw PlanProblem("map.over gives \(items.count) items; the most is \(Self.maxItems)")
            }
            return items
        }
    }

    /// The most items of one map.
    static let maxItems = 10_000
}

/// When another attempt follows a failed one. The backoff has no jitter: attempts of one instance follow each other, and
/// a replayed run must decide alike.
package struct Retry: Sendable, Hashable {
    var limit: Int
    var on: Set<FailureReason>
    var base: Duration
    var factor: Double
    var max: Duration

    init(_ policy: RetryPolicy?) throws {
        limit = policy?.limit ?? 0
        let reasons = policy?.on ?? []
        on = Set(reasons.isEmpty ? RetryPolicy.defaultReasons : reasons).intersection(FailureReason.retriable)
        base = try FlowDuration.parse(policy?.backoff?.base ?? Backoff.defaultBase)
        factor = policy?.backoff?.factor ?? Backoff.defaultFactor
        max = try FlowDuration.parse(policy?.backoff?.max ?? Backoff.defaultMax)
    }

    /// How long to wait after the attempt with this number failed; nil when no other attempt follows.
    package func gap(after attempt: Int, _ reason: FailureReason) -> Duration? {
        guard attempt <= limit, on.contains(reason) else { return nil }
        var gap = base
        for _ in 1..<Swift.max(attempt, 1) where gap < max { gap *= factor }
        return min(gap, max)
    }
}
