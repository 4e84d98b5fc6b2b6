import COpenSSL

/// A failure of OpenSSL.
package struct PKIError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was tried.
    package let operation: String
    /// What OpenSSL said of it.
    package let reason: String

    /// Takes the reason from OpenSSL's error queue of this thread.
    init(_ operation: String) {
        self.operation = operation
        let code = ERR_get_error()
        if code == 0 {
            reason = "OpenSSL gave no reason"
        } else {
            var text = [CChar](repeating: 0, count: 256)
            ERR_error_string_n(code, &text, text.count)
            reason = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        ERR_clear_error()
    }

    package var description: String { "\(operation) failed: \(reason)" }
}
