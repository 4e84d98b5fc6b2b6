import KubeCore

/// What a reconciliation asks for when it succeeded.
public enum ReconcileResult: Sendable, Hashable {
    /// Come back when something changes.
    case done
    /// Come back when something changes, or when this time has passed.
    case requeue(after: Duration)
}

/// An error that no repetition cures: the object itself has to change first.
///
/// The controller reports it and lets the key rest until a watch brings it up again. The reconciler should have written
/// the message into the object's status.
public struct TerminalError: Error, Sendable, CustomStringConvertible {
    public let message: String
    public let cause: (any Error)?

    public init(_ message: String, cause: (any Error)? = nil) {
        self.message = message
        self.cause = cause
    }

    public var description: String { message }
}
