import Glibc

/// Files that appear all at once in a volume: they lie in a hidden directory to which `..data` points, and each name is a link
/// through it. The layout is the kubelet's, and some programs watch for changes of `..data`.
enum AtomicDirectory {
    struct File: Sendable {
        /// Relative; may have directories in it.
        var path: String
        var content: [UInt8]
        var mode: mode_t
    }

    /// Puts these files in place of those that are there.
    static func write(_ files: [File], to directory: String) throws(NodeError) {
        try HostFile.makeDirectories(directory, mode: 0o755)
        let old = HostFile.linkTarget("\(directory)/..data")
        let name = "..\(LogTimestamp.now())"
        let hidden = "\(directory)/\(name)"
        try HostFile.makeDirectories(hidden)
        for file in files {
            let path = "\(hidden)/\(file.path)"
            if let slash = file.path.lastIndex(of: "/") {
                try HostFile.makeDirectories("\(hidden)/\(file.path[..<slash])")
            }
            try HostFile.write(file.content, to: path, mode: file.mode)
        }
        try link(name, at: "\(directory)/..data", by: "\(directory)/..data_tmp")
        let heads = Set(files.map { String($0.path.split(separator: "/").first ?? "") })
        for head in heads where HostFile.kind("\(directory)/\(head)") == nil {
            guard symlink("..data/\(head)", "\(directory)/\(head)") == 0 else {
                throw .system("link \(directory)/\(head)")
            }
        }
        guard let old else { return }
        for entry in HostFile.entries(directory) where !entry.hasPrefix("..") && !heads.contains(entry) {
            unlink("\(directory)/\(entry)")
        }
        HostFile.removeTree("\(directory)/\(old)")
    }

    private static func link(_ target: String, at path: String, by temporary: String) throws(NodeError) {
        unlink(temporary)
        guard symlink(target, temporary) == 0, rename(temporary, path) == 0 else { throw .system("link \(path)") }
    }
}
