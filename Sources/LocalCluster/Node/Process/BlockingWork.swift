import Dispatch

/// Runs work that blocks (files, starting processes) outside Swift's pool, whose few threads must keep moving.
struct BlockingWork: Sendable {
    /// A few serial queues rather than a concurrent one, which would make a thread for every piece of work that blocks.
    private let queues: [DispatchQueue]

    init(name: String, width: Int = 2) {
        queues = (0..<max(1, width)).map { DispatchQueue(label: "\(name)-\($0)", qos: .userInitiated) }
    }

    func run<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
            let queue = queues.randomElement() ?? DispatchQueue.global()
            queue.async {
                do throws(Failure) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}
