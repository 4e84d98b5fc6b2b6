import KubeCore
import KubeRuntime

extension EventRecorder {
    /// News that is as it should be.
    func normal(_ object: some KubeObject, reason: String, message: String) {
        record(.normal, on: ObjectReference(object), reason: reason, action: "Reconcile", note: message)
    }

    /// News that somebody should look at.
    func warning(_ object: some KubeObject, reason: String, message: String) {
        record(.warning, on: ObjectReference(object), reason: reason, action: "Reconcile", note: message)
    }
}
