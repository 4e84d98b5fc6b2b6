import Glibc

@testable import KubeClient

/// A directory that is gone after the test.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/kubeclient-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ScriptError.noSocket }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        _ = try? ChildProcess.run(
            "rm", ["-rf", path], adding: [], inheritsInput: false, timeout: .seconds(10))
    }

    /// Writes a file and returns its path. Replaces it in one step, as the kubelet does.
    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o600) throws -> String {
        let target = "\(path)/\(name)"
        let temporary = "\(target).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw ScriptError.noSocket }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, close(descriptor) == 0,
            chmod(temporary, mode) == 0, rename(temporary, target) == 0
        else { throw ScriptError.noSocket }
        return target
    }

    func read(_ name: String) throws -> String {
        String(decoding: try readFile("\(path)/\(name)", limit: 1 << 24), as: UTF8.self)
    }
}
