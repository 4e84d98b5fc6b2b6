import Glibc
import KubeCore

/// Turns a container of a pod into a process to start.
struct ContainerLauncher: Sendable {
    let context: NodeContext
    let pod: PodSpec
    let fields: PodFields
    let volumes: [String: PreparedVolume]
    /// The pod's directory.
    let directory: String

    struct Prepared: Sendable {
        var launch: ProcessLaunch
        var imageID: String
        /// Where the container leaves its last words.
        var messageFile: String
        var controlGroup: ControlGroup?
    }

    /// - Parameter attempt: the number of this run of the container.
    func prepare(
        _ container: ContainerSpec, attempt: Int64
    ) async throws(PodMachine.StartFailure) -> Prepared {
        let resolved: ImageStore.Resolved
        do throws(ImageFailure) {
            resolved = try context.images.resolve(container.image)
        } catch {
            throw .waiting(reason: error.reason, message: error.message)
        }
        let environment = try await environment(container, resolved)
        let files = "\(directory)/containers/\(container.name)"
        let messageFile = "\(files)/termination-\(attempt)"
        do throws(NodeError) {
            try await context.work.run { () throws(NodeError) in
                try HostFile.makeDirectories(files)
                try HostFile.write([], to: messageFile, mode: 0o666)
            }
        } catch {
            throw .waiting(reason: "CreateContainerError", message: error.message)
        }
        let mounts = try await mounts(container, environment, messageFile)
        var launch = ProcessLaunch(arguments: [])
        try setUser(container, resolved.image, &launch)
        launch.hasNoNewPrivileges = container.security.allowsPrivilegeEscalation == false
        launch.hostName = pod.isUsingHostNetwork ? nil : pod.hostName
        launch.workingDirectory = container.workingDirectory ?? resolved.image.workingDirectory
        let words = arguments(container, resolved.image, environment)
        guard !words.isEmpty else {
            throw .waiting(
                reason: "CreateContainerError",
                message: "no command specified: neither the container nor the image \(container.image) has one")
        }
        if let root = context.isolation.root(staging: context.stagingDirectory, host: context.host) {
            isolate(&launch, root, mounts, resolved, container)
            launch.arguments = words
            launch.environment = environment.pairs
        } else {
            translate(&launch, words, environment, mounts, resolved, container, messageFile)
        }
        launch.searchPath = launch.environment.last { $0.name == "PATH" }?.value ?? ImageStore.searchPath
        let group = memoryGroup(container, attempt)
        launch.controlGroupFile = group?.processFile
        return Prepared(launch: launch, imageID: resolved.id, messageFile: messageFile, controlGroup: group)
    }

    private func memoryGroup(_ container: ContainerSpec, _ attempt: Int64) -> ControlGroup? {
        guard let limit = container.limits["memory"]?.value, limit > 0 else { return nil }
        return context.controlGroups?.group(name: "\(pod.uid)-\(container.name)-\(attempt)", memory: limit)
    }

    // MARK: - Command and environment

    private func environment(
        _ container: ContainerSpec, _ resolved: ImageStore.Resolved
    ) async throws(PodMachine.StartFailure) -> Environment {
        var path = ImageStore.searchPath
        if let programs = resolved.programDirectory {
            path = (context.isolation == .shared ? programs : ImageStore.programDirectory) + ":" + path
        }
        var base: [(name: String, value: String)] = [("PATH", path), ("HOSTNAME", pod.hostName)]
        for (name, value) in resolved.image.environment.sorted(by: { $0.key < $1.key }) { base.append((name, value)) }
        let services = ServiceVariables.variables(
            of: context.services.all, namespace: pod.namespace, includesNamespace: pod.hasServiceEnvironment)
        let resolver = EnvironmentResolver(
            pod: pod, container: container, fields: fields, services: services,
            config: APIConfigSource(api: context.api))
        do throws(ContainerConfigFailure) {
            var environment = try await resolver.resolve(base: base)
            if environment["HOME"] == nil { environment.set("HOME", home(container)) }
            return environment
        } catch {
            throw .waiting(reason: error.reason, message: error.message)
        }
    }

    private func home(_ container: ContainerSpec) -> String {
        guard let user = container.security.user, let id = uid_t(exactly: user) else {
            return context.isRoot ? "/root" : "/"
        }
        guard let entry = getpwuid(id), let home = entry.pointee.pw_dir else { return "/" }
        return String(cString: home)
    }

    private func arguments(_ container: ContainerSpec, _ image: LocalImage, _ environment: Environment) -> [String] {
        let words: [String]
        switch (container.command, container.arguments) {
        case (let command?, let arguments): words = command + (arguments ?? [])
        case (nil, let arguments?): words = image.entrypoint + arguments
        case (nil, nil): words = image.entrypoint + image.command
        }
        return words.map { VariableExpansion.expand($0) { environment[$0] } }
    }

    /// Only root can become somebody else; another user runs all containers as itself.
    private func setUser(
        _ container: ContainerSpec, _ image: LocalImage, _ launch: inout ProcessLaunch
    ) throws(PodMachine.StartFailure) {
        let user = container.security.user ?? image.user
        guard context.isRoot else { return }
        if container.security.mustNotBeRoot == true, (user ?? 0) == 0 {
            let what =
                container.security.user == 0
                ? "container's runAsUser breaks non-root policy"
                : "container has runAsNonRoot and image will run as root"
            throw .waiting(
                reason: "CreateContainerConfigError",
                message: "\(what) (pod: \"\(pod.description)\", container: \(container.name))")
        }
        launch.user = user
        launch.group = container.security.group ?? (user != nil ? 0 : nil)
        let groups = container.security.supplementaryGroups + [pod.security.volumeGroup].compactMap { $0 }
        launch.supplementaryGroups = groups.compactMap { UInt32(exactly: $0) }
    }

    // MARK: - Files

    private func mounts(
        _ container: ContainerSpec, _ environment: Environment, _ messageFile: String
    ) async throws(PodMachine.StartFailure) -> [ContainerRoot.Mount] {
        var mounts = [ContainerRoot.Mount(source: messageFile, target: container.terminationMessagePath)]
        if context.isolation != .shared, !pod.isUsingHostNetwork {
            mounts.append(ContainerRoot.Mount(source: "\(directory)/hosts", target: "/etc/hosts"))
            mounts.append(ContainerRoot.Mount(source: "\(directory)/hostname", target: "/etc/hostname"))
        }
        for mount in container.mounts {
            guard let volume = volumes[mount.name] else {
                throw .waiting(
                    reason: "CreateContainerConfigError", message: "the pod has no volume \"\(mount.name)\"")
            }
            var source = volume.path
            let expression = mount.subPathExpression.map { VariableExpansion.expand($0) { environment[$0] } }
            if let path = expression ?? mount.subPath {
                source = try await subPath(path, of: volume, mount)
            }
            mounts.append(
                ContainerRoot.Mount(
                    source: source, target: mount.mountPath, isReadOnly: mount.isReadOnly || volume.isReadOnly,
                    isRecursive: true))
        }
        // What is mounted below another mount has to come after it.
        return mounts.sorted { $0.target.split(separator: "/").count < $1.target.split(separator: "/").count }
    }

    /// A directory is made for a path that is not there. A link must not lead out of the volume.
    private func subPath(
        _ path: String, of volume: PreparedVolume, _ mount: VolumeMountSpec
    ) async throws(PodMachine.StartFailure) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !path.hasPrefix("/"), !parts.contains("..") else {
            throw .waiting(
                reason: "CreateContainerConfigError",
                message: "the subPath \"\(path)\" of volume \"\(mount.name)\" must be relative and without \"..\"")
        }
        do throws(NodeError) {
            return try await context.work.run { () throws(NodeError) -> String in
                let place = "\(volume.path)/\(path)"
                if HostFile.kind(place, following: true) == nil { try HostFile.makeDirectories(place) }
                guard let real = HostFile.resolved(place), let root = HostFile.resolved(volume.path),
                    real == root || real.hasPrefix(root + "/")
                else { throw NodeError("the subPath \"\(path)\" leads out of its volume") }
                return real
            }
        } catch {
            throw .waiting(
                reason: "CreateContainerConfigError",
                message: "failed to prepare subPath for volumeMount \"\(mount.name)\" of container: \(error.message)")
        }
    }

    private func isolate(
        _ launch: inout ProcessLaunch, _ root: ContainerRoot, _ mounts: [ContainerRoot.Mount],
        _ resolved: ImageStore.Resolved, _ container: ContainerSpec
    ) {
        var root = root
        for (path, file) in resolved.image.files.sorted(by: { $0.key < $1.key }) {
            guard let source = HostFile.resolved(file) else { continue }
            root.mounts.append(ContainerRoot.Mount(source: source, target: path, isReadOnly: true))
        }
        if let programs = resolved.programDirectory {
            root.mounts.append(
                ContainerRoot.Mount(source: programs, target: ImageStore.programDirectory, isReadOnly: true))
        }
        root.mounts += mounts
        root.isReadOnly = container.security.hasReadOnlyRoot ?? false
        launch.root = root
    }

    private func translate(
        _ launch: inout ProcessLaunch, _ words: [String], _ environment: Environment, _ mounts: [ContainerRoot.Mount],
        _ resolved: ImageStore.Resolved, _ container: ContainerSpec, _ messageFile: String
    ) {
        let translation = PathTranslation(
            mounts.map { ($0.target, $0.source) } + resolved.image.files.map { ($0.key, $0.value) })
        launch.arguments = words.map(translation.translate)
        var environment = environment.mapValues(translation.translate)
        // FlowEngine's agent writes to /dev/termination-log unless told otherwise.
        if environment["FLOWENGINE_TERMINATION_LOG"] == nil {
            environment.set("FLOWENGINE_TERMINATION_LOG", messageFile)
        }
        launch.environment = environment.pairs
        launch.workingDirectory = launch.workingDirectory.map(translation.translate) ?? directory
        launch.hostName = nil
    }
}
