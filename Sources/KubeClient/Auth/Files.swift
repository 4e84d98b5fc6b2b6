import Glibc

/// Why a file could not be read.
struct FileError: Error, Sendable {
    let code: Int32
    let reason: String

    init(code: Int32) {
        self.code = code
        reason = String(cString: strerror(code))
    }

    init(reason: String) {
        code = 0
        self.reason = reason
    }

    /// True when the file does not exist.
    var isMissing: Bool { code == ENOENT || code == ENOTDIR }

    var remedy: String {
        switch code {
        case ENOENT: "Check the path, or create the file."
        case EACCES, EPERM: "Give this user the right to read it."
        case EISDIR: "Name a file, not a directory."
        default: ""
        }
    }
}

/// The bytes of a file of at most `limit` bytes.
func readFile(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(code: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0 {
            if errno == EINTR { continue }
            throw FileError(code: errno)
        }
        if count == 0 { return bytes }
        guard bytes.count + count <= limit else { throw FileError(reason: "it has more than \(limit) bytes") }
        bytes.append(contentsOf: chunk[..<count])
    }
}

func fileExists(_ path: String) -> Bool {
    access(path, F_OK) == 0
}
