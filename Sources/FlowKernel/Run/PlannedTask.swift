import FlowAPI
import KubeCore

/// One task of a plan, with its templates parsed.
package struct PlannedTask: Sendable {
    package let name: String
    package let needs: [String]
    package let outputs: [String]
    package let maxParallel: Int
    package let timeout: Duration?
    package let timeoutText: String
    package let retry: Retry
    let condition: Template?
    let map: Map?
    let container: ContainerTemplate

    /// What a map runs over.
    struct Map: Sendable {
        enum Source: Sendable {
            case list(Template)
            case count(Int)
        }

        var source: Source
        /// What expressions and the environment know the item by.
        var variable: String
    }

    init(_ spec: TaskSpec, at field: String, defaults: EngineDefaults?) throws(PlanProblem) {
        name = spec.name
        needs = spec.needs
        outputs = spec.outputs
        maxParallel = try PlanProblem.limit(spec.map?.maxParallel, at: "\(field).map.maxParallel")
        if let count = spec.map?.count, !(0...Self.maxItems).contains(count) {
            throw PlanProblem("\(field).map.count: must be from 0 to \(Self.maxItems), and is \(count)")
        }
        condition = try PlanProblem.naming("\(field).if") { try spec.if.map(Template.parse) }
        map = try PlanProblem.naming("\(field).map.over") {
            guard let map = spec.map else { return nil }
            let source = try map.over.map { Map.Source.list(try Template.parse($0)) } ?? .count(map.count ?? 0)
            return Map(source: source, variable: map.variable)
        }
        container = try PlanProblem.naming(field) { try Runtimes.resolve(spec, defaults: defaults) }
        timeoutText = container.timeout ?? ""
        timeout = try PlanProblem.duration(container.timeout, at: "\(field).timeout")
        retry = try Retry(container.retry, at: "\(field).retry")
    }

    /// The items of the map, in order; nil for a task without one.
    func items(in context: ExpressionContext) throws -> [JSON]? {
        guard let map else { return nil }
        switch map.source {
        case .count(let count):
            return (0..<max(0, count)).map { .int(Int64($0)) }
        case .list(let template):
            let value = try template.evaluate(context)
            guard let items = value.arrayValue else {
                throw PlanProblem("map.over must give a list, and it gives: \(Self.excerpt(value))")
            }
            guard items.count <= Self.maxItems else {
                throw PlanProblem("map.over gives \(items.count) items; the most is \(Self.maxItems)")
            }
            return items
        }
    }

    /// The beginning of a value, for messages.
    static func excerpt(_ value: JSON) -> String { Template.text(of: value).clipped(to: 80) }

    /// The most items of one map.
    package static let maxItems = 10_000
}

/// When another attempt follows a failed one. The backoff has no jitter: attempts of one instance follow each other, and
/// a run that is looked at again must decide alike.
package struct Retry: Sendable, Hashable {
    let limit: Int
    let on: Set<FailureReason>
    let base: Duration
    let factor: Double
    let max: Duration

    init(_ policy: RetryPolicy?, at field: String) throws(PlanProblem) {
        limit = policy?.limit ?? 0
        let reasons = policy?.on ?? []
        on = Set(reasons.isEmpty ? RetryPolicy.defaultReasons : reasons).intersection(FailureReason.retriable)
        let backoff = policy?.backoff
        base = try PlanProblem.duration(backoff?.base ?? Backoff.defaultBase, at: "\(field).backoff.base") ?? .zero
        factor = backoff?.factor ?? Backoff.defaultFactor
        max = try PlanProblem.duration(backoff?.max ?? Backoff.defaultMax, at: "\(field).backoff.max") ?? .zero
    }

    /// How long to wait after the attempt with this number failed; nil when no other attempt follows.
    package func gap(after attempt: Int, _ reason: FailureReason) -> Duration? {
        guard attempt <= limit, on.contains(reason) else { return nil }
        var gap = base
        for _ in 1..<Swift.max(attempt, 1) where gap < max { gap = Self.scaled(gap, by: factor) }
        return min(gap, max)
    }

    /// In milliseconds, which is what backoffs are written in; what leaves the range of Int64 is above every maximum.
    private static func scaled(_ gap: Duration, by factor: Double) -> Duration {
        let milliseconds = (gap / .milliseconds(1)) * factor
        guard milliseconds.isFinite, milliseconds < 1e15 else { return .seconds(1_000_000_000) }
        return .milliseconds(Int64(Swift.max(0, milliseconds)))
    }
}
