import Glibc
import KubeCore

/// Memory limits by control groups, where this host lets the node make them: as root, on version 1 or 2.
///
/// Without them a container's memory is not limited; a limit on address space in their place would break programs that reserve
/// more than they use.
struct ControlGroups: Sendable {
    enum Version: Sendable { case one, two }

    let version: Version
    /// The directory in which each container gets one of its own.
    let directory: String

    /// - Returns: nil when this host does not allow it.
    static func make(name: String) -> ControlGroups? {
        guard geteuid() == 0 else { return nil }
        let table = String(decoding: (try? HostFile.read("/proc/self/cgroup")) ?? [], as: UTF8.self)
        for line in table.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, fields[1].split(separator: ",").contains("memory") else { continue }
            // Below the own one, so that what limits the node limits its pods too.
            return make(.one, parent: "/sys/fs/cgroup/memory\(fields[2] == "/" ? "" : fields[2])", name: name)
        }
        let root = "/sys/fs/cgroup"
        let controllers = (try? HostFile.read("\(root)/cgroup.controllers")) ?? []
        guard String(decoding: controllers, as: UTF8.self).split(whereSeparator: \.isWhitespace).contains("memory")
        else {
            return nil
        }
        // A group that has processes itself cannot pass controllers on: only the root's children can be used.
        put("+memory", into: "\(root)/cgroup.subtree_control")
        return make(.two, parent: root, name: name)
    }

    /// Names begin with `flowengine-` and the id of the process that made them; those of processes that are gone are cleared up.
    private static func clearUp(_ parent: String) {
        for name in HostFile.entries(parent) where name.hasPrefix("flowengine-") {
            guard let id = pid_t(name.split(separator: "-").dropFirst().first ?? ""), kill(id, 0) != 0, errno == ESRCH
            else { continue }
            ControlGroups(version: .one, directory: "\(parent)/\(name)").remove()
        }
    }

    private static func make(_ version: Version, parent: String, name: String) -> ControlGroups? {
        clearUp(parent)
        let groups = ControlGroups(version: version, directory: "\(parent)/\(name)")
        guard mkdir(groups.directory, 0o755) == 0 || errno == EEXIST else { return nil }
        if version == .two { put("+memory", into: "\(groups.directory)/cgroup.subtree_control") }
        // Whether it works shows with a first one.
        guard let probe = groups.group(name: "probe", memory: 64 << 20) else {
            groups.remove()
            return nil
        }
        probe.remove()
        return groups
    }

    /// Removes all groups, in which nothing runs any more.
    func remove() {
        for name in HostFile.entries(directory) where HostFile.kind("\(directory)/\(name)") == .directory {
            rmdir("\(directory)/\(name)")
        }
        rmdir(directory)
    }

    /// Makes the group of one run of a container.
    ///
    /// - Parameter memory: in bytes.
    func group(name: String, memory: Int64) -> ControlGroup? {
        let group = ControlGroup(version: version, path: "\(directory)/\(name)")
        guard mkdir(group.path, 0o755) == 0 || errno == EEXIST else { return nil }
        let isSet: Bool
        switch version {
        case .one:
            isSet = Self.put("\(memory)", into: "\(group.path)/memory.limit_in_bytes")
            // With swap the limit would only slow a container down. Not all kernels count it.
            Self.put("\(memory)", into: "\(group.path)/memory.memsw.limit_in_bytes")
        case .two:
            isSet = Self.put("\(memory)", into: "\(group.path)/memory.max")
            Self.put("0", into: "\(group.path)/memory.swap.max")
        }
        if isSet { return group }
        group.remove()
        return nil
    }

    @discardableResult
    private static func put(_ text: String, into path: String) -> Bool {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        return write(file, text, text.utf8.count) == text.utf8.count
    }
}

/// The control group of one run of a container.
struct ControlGroup: Sendable {
    let version: ControlGroups.Version
    let path: String

    /// Into which a process writes itself.
    var processFile: String { "\(path)/cgroup.procs" }

    /// Whether the kernel has killed something in it for want of memory.
    var hasRunOutOfMemory: Bool {
        let file = version == .one ? "memory.oom_control" : "memory.events"
        let text = String(decoding: (try? HostFile.read("\(path)/\(file)")) ?? [], as: UTF8.self)
        return text.split(separator: "\n").contains { line in
            let words = line.split(separator: " ")
            return words.count == 2 && words[0] == "oom_kill" && words[1] != "0"
        }
    }

    func remove() { rmdir(path) }
}
