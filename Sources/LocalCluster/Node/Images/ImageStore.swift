import Glibc

/// Resolves images to what a container needs of them, and keeps the directories of program names that some images bring.
struct ImageStore: Sendable {
    let table: ImageTable
    /// Holds a directory for each image that has names of its own for programs of the host.
    let directory: String
    /// Where such a directory appears in a container that has a file tree of its own.
    static let programDirectory = "/.image/bin"

    private static let hostPath = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    static let searchPath = hostPath.joined(separator: ":")

    /// An image as it can be used.
    struct Resolved: Sendable {
        var image: LocalImage
        var id: String
        /// The host's directory with the image's program names; nil when it has none.
        var programDirectory: String?
    }

    func resolve(_ name: String) throws(ImageFailure) -> Resolved {
        guard ImageReference(name) != nil else {
            throw ImageFailure(
                reason: "InvalidImageName",
                message:
                    "Failed to apply default image tag \"\(name)\": couldn't parse image name: invalid reference format"
            )
        }
        guard let (key, image) = table.find(name) else {
            let known = table.images.keys.sorted().joined(separator: ", ")
            throw ImageFailure(
                reason: "ErrImagePull",
                message:
                    "image \"\(name)\" is not known to the local cluster, which runs programs of this host in place of "
                    + "images; known are \(known). Map it with --image \(Self.withoutTag(name))=PROGRAM or use one of these"
            )
        }
        for program in image.requiredPrograms where Self.find(program) == nil {
            throw ImageFailure(
                reason: "ErrImagePull",
                message: "image \"\(name)\" stands for this host's program \(program), which is not in "
                    + "\(Self.searchPath); install it, or map the image with --image \(Self.withoutTag(name))=PROGRAM")
        }
        for (path, file) in image.files where access(file, R_OK) != 0 {
            throw ImageFailure(
                reason: "ErrImagePull",
                message:
                    "image \"\(name)\" has \(path) from this host's \(file), which is not there; build or install it")
        }
        return Resolved(image: image, id: "local://\(key)", programDirectory: programs(of: image, key: key))
    }

    private static func withoutTag(_ name: String) -> String { ImageReference(name)?.repository ?? name }

    /// The host's program of that name, without links that lead out of it.
    static func find(_ program: String) -> String? {
        // The distribution's own before local ones: a version manager's shims are slow, and are often another user's.
        for directory in ["/usr/bin", "/bin"] + hostPath {
            let path = "\(directory)/\(program)"
            if access(path, X_OK) == 0, HostFile.kind(path, following: true) == .file { return path }
        }
        return nil
    }

    private func programs(of image: LocalImage, key: String) -> String? {
        guard !image.programs.isEmpty else { return nil }
        let name = String(key.map { $0.isLetter || $0.isNumber ? $0 : "-" })
        let place = "\(directory)/\(name)"
        if HostFile.kind(place) == .directory { return place }
        guard (try? HostFile.makeDirectories(place)) != nil else { return nil }
        for (program, candidates) in image.programs {
            if let path = candidates.lazy.compactMap({ Self.find($0) }).first { symlink(path, "\(place)/\(program)") }
        }
        return place
    }
}
