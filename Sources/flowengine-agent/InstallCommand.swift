import Glibc

/// Copies the running program into a directory, from where a container of any image can run it.
struct InstallCommand {
    var directory: String

    func run() -> Int32 {
        let target = directory + "/flowengine-agent"
        do {
            try FileContent.makeDirectories(directory)
            try copySelf(to: target)
            return ExitCode.success
        } catch {
            StandardStream.error.write(
                "flowengine-agent: cannot install to \(target): \(error.text). "
                    + "Is the volume mounted there and writable?\n")
            return ExitCode.failure
        }
    }

    /// By way of a new name, because a program that is being run cannot be overwritten and a reader must never see half of it.
    private func copySelf(to target: String) throws(SystemFailure) {
        let source = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw .last }
        defer { close(source) }
        let temporary = "\(target).\(getpid())"
        let copy = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o755)
        guard copy >= 0 else { throw .last }
        do throws(SystemFailure) {
            defer { close(copy) }
            try transfer(from: source, to: copy)
            // The umask must not keep a container that runs as another user from running it.
            guard fchmod(copy, 0o755) == 0 else { throw .last }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, target) == 0 else {
            let failure = SystemFailure.last
            unlink(temporary)
            throw failure
        }
    }

    private func transfer(from source: Int32, to copy: Int32) throws(SystemFailure) {
        while true {
            let count = sendfile(copy, source, nil, 1 << 24)
            if count == 0 { return }
            if count < 0, errno != EINTR { throw .last }
        }
    }
}
