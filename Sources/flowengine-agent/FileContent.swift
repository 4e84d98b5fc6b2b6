import Glibc

/// Why a system call failed: `errno` and its text.
struct SystemFailure: Error {
    var code: Int32
    var text: String { String(cString: strerror(code)) }

    static var last: SystemFailure { SystemFailure(code: errno) }
}

/// Whole-file reads and writes with plain system calls.
enum FileContent {
    /// Reads at most `limit` bytes.
    ///
    /// - Returns: the bytes, and whether the file has more than that.
    static func read(_ path: String, limit: Int) throws(SystemFailure) -> (bytes: [UInt8], isCut: Bool) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .last }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= limit {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw .last
            }
            if count == 0 { break }
            bytes.append(contentsOf: chunk.prefix(count))
        }
        return (Array(bytes.prefix(limit)), bytes.count > limit)
    }

    /// Writes into the file as it is (a kubelet mounts the termination log, so that it cannot be replaced by a rename).
    static func overwrite(_ path: String, with bytes: [UInt8]) throws(SystemFailure) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw .last }
        defer { close(file) }
        if let failure = writeAll(bytes, to: file) { throw failure }
    }

    /// - Returns: the failure, or nil when all was written.
    static func writeAll(_ bytes: [UInt8], to file: Int32) -> SystemFailure? {
        bytes.withUnsafeBytes { buffer -> SystemFailure? in
            var rest = buffer[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = write(file, part.baseAddress, part.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    return .last
                }
                rest = rest.dropFirst(count)
            }
            return nil
        }
    }

    /// Makes a directory and those above it.
    static func makeDirectories(_ path: String) throws(SystemFailure) {
        var prefix = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            prefix += prefix.isEmpty || prefix.hasSuffix("/") ? String(part) : "/\(part)"
            if mkdir(prefix, 0o777) != 0, errno != EEXIST {
                // On a read-only root even a directory that is there may give EROFS rather than EEXIST.
                let failure = SystemFailure.last
                guard access(prefix, F_OK) == 0 else { throw failure }
            }
        }
    }
}
