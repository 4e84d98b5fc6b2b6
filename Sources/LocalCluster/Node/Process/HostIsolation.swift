import CSpawn
import Glibc

/// How far this host lets containers have a file tree of their own. Found out once, when the node starts.
package enum HostIsolation: Sendable, Equatable {
    /// Root, or the right to mount: one overlay over the whole host root.
    case overlay
    /// An ordinary user: a user namespace, with an overlay for each of the top directories.
    case userNamespace
    /// Neither: containers share the host's files, and mount paths in commands and environment are translated.
    case shared

    /// Starts a process in each way, the best first, and takes the first that works.
    static func detect(staging: String, host: HostFileSystem) -> HostIsolation {
        for candidate in [HostIsolation.overlay, .userNamespace] where candidate.works(staging: staging, host: host) {
            return candidate
        }
        return .shared
    }

    /// Whether a process can be started that way here.
    func works(staging: String, host: HostFileSystem) -> Bool {
        var launch = ProcessLaunch(arguments: ["true"], searchPath: "/usr/bin:/bin")
        launch.root = root(staging: staging, host: host)
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard null >= 0 else { return false }
        defer { close(null) }
        guard let process = try? launch.start(input: null, output: null, errors: null) else { return false }
        defer { close(process.descriptor) }
        var poll = pollfd(fd: process.descriptor, events: Int16(POLLIN), revents: 0)
        while Glibc.poll(&poll, 1, 10_000) < 0, errno == EINTR {}
        var ending = cspawn_ending()
        guard cspawn_reap(process.descriptor, &ending) == 0 else {
            _ = cspawn_signal(process.descriptor, SIGKILL)
            return false
        }
        return !ending.is_signalled && ending.code == 0
    }

    /// The root of a container without its volumes; nil when containers share the host's.
    func root(staging: String, host: HostFileSystem) -> ContainerRoot? {
        switch self {
        case .overlay: ContainerRoot(staging: staging, mounts: host.mounts)
        case .userNamespace: ContainerRoot(staging: staging, layers: host.layers, usesUserNamespace: true)
        case .shared: nil
        }
    }
}

/// What of the host's file tree has to be mounted one by one.
struct HostFileSystem: Sendable {
    /// Mounts below the root, which an overlay of the root does not show.
    var mounts: [ContainerRoot.Mount] = []
    /// The entries of the root directory.
    var layers: [ContainerRoot.Layer] = []

    /// Each container gets its own of these.
    private static let ownDirectories: Set<String> = ["/proc", "/dev"]

    static func read() -> HostFileSystem {
        let points = mountPoints((try? HostFile.read("/proc/self/mountinfo", limit: 1 << 20)) ?? [])
        return HostFileSystem(mounts: mounts(points), layers: layers(points))
    }

    /// The fifth field of each line of mountinfo, with its octal escapes resolved.
    static func mountPoints(_ table: [UInt8]) -> [String] {
        String(decoding: table, as: UTF8.self).split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            return fields.count > 4 ? unescape(fields[4]) : nil
        }
    }

    private static func unescape(_ text: Substring) -> String {
        guard text.contains("\\") else { return String(text) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let value = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The topmost mounts, each with what is mounted below it.
    static func mounts(_ points: [String]) -> [ContainerRoot.Mount] {
        var topmost: [String] = []
        for point in Set(points).sorted() where point != "/" {
            let isOwn = ownDirectories.contains { point == $0 || point.hasPrefix($0 + "/") }
            if isOwn || topmost.contains(where: { point.hasPrefix($0 + "/") }) { continue }
            topmost.append(point)
        }
        return topmost.map {
            ContainerRoot.Mount(source: $0, target: $0, isReadOnly: $0 == "/sys", isRecursive: true, isOptional: true)
        }
    }

    private static func layers(_ points: [String]) -> [ContainerRoot.Layer] {
        HostFile.entries("/").sorted().compactMap { name in
            let path = "/" + name
            if ownDirectories.contains(path) { return nil }
            switch HostFile.kind(path) {
            case .link: return HostFile.linkTarget(path).map { .init(path: path, kind: .link($0)) }
            case .directory:
                // /run belongs to root, so no mount point could be made in it; images have next to nothing there.
                if path == "/run" { return .init(path: path, kind: .empty) }
                let isCovered = points.contains { $0 == path || $0.hasPrefix(path + "/") }
                let isPlain = !name.contains { $0 == "," || $0 == ":" || $0 == "\\" }
                return .init(path: path, kind: isCovered || !isPlain ? .bind : .overlay)
            default: return nil
            }
        }
    }
}
