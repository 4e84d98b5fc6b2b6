import Foundation

/// A thread of its own, for work that blocks for long.
enum HostThread {
    static func start(_ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.stackSize = 256 * 1024
        thread.start()
    }
}
