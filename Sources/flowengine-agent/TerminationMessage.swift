/// The JSON that the agent leaves in the termination log.
///
/// `{"exitCode":0,"outputs":{…}}` or `{"exitCode":3,"error":{"reason":"CommandFailed","message":"…"}}`.
enum TerminationMessage {
    private static let head = #"{"exitCode":0,"outputs":{"#
    private static let tail = "}}"

    /// Bytes around the outputs themselves.
    static var overhead: Int { head.utf8.count + tail.utf8.count }

    static func outputs(_ outputs: [(name: String, json: [UInt8])]) -> [UInt8] {
        var message = Array(head.utf8)
        for (index, output) in outputs.enumerated() {
            if index > 0 { message.append(UInt8(ascii: ",")) }
            message += JSONText.quoted(Array(output.name.utf8))
            message.append(UInt8(ascii: ":"))
            message += output.json
        }
        return message + Array(tail.utf8)
    }

    static func failure(_ failure: TaskFailure) -> [UInt8] {
        var message = Array(#"{"exitCode":\#(failure.exitCode),"error":{"reason":"#.utf8)
        message += JSONText.quoted(Array(failure.reason.utf8))
        message += Array(#","message":"#.utf8)
        // A cut message must still be JSON, so the text is cut and not the whole. Escaping makes at most six bytes of one.
        message += JSONText.quoted(Array(String(failure.message.prefix(500)).utf8.prefix(600)))
        return message + Array(tail.utf8)
    }
}
