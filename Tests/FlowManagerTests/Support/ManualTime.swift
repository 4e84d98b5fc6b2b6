import KubeCore
import Synchronization

/// A clock that only the test moves.
final class ManualTime: Sendable {
    private let moment = Mutex(RecordingDriver.start)

    var now: Timestamp { moment.withLock { $0 } }

    func pass(_ time: Duration) { moment.withLock { $0 = $0 + time } }
}
