/// What an image's name stands for on this host.
package struct LocalImage: Sendable, Equatable {
    /// As in an image's configuration; a pod's `command` takes the place of the first, its `args` that of the second.
    package var entrypoint: [String]
    package var command: [String]
    package var environment: [String: String]
    package var workingDirectory: String?
    /// The user to run as when the pod names none; nil: root, or whoever runs the node.
    package var user: Int64?
    /// Programs of the host that must be there, without which the image cannot be used.
    package var requiredPrograms: [String]
    /// Names under which the image has a program, and the host's names for it, in order of preference.
    package var programs: [String: [String]]
    /// Absolute paths that the image has, and the host's files in their place.
    package var files: [String: String]

    package init(
        entrypoint: [String] = [], command: [String] = [], environment: [String: String] = [:],
        workingDirectory: String? = nil, user: Int64? = nil, requiredPrograms: [String] = [],
        programs: [String: [String]] = [:], files: [String: String] = [:]
    ) {
        self.entrypoint = entrypoint
        self.command = command
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.user = user
        self.requiredPrograms = requiredPrograms
        self.programs = programs
        self.files = files
    }
}

/// Which images the node can run, by repository (`busybox`) or by repository and beginning of a tag (`python:3`).
///
/// Registries, `library/` and digests do not matter. Nothing is pulled: an image is a name for programs of this host, so a
/// container finds the host's versions and the host's libraries whatever its tag says.
package struct ImageTable: Sendable {
    package private(set) var images: [String: LocalImage]

    package init(_ images: [String: LocalImage]) { self.images = images }

    /// The images that are known without being told.
    ///
    /// - Parameter agentProgram: the host's `flowengine-agent`; without it `flowengine/agent` is unknown.
    package static func standard(agentProgram: String?) -> ImageTable {
        let shell = LocalImage(command: ["sh"])
        let python = LocalImage(
            command: ["python3"], environment: ["LANG": "C.UTF-8"], requiredPrograms: ["python3"],
            programs: ["python": ["python3"], "python3": ["python3"]])
        var images: [String: LocalImage] = [
            "busybox": shell,
            "alpine": LocalImage(command: ["/bin/sh"]),
            "debian": LocalImage(command: ["bash"]),
            "ubuntu": LocalImage(command: ["/bin/bash"]),
            "bash": LocalImage(command: ["bash"], requiredPrograms: ["bash"]),
            "python:3": python,
            "python:latest": python,
            "pause": LocalImage(entrypoint: ["sleep"], command: ["infinity"]),
            "perl": LocalImage(command: ["perl"], requiredPrograms: ["perl"]),
        ]
        if let agentProgram {
            images["flowengine/agent"] = LocalImage(
                entrypoint: ["/flowengine-agent"], files: ["/flowengine-agent": agentProgram])
        }
        return ImageTable(images)
    }

    /// Adds an image, or takes the place of one.
    package mutating func set(_ image: LocalImage, for name: String) { images[name] = image }

    /// Adds an image from a line such as `myimage=/usr/bin/thing --flag`: a name and the command that it stands for.
    ///
    /// - Returns: false when the line has not this form.
    package mutating func add(mapping: String) -> Bool {
        guard let equals = mapping.firstIndex(of: "="), equals != mapping.startIndex else { return false }
        let words = mapping[mapping.index(after: equals)...].split(separator: " ").map(String.init)
        guard let reference = ImageReference(String(mapping[..<equals])), !words.isEmpty else { return false }
        let hasTag = mapping[..<equals].split(separator: "/").last?.contains(":") == true
        set(
            LocalImage(entrypoint: words),
            for: hasTag ? "\(reference.repository):\(reference.tag)" : reference.repository)
        return true
    }

    /// - Returns: the image with its key, nil when there is none.
    func find(_ name: String) -> (key: String, image: LocalImage)? {
        guard let reference = ImageReference(name) else { return nil }
        for key in reference.keys {
            if let image = images[key] { return (key, image) }
        }
        return nil
    }
}

/// Why a container has no image, with the reason as a kubelet gives it.
struct ImageFailure: Error, Equatable {
    var reason: String
    var message: String
}
