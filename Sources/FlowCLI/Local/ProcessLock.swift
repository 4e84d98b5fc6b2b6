import Glibc

/// A lock that a process holds for its whole life: it tells whether that process lives, and lets others wait for its end,
/// without the doubt of a pid that was used again.
final class ProcessLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock; nil when another process has it.
    init?(_ path: String) throws {
        descriptor = try Self.open(path)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
    }

    deinit {
        close(descriptor)
    }

    static func isHeld(_ path: String) -> Bool {
        guard let descriptor = try? open(path) else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }

    /// Asks the holder to end with SIGTERM, after `patience` insists with SIGKILL, and returns when it has ended.
    ///
    /// - Returns: whether it ended by itself.
    static func end(holder pid: Int32, of path: String, patience: Duration) async throws -> Bool {
        let descriptor = try open(path)
        defer { close(descriptor) }
        kill(pid, SIGTERM)
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await Task.sleep(for: patience)
                kill(pid, SIGKILL)
                return false
            }
            group.addTask { await waitForLock(descriptor) }
            var endedByItself = true
            while let isFree = try await group.next() {
                if isFree { break }
                endedByItself = false
            }
            group.cancelAll()
            return endedByItself
        }
    }

    /// Waits on a thread of its own: the call blocks.
    private static func waitForLock(_ descriptor: Int32) async -> Bool {
        await withCheckedContinuation { continuation in
            BlockingThread.run {
                while flock(descriptor, LOCK_SH) != 0, errno == EINTR {}
                continuation.resume(returning: true)
            }
        }
    }

    private static func open(_ path: String) throws -> Int32 {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure("cannot open \(path): \(String(cString: strerror(errno)))")
        }
        return descriptor
    }
}

/// Runs a call that blocks where it holds up nobody.
enum BlockingThread {
    static func run(_ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Box(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        if code == 0 {
            pthread_detach(thread)
        } else {
            box.release()
            body()  // No thread is to be had: better to block than never to answer.
        }
    }

    private final class Box: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }
}
