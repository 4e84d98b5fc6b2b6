import CEL
import KubeCore

/// What expressions see: `params`, `tasks`, `run`, `job`, `engine`, and in a map the item under its name and `index`.
package struct ExpressionContext: Sendable {
    /// What a later task sees of an earlier one.
    package struct TaskResult: Sendable, Hashable {
        package var phase: TaskPhase
        /// Values by name; of a task with a map, lists of values in the map's order.
        package var outputs: [String: JSON]

        package init(phase: TaskPhase, outputs: [String: JSON] = [:]) {
            self.phase = phase
            self.outputs = outputs
        }
    }

    /// The names that every expression may use.
    package static let roots = ["params", "tasks", "run", "job", "engine"]
    /// The name of an item's place in its map, from 0.
    package static let index = "index"
    /// What can be read of a task.
    package static let taskFields = ["status", "outputs"]
    package static let runFields = ["name", "id", "namespace"]

    package private(set) var bindings: Bindings

    package init(
        params: [String: JSON] = [:], tasks: [String: TaskResult] = [:], runName: String = "", runID: String = "",
        namespace: String = "", job: String = "", engine: String = ""
    ) {
        var results = JSONObject()
        for (name, result) in tasks {
            results[name] = [
                "status": .string(result.phase.rawValue), "outputs": .object(JSONObject(result.outputs)),
            ]
        }
        bindings = [
            "params": Value(.object(JSONObject(params))),
            "tasks": Value(.object(results)),
            "run": Value(["name": .string(runName), "id": .string(runID), "namespace": .string(namespace)]),
            "job": Value(["name": .string(job)]),
            "engine": Value(["name": .string(engine)]),
        ]
    }

    /// The same context for one item of a map.
    package func withItem(_ item: JSON, named variable: String, index: Int) -> ExpressionContext {
        var copy = self
        copy.bindings[variable] = Value(item)
        copy.bindings[Self.index] = .int(Int64(index))
        return copy
    }
}
