import CSpawn
import Glibc

/// Everything about a process that is to be started.
struct ProcessLaunch: Sendable {
    /// The program and its arguments. A name without a slash is searched for in `searchPath`.
    var arguments: [String]
    var environment: [(name: String, value: String)] = []
    var searchPath: String?
    var workingDirectory: String?
    /// nil: the process shares the host's root and process ids.
    var root: ContainerRoot?
    var hostName: String?
    var limits: [ResourceLimit] = []
    /// The `cgroup.procs` file of a control group to run in.
    var controlGroupFile: String?
    var user: Int64?
    var group: Int64?
    var supplementaryGroups: [UInt32] = []
    var hasNoNewPrivileges = false
}

struct ResourceLimit: Sendable {
    var resource: Int32
    var soft: UInt64
    var hard: UInt64
}

/// The file tree that a container sees: the host's, with volumes and provided files in it and with changes of its own.
struct ContainerRoot: Sendable {
    struct Mount: Sendable, Equatable {
        var source: String
        var target: String
        var isReadOnly = false
        var isRecursive = false
        var isOptional = false
    }

    struct Layer: Sendable, Equatable {
        enum Kind: Sendable, Equatable { case overlay, bind, empty, link(String) }
        var path: String
        var kind: Kind
    }

    /// An empty directory on which each container mounts its root in a namespace of its own.
    var staging: String
    var layers: [Layer] = []
    var mounts: [Mount] = []
    var isReadOnly = false
    var usesUserNamespace = false
}

/// Why a process did not start.
struct LaunchFailure: Error {
    var stage: cspawn_stage
    var code: Int32
    /// Which part failed, on what and why.
    var message: String
}

extension ProcessLaunch {
    /// Starts the process. Blocks for about a millisecond.
    ///
    /// - Returns: its id and a descriptor that becomes readable when it has ended; the caller closes it.
    /// - Parameter joined: the descriptor of a process whose namespaces to enter.
    func start(
        joining joined: Int32? = nil, input: Int32, output: Int32, errors: Int32
    ) throws(LaunchFailure) -> (id: pid_t, descriptor: Int32) {
        let memory = CStrings()
        var options = cspawn_options()
        options.arguments = UnsafePointer(memory.array(arguments))
        options.environment = UnsafePointer(memory.array(environment.map { "\($0.name)=\($0.value)" }))
        options.search_path = memory.optional(searchPath)
        options.working_directory = memory.optional(workingDirectory)
        options.host_name = memory.optional(hostName)
        options.cgroup_file = memory.optional(controlGroupFile)
        options.joins = joined != nil
        options.joined_pidfd = joined ?? -1
        options.standard_input = input
        options.standard_output = output
        options.standard_error = errors
        options.user = user ?? -1
        options.group = group ?? -1
        options.no_new_privileges = hasNoNewPrivileges
        let limits = self.limits.map { cspawn_limit(resource: $0.resource, soft: $0.soft, hard: $0.hard) }
        var result = cspawn_result()
        let code = limits.withUnsafeBufferPointer { limits in
            supplementaryGroups.withUnsafeBufferPointer { groups in
                options.limits = limits.baseAddress
                options.limit_count = limits.count
                options.supplementary_groups = groups.baseAddress
                options.supplementary_group_count = groups.count
                return start(&options, &result, memory)
            }
        }
        guard code == 0 else { throw failure(result) }
        return (result.pid, result.pidfd)
    }

    private func start(
        _ options: inout cspawn_options, _ result: inout cspawn_result, _ memory: CStrings
    ) -> Int32 {
        guard let root else { return cspawn_start(&options, &result) }
        let mounts = root.mounts.map { mount in
            cspawn_mount(
                source: memory.string(mount.source), target: memory.string(mount.target),
                is_read_only: mount.isReadOnly, is_recursive: mount.isRecursive, is_optional: mount.isOptional)
        }
        let layers = root.layers.map { layer in
            cspawn_layer(path: memory.string(layer.path), link: layer.link(memory), kind: layer.nativeKind)
        }
        return mounts.withUnsafeBufferPointer { mounts in
            layers.withUnsafeBufferPointer { layers in
                var native = cspawn_root(
                    layers: layers.baseAddress, layer_count: layers.count, staging: memory.string(root.staging),
                    mounts: mounts.baseAddress, mount_count: mounts.count, is_read_only: root.isReadOnly,
                    uses_user_namespace: root.usesUserNamespace)
                return withUnsafePointer(to: &native) { native in
                    options.root = native
                    return cspawn_start(&options, &result)
                }
            }
        }
    }

    private func failure(_ result: cspawn_result) -> LaunchFailure {
        let reason = String(cString: strerror(result.error))
        let what: String
        switch result.stage {
        case cspawn_stage_clone: what = "cannot make a process"
        case cspawn_stage_join: what = "cannot enter the container"
        case cspawn_stage_user_namespace: what = "cannot make a user namespace"
        case cspawn_stage_root: what = "cannot assemble the container's root"
        case cspawn_stage_devices: what = "cannot assemble the container's /dev"
        case cspawn_stage_mount:
            let mounts = root?.mounts ?? []
            let index = result.mount_index
            what =
                index < mounts.count
                ? "cannot mount \(mounts[index].source) on \(mounts[index].target)" : "cannot mount a volume"
        case cspawn_stage_limits: what = "cannot set resource limits"
        case cspawn_stage_cgroup: what = "cannot enter the control group"
        case cspawn_stage_working_directory: what = "cannot change to the directory \(workingDirectory ?? "/")"
        case cspawn_stage_user: what = "cannot become user \(user ?? -1), group \(group ?? -1)"
        case cspawn_stage_streams: what = "cannot set up the standard streams"
        default: what = "cannot run \(arguments.first ?? "")"
        }
        return LaunchFailure(stage: result.stage, code: result.error, message: "\(what): \(reason)")
    }
}

extension ContainerRoot.Layer {
    fileprivate var nativeKind: cspawn_layer_kind {
        switch kind {
        case .overlay: cspawn_layer_overlay
        case .bind: cspawn_layer_bind
        case .empty: cspawn_layer_empty
        case .link: cspawn_layer_link
        }
    }

    fileprivate func link(_ memory: CStrings) -> UnsafePointer<CChar>? {
        if case .link(let target) = kind { memory.string(target) } else { nil }
    }
}

/// C strings that live until this goes.
private final class CStrings {
    private var strings: [UnsafeMutablePointer<CChar>] = []
    private var arrays: [UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>] = []

    func string(_ text: String) -> UnsafePointer<CChar>? { mutable(text).map { UnsafePointer($0) } }

    func optional(_ text: String?) -> UnsafePointer<CChar>? { text.flatMap { string($0) } }

    func array(_ texts: [String]) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
        let array = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: texts.count + 1)
        arrays.append(array)
        for (index, text) in texts.enumerated() { array[index] = mutable(text) }
        array[texts.count] = nil
        return array
    }

    private func mutable(_ text: String) -> UnsafeMutablePointer<CChar>? {
        guard let copy = strdup(text) else { return nil }
        strings.append(copy)
        return copy
    }

    deinit {
        for string in strings { free(string) }
        for array in arrays { array.deallocate() }
    }
}
