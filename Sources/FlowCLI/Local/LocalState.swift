import FoundationEssentials
import Glibc
import KubeCore

/// The directory in which a local cluster keeps what others need to find it: its process, its address, its kubeconfig.
struct LocalState: Sendable {
    var directory: String
    /// Whether the cluster's objects outlive it.
    var keepsObjects: Bool

    /// What is written once the cluster is ready.
    struct Record: Codable, Sendable {
        var pid: Int32
        var server: String
        var kubeconfig: String
        var startedAt: Timestamp
    }

    init(dataDirectory: String?) {
        directory = dataDirectory.map(Self.absolute) ?? Self.defaultDirectory()
        keepsObjects = dataDirectory != nil
    }

    var nodePath: String { directory + "/node" }
    /// What persistent volume claims hold.
    var claimsPath: String { directory + "/claims" }
    var recordPath: String { directory + "/cluster.json" }
    /// Locked by the cluster's process for as long as it lives.
    var lockPath: String { directory + "/lock" }
    var logPath: String { directory + "/cluster.log" }
    var defaultKubeconfigPath: String { directory + "/kubeconfig" }

    /// By the XDG base directory specification.
    static func defaultDirectory(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> String {
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/flowengine/local" }
        let home = environment["HOME"] ?? "/tmp"
        return home + "/.local/state/flowengine/local"
    }

    static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    func createDirectory() throws {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: directory)
        } catch {
            throw CommandFailure("cannot make the directory \(directory): \(error)")
        }
    }

    /// The cluster that runs from this directory; nil when none does.
    func running() throws -> Record? {
        guard ProcessLock.isHeld(lockPath), let data = FileManager.default.contents(atPath: recordPath) else {
            return nil
        }
        do {
            return try JSONTreeDecoder().decode(Record.self, from: try JSON.parse(Array(data)))
        } catch {
            throw CommandFailure("\(recordPath) is damaged: \(error); end the cluster's process by hand")
        }
    }

    func write(_ record: Record) throws {
        let text = try JSONTreeEncoder().encode(record).encodedString(.pretty) + "\n"
        try Self.write(text, to: recordPath)
    }

    /// Removes what a cluster leaves; its objects and the files on its claims stay if it was to keep them.
    func removeFiles(kubeconfig: String) {
        for path in [recordPath, lockPath, logPath, kubeconfig] { unlink(path) }
        if !keepsObjects { try? FileManager.default.removeItem(atPath: claimsPath) }
        rmdir(directory)  // Only if nothing else is in it.
    }

    /// Writes a file that only its owner may read, whole or not at all.
    static func write(_ text: String, to path: String) throws {
        let partial = path + ".partial"
        guard
            FileManager.default.createFile(
                atPath: partial, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]),
            rename(partial, path) == 0
        else {
            throw CommandFailure("cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }
}

/// A command that cannot go on: the message is printed as it stands, and the program exits with `code`.
struct CommandFailure: Error, CustomStringConvertible {
    var description: String
    var code: Int32

    init(_ description: String, code: Int32 = 1) {
        self.description = description
        self.code = code
    }
}
