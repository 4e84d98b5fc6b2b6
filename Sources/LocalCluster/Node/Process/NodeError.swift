import Glibc
import KubeCore

/// A failure of the node's own work.
package struct NodeError: Error, CustomStringConvertible {
    /// What was tried, on what, what came back and what to do.
    package var message: String

    package init(_ message: String) { self.message = message }

    /// A system call that failed just now, with the text of `errno`.
    static func system(_ attempt: String, code: Int32 = errno) -> NodeError {
        NodeError("cannot \(attempt): \(String(cString: strerror(code)))")
    }

    package var description: String { message }
}
