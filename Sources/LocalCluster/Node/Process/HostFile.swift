import Glibc

/// Small files and directories of the host, with plain system calls. All of it blocks.
enum HostFile {
    enum Kind: Equatable { case file, directory, link, socket, characterDevice, blockDevice, other }

    /// nil when there is nothing. Links are not followed unless asked for.
    static func kind(_ path: String, following: Bool = false) -> Kind? {
        var status = stat()
        guard (following ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        case S_IFLNK: return .link
        case S_IFSOCK: return .socket
        case S_IFCHR: return .characterDevice
        case S_IFBLK: return .blockDevice
        default: return .other
        }
    }

    static func linkTarget(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.bindMemory(to: CChar.self).baseAddress.map { readlink(path, $0, bytes.count) } ?? -1
        }
        return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
    }

    /// The path without symbolic links; nil when there is nothing.
    static func resolved(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    static func read(_ path: String, limit: Int = .max) throws(NodeError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .system("open \(path)") }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16384)
        while bytes.count < limit {
            let wanted = min(chunk.count, limit - bytes.count)
            let count = chunk.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, wanted) }
            if count < 0 {
                if errno == EINTR { continue }
                throw .system("read \(path)")
            }
            if count == 0 { break }
            bytes.append(contentsOf: chunk.prefix(count))
        }
        return bytes
    }

    static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws(NodeError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard file >= 0 else { throw .system("write \(path)") }
        defer { close(file) }
        try writeAll(bytes, to: file, path: path)
        // The umask may have taken bits that the owner of the volume asked for.
        fchmod(file, mode)
    }

    static func writeAll(_ bytes: [UInt8], to file: Int32, path: String) throws(NodeError) {
        var position = 0
        while position < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(file, buffer.baseAddress?.advanced(by: position), buffer.count - position)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw .system("write \(path)")
            }
            position += count
        }
    }

    /// Makes a directory and those above it. Only the last one gets exactly this mode.
    static func makeDirectories(_ path: String, mode: mode_t = 0o755) throws(NodeError) {
        if mkdir(path, mode) == 0 {
            chmod(path, mode)
            return
        }
        if errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw .system("make the directory \(path)")
        }
        try makeDirectories(String(path[..<slash]))
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw .system("make the directory \(path)") }
        chmod(path, mode)
    }

    /// The names in a directory; empty when it cannot be read.
    static func entries(_ path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes a tree without following links. What cannot be removed stays.
    static func removeTree(_ path: String) {
        if unlink(path) == 0 || errno == ENOENT { return }
        for name in entries(path) { removeTree(path + "/" + name) }
        if rmdir(path) != 0, errno == EACCES || errno == ENOTEMPTY {
            // A container may have taken its own right to write.
            chmod(path, 0o700)
            for name in entries(path) { removeTree(path + "/" + name) }
            rmdir(path)
        }
    }
}
