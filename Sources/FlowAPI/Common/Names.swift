/// Names of the objects that FlowEngine makes.
///
/// Each is a function of what the object stands for, so that making it twice gives AlreadyExists and not a second
/// object. A readable part is followed by a hash of all inputs, UIDs included; the hash keeps names apart when the
/// readable part is cut, or when an owner is deleted and created again under its old name. All are DNS labels (RFC
/// 1123): at most 63 characters of `a-z`, `0-9` and `-`.
package enum Names {
    package static let maxLength = 63
    static let hashLength = 10

    /// The pod of one attempt.
    package static func pod(run: String, runUID: String, task: String, index: Int?, attempt: Int) -> String {
        let item = index.map(String.init) ?? ""
        let hash = shortHash("pod", runUID, task, item, String(attempt))
        let tail = (index.map { "-\($0)" } ?? "") + "-\(attempt)-\(hash)"
        // The task says more than the run, which the pod's labels name as well: cut the run first.
        let room = maxLength - tail.utf8.count
        let taskPart = cut(task, to: min(room - 2, 30))
        let runPart = cut(run, to: room - 1 - taskPart.utf8.count)
        return runPart + "-" + taskPart + tail
    }

    /// The run that a Job's onCreate trigger starts.
    package static func onCreateRun(job: String, jobUID: String) -> String {
        named(job, shortHash("onCreate", jobUID))
    }

    /// A run that somebody asked for; `unique` is what keeps it apart from the Job's other runs.
    package static func manualRun(job: String, unique: String) -> String {
        named(job, shortHash("manual", job, unique))
    }

    /// The ControllerRevision that holds a content of a Job.
    ///
    /// - Parameter contentHash: `Revision.hash` of the content.
    package static func revision(job: String, jobUID: String, contentHash: String) -> String {
        named(job, shortHash("revision", jobUID, contentHash))
    }

    private static func named(_ prefix: String, _ hash: String) -> String {
        cut(prefix, to: maxLength - 1 - hashLength) + "-" + hash
    }

    /// A hash of 50 bits in letters and digits, over the parts in a form in which no two lists of parts are alike.
    static func shortHash(_ parts: String...) -> String {
        var hash = SHA256()
        for part in parts {
            hash.update("\(part.utf8.count):".utf8)
            hash.update(part.utf8)
        }
        let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)
        let characters = hash.finalize().prefix(hashLength).map { alphabet[Int($0 & 31)] }
        return String(decoding: characters, as: UTF8.self)
    }

    /// The beginning of a name in at most `count` characters that may stand in a DNS label.
    private static func cut(_ name: String, to count: Int) -> String {
        var bytes: [UInt8] = []
        for byte in name.utf8.prefix(max(count, 1)) {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): bytes.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): bytes.append(byte | 0x20)
            default: bytes.append(UInt8(ascii: "-"))
            }
        }
        while bytes.last == UInt8(ascii: "-") {
            bytes.removeLast()
        }
        while bytes.first == UInt8(ascii: "-") {
            bytes.removeFirst()
        }
        return bytes.isEmpty ? "x" : String(decoding: bytes, as: UTF8.self)
    }
}
