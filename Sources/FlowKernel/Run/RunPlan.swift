import FlowAPI
import KubeCore

/// What a run is to do: its pinned revision with every template parsed, every default filled in and its tasks in order.
///
/// It never changes, whatever happens to the Job or the Engine after the run began.
package struct RunPlan: Sendable {
    package let run: RunIdentity
    /// In the Job's order.
    package let tasks: [PlannedTask]
    /// Where a task stands in `tasks`, by name.
    package let position: [String: Int]
    /// Positions, each after all that it needs; otherwise in the Job's order.
    package let order: [Int]
    /// Every parameter with the value that this run uses.
    package let params: [String: JSON]
    package let maxParallel: Int
    package let timeout: Duration?
    package let timeoutText: String
    package let outputs: [(name: String, template: Template)]
    let data: [DataBinding]

    /// - Parameter params: the run's own values; the Job's stand where it gives none.
    /// - Throws: `PlanProblem` for content that validation would have refused.
    package init(run: RunIdentity, revision: Revision, params given: [String: JSON]) throws(PlanProblem) {
        let spec = revision.spec
        self.run = run
        self.data = revision.data
        self.maxParallel = try PlanProblem.limit(spec.maxParallel, at: "spec.maxParallel")
        self.timeoutText = spec.timeout ?? ""
        self.timeout = try PlanProblem.duration(spec.timeout, at: "spec.timeout")

        self.params = spec.parameters(given: given)

        var tasks: [PlannedTask] = []
        var position: [String: Int] = [:]
        for (index, task) in spec.tasks.enumerated() {
            guard position.updateValue(index, forKey: task.name) == nil else {
                throw PlanProblem("spec.tasks[\(index)].name: there is another task \(task.name)")
            }
            tasks.append(try PlannedTask(task, at: "spec.tasks[\(index)]", defaults: revision.defaults))
        }
        self.tasks = tasks
        self.position = position
        self.order = try Self.order(tasks, position)

        var outputs: [(name: String, template: Template)] = []
        for (index, output) in spec.outputs.enumerated() {
            let template = try PlanProblem.naming("spec.outputs[\(index)].value") { try Template.parse(output.value) }
            outputs.append((output.name, template))
        }
        self.outputs = outputs
    }

    /// Kahn's algorithm, taking the first task of the Job's order that is free.
    private static func order(
        _ tasks: [PlannedTask], _ position: [String: Int]
    ) throws(PlanProblem) -> [Int] {
        var missing = tasks.map(\.needs.count)
        var dependents: [[Int]] = Array(repeating: [], count: tasks.count)
        for (index, task) in tasks.enumerated() {
            for need in task.needs {
                guard let upstream = position[need] else {
                    throw PlanProblem("spec.tasks[\(index)].needs: there is no task \(need)")
                }
                dependents[upstream].append(index)
            }
        }
        var free = tasks.indices.filter { missing[$0] == 0 }
        var order: [Int] = []
        var next = 0
        while next < free.count {
            let index = free[next]
            next += 1
            order.append(index)
            for dependent in dependents[index] {
                missing[dependent] -= 1
                if missing[dependent] == 0 { free.append(dependent) }
            }
        }
        guard order.count == tasks.count else {
            throw PlanProblem("spec.tasks: the tasks need each other in a circle")
        }
        return order
    }
}

/// A revision that no run can follow. Validation of the Job finds these first; a run made by hand may still meet one.
package struct PlanProblem: Error, Sendable, CustomStringConvertible {
    package var description: String

    init(_ description: String) {
        self.description = description
    }

    /// Reads an optional duration.
    static func duration(_ text: String?, at field: String) throws(PlanProblem) -> Duration? {
        guard let text else { return nil }
        guard let duration = FlowDuration.parse(text) else {
            throw PlanProblem("\(field): \"\(text)\" is no duration such as 30s or 1h30m")
        }
        return duration
    }

    /// Reads an optional limit; without one there is none.
    static func limit(_ value: Int?, at field: String) throws(PlanProblem) -> Int {
        guard let value else { return Int.max }
        guard value > 0 else { throw PlanProblem("\(field): must be at least 1, and is \(value)") }
        return value
    }

    /// Runs `body`, and names the field in what it throws.
    static func naming<Value>(_ field: String, _ body: () throws -> Value) throws(PlanProblem) -> Value {
        do {
            return try body()
        } catch {
            throw PlanProblem("\(field): \(error)")
        }
    }
}
