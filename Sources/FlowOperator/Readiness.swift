import FlowAPI
import KubeClient
import KubeCore
import KubeRuntime

extension StatusWriter {
    /// Writes the status if it differs from the object's.
    ///
    /// - Returns: whether it was written; false too when the object is gone, and there is nobody left to tell.
    func set<Object: FlowObject>(_ status: Object.Status, on object: Object) async throws(ClientError) -> Bool {
        do throws(ClientError) {
            return try await update(object) { $0.status = status } != nil
        } catch {
            if error.isNotFound { return false }
            throw error
        }
    }
}

/// A kind of FlowEngine's own, whose status the operator writes.
protocol FlowObject: KubeObject {
    associatedtype Status: Sendable
    var status: Status? { get set }
}

extension Engine: FlowObject {}
extension Job: FlowObject {}
extension JobRun: FlowObject {}

/// The conditions that kstatus defines, kept consistent with each other.
///
/// `Ready` is always there. `Reconciling` and `Stalled` are there only while they are true, as kstatus wants it.
enum Readiness {
    case ready(reason: String, message: String)
    case progressing(reason: String, message: String)
    /// It cannot go on before somebody changes something.
    case stalled(reason: String, message: String)

    func apply(to conditions: inout [Condition], generation: Int64?, now: Timestamp) {
        func set(_ type: String, _ status: String, _ reason: String, _ message: String) {
            conditions.set(
                Condition(
                    type: type, status: status, reason: reason, message: message, observedGeneration: generation),
                now: now)
        }
        switch self {
        case .ready(let reason, let message):
            set("Ready", "True", reason, message)
            conditions.remove(type: "Reconciling")
            conditions.remove(type: "Stalled")
        case .progressing(let reason, let message):
            set("Ready", "False", reason, message)
            set("Reconciling", "True", reason, message)
            conditions.remove(type: "Stalled")
        case .stalled(let reason, let message):
            set("Ready", "False", reason, message)
            set("Stalled", "True", reason, message)
            conditions.remove(type: "Reconciling")
        }
    }
}
