import Glibc
import KubeCore

/// A token for a pod's service account, as `TokenRequest` gives it.
package struct ServiceAccountTokenRequest: Sendable, Hashable {
    package var namespace: String
    package var serviceAccount: String
    /// Empty: the API server's own.
    package var audiences: [String]
    package var expirationSeconds: Int64
    package var podName: String
    package var podUID: String
    package var nodeName: String
}

/// Makes the token; throws when the service account is not there.
package typealias ServiceAccountTokenSource = @Sendable (ServiceAccountTokenRequest) async throws -> String

/// A volume that is ready: where it lies on the host.
struct PreparedVolume: Sendable, Equatable {
    var path: String
    var isReadOnly = false
}

/// Makes a pod's volumes on the host.
struct VolumeBuilder: Sendable {
    let pod: PodSpec
    let fields: PodFields
    let config: any ConfigSource
    let tokens: ServiceAccountTokenSource?
    /// The pod's directory for volumes.
    let directory: String
    /// Where claims lie, `NAMESPACE/NAME`.
    let claimDirectory: String
    let work: BlockingWork

    func prepare() async throws(NodeError) -> [String: PreparedVolume] {
        var prepared: [String: PreparedVolume] = [:]
        for volume in pod.volumes { prepared[volume.name] = try await prepare(volume) }
        return prepared
    }

    private func prepare(_ volume: VolumeSpec) async throws(NodeError) -> PreparedVolume {
        let place = "\(directory)/\(volume.name)"
        let source = volume.source
        do throws(NodeError) {
            if source["emptyDir"] != nil || source["ephemeral"] != nil {
                return try await directoryVolume(place, mode: 0o777)
            }
            if let configMap = source["configMap"] {
                return try await files(place, files(.configMaps, configMap, name: "name", configMap, mode: 0o644))
            }
            if let secret = source["secret"] {
                return try await files(place, files(.secrets, secret, name: "secretName", secret, mode: 0o644))
            }
            if let downward = source["downwardAPI"] {
                return try await files(place, downwardFiles(downward, Self.mode(downward, 0o644)))
            }
            if let projected = source["projected"] { return try await files(place, projectedFiles(projected)) }
            if let host = source["hostPath"] { return try await hostPath(host) }
            if let claim = source["persistentVolumeClaim"] { return try await claimVolume(claim) }
        } catch {
            throw NodeError("MountVolume.SetUp failed for volume \"\(volume.name)\" : \(error.message)")
        }
        let kind = (source.objectValue ?? [:]).map(\.key).first { $0 != "name" } ?? "no source"
        throw NodeError(
            "volume \"\(volume.name)\" has the source \(kind), which the local node does not have; it has emptyDir, "
                + "configMap, secret, downwardAPI, projected, hostPath and persistentVolumeClaim")
    }

    private func directoryVolume(_ place: String, mode: mode_t) async throws(NodeError) -> PreparedVolume {
        let group = pod.security.volumeGroup
        try await work.run { () throws(NodeError) in
            try HostFile.makeDirectories(place, mode: mode)
            if let group, let id = gid_t(exactly: group), chown(place, uid_t.max, id) == 0 {
                chmod(place, mode | 0o2070)
            }
        }
        return PreparedVolume(path: place)
    }

    private func files(_ place: String, _ files: [AtomicDirectory.File]) async throws(NodeError) -> PreparedVolume {
        try await work.run { () throws(NodeError) in try AtomicDirectory.write(files, to: place) }
        return PreparedVolume(path: place, isReadOnly: true)
    }

    // MARK: - Files from objects

    /// - Parameter reference: names the object, and says whether it may be missing.
    private func files(
        _ type: ResourceType, _ reference: JSON, name key: String, _ source: JSON, mode fallback: Int64
    ) async throws(NodeError) -> [AtomicDirectory.File] {
        let name = reference.text(key)
        let isOptional = reference["optional"]?.boolValue ?? false
        let object: JSON?
        do {
            object = try await config.object(type, namespace: pod.namespace, name: name)
        } catch {
            throw NodeError(error.message)
        }
        guard let object else {
            if isOptional { return [] }
            throw NodeError("\(type.kind.lowercased()) \"\(name)\" not found")
        }
        let data = ConfigData(object, type: type)
        let mode = Self.mode(source, fallback)
        guard let items = source["items"]?.arrayValue else {
            return data.keys.compactMap { key in
                data.bytes(key).map { AtomicDirectory.File(path: key, content: $0, mode: mode_t(mode & 0o777)) }
            }
        }
        var files: [AtomicDirectory.File] = []
        for item in items {
            guard let content = data.bytes(item.text("key")) else {
                if isOptional { continue }
                throw NodeError("references non-existent config key: \(item.text("key"))")
            }
            files.append(try file(item, content, mode))
        }
        return files
    }

    private static func mode(_ source: JSON, _ fallback: Int64) -> Int64 { source["defaultMode"]?.intValue ?? fallback }

    private func file(_ item: JSON, _ content: [UInt8], _ mode: Int64) throws(NodeError) -> AtomicDirectory.File {
        let path = item.text("path")
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !path.hasPrefix("/"), !parts.contains(".."), !parts.contains("") else {
            throw NodeError("the path \"\(path)\" must be relative and without \"..\"")
        }
        let mode = item["mode"]?.intValue ?? mode
        return AtomicDirectory.File(path: path, content: content, mode: mode_t(truncatingIfNeeded: mode & 0o777))
    }

    private func downwardFiles(_ source: JSON, _ mode: Int64) throws(NodeError) -> [AtomicDirectory.File] {
        var files: [AtomicDirectory.File] = []
        for item in source.list("items") {
            let text: String?
            if let reference = item["fieldRef"] {
                text = fields.field(reference.text("fieldPath"))
            } else {
                text = item["resourceFieldRef"].flatMap { fields.resource($0, in: nil) }
            }
            guard let text else { throw NodeError("the downward API does not know \(item.encodedString())") }
            files.append(try file(item, Array(text.utf8), mode))
        }
        return files
    }

    private func projectedFiles(_ projected: JSON) async throws(NodeError) -> [AtomicDirectory.File] {
        let mode = Self.mode(projected, 0o644)
        var all: [AtomicDirectory.File] = []
        for source in projected.list("sources") {
            if let reference = source["configMap"] {
                all += try await files(.configMaps, reference, name: "name", reference, mode: mode)
            } else if let reference = source["secret"] {
                all += try await files(.secrets, reference, name: "name", reference, mode: mode)
            } else if let downward = source["downwardAPI"] {
                all += try downwardFiles(downward, mode)
            } else if let token = source["serviceAccountToken"] {
                all.append(try file(token, try await self.token(token), mode))
            } else {
                let kind = source.objectValue?.first?.key ?? "nothing"
                throw NodeError("the local node does not know the projected source \(kind)")
            }
        }
        // A later source takes the place of an earlier one at the same path.
        var byPath: [String: AtomicDirectory.File] = [:]
        for file in all { byPath[file.path] = file }
        return byPath.values.sorted { $0.path < $1.path }
    }

    private func token(_ source: JSON) async throws(NodeError) -> [UInt8] {
        guard let tokens else { throw NodeError("this node has been given no source of service account tokens") }
        let audience = source.text("audience")
        let request = ServiceAccountTokenRequest(
            namespace: pod.namespace, serviceAccount: pod.serviceAccountName,
            audiences: audience.isEmpty ? [] : [audience],
            expirationSeconds: source["expirationSeconds"]?.intValue ?? 3600, podName: pod.name, podUID: pod.uid,
            nodeName: pod.nodeName)
        do {
            return Array(try await tokens(request).utf8)
        } catch {
            throw NodeError("failed to fetch token: \(error)")
        }
    }

    // MARK: - Directories

    private func hostPath(_ source: JSON) async throws(NodeError) -> PreparedVolume {
        let path = source.text("path")
        let type = source.text("type")
        return try await work.run { () throws(NodeError) -> PreparedVolume in
            let kind = HostFile.kind(path, following: true)
            switch (type, kind) {
            case ("DirectoryOrCreate", nil): try HostFile.makeDirectories(path)
            case ("FileOrCreate", nil): try HostFile.write([], to: path)
            case ("", nil): try HostFile.makeDirectories(path)
            case ("", _), ("DirectoryOrCreate", .directory), ("Directory", .directory), ("FileOrCreate", .file),
                ("File", .file), ("Socket", .socket), ("CharDevice", .characterDevice),
                ("BlockDevice", .blockDevice):
                break
            default: throw NodeError("hostPath type check failed: \(path) is not a \(type)")
            }
            guard let real = HostFile.resolved(path) else { throw NodeError("the host has no \(path)") }
            return PreparedVolume(path: real)
        }
    }

    private func claimVolume(_ source: JSON) async throws(NodeError) -> PreparedVolume {
        let name = source.text("claimName")
        do {
            guard try await config.object(.persistentVolumeClaims, namespace: pod.namespace, name: name) != nil else {
                throw NodeError("persistentvolumeclaim \"\(name)\" not found")
            }
        } catch let status as Status {
            throw NodeError(status.message)
        } catch let error as NodeError {
            throw error
        } catch {
            throw NodeError("\(error)")
        }
        var volume = try await directoryVolume("\(claimDirectory)/\(pod.namespace)/\(name)", mode: 0o777)
        volume.isReadOnly = source["readOnly"]?.boolValue ?? false
        return volume
    }
}
