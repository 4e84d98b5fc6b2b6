import Glibc
import PKI

/// The files of a cluster that is kept over a restart.
struct DataDirectory {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let path: String

    /// Makes the directory, readable by its owner alone, when it is not there.
    init(_ path: String) throws(Failure) {
        self.path = path
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw Failure(
                description: "cannot make the data directory \(path): \(String(cString: strerror(errno))). "
                    + "Name one whose parent is there and can be written to")
        }
    }

    var databasePath: String { path + "/cluster.sqlite" }

    /// The secret that service account tokens are signed with; made on first use, so that tokens live over a restart.
    func tokenKey() throws -> [UInt8] {
        let file = path + "/service-account.key"
        if let key = read(file), key.count >= 32 { return key }
        let key = try KeyedHash.randomBytes(32)
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(description: "cannot write \(file): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        guard write(descriptor, key, key.count) == key.count, fsync(descriptor) == 0 else {
            throw Failure(description: "cannot write \(file): \(String(cString: strerror(errno)))")
        }
        return key
    }

    private func read(_ file: String) -> [UInt8]? {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count < 0 ? nil : Array(bytes.prefix(count))
    }
}
