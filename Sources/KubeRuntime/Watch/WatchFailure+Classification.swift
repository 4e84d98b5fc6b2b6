import KubeClient
import KubeCore

extension WatchFailure {
    /// What an error of a list or a watch means for the state machine.
    ///
    /// - Parameters:
    ///   - operation: what was tried, for the message.
    ///   - isStreamingList: the request had parameters that an older server refuses.
    ///   - wasOpen: the watch had been accepted before.
    init(_ error: ClientError, operation: String, isStreamingList: Bool, wasOpen: Bool) {
        if let status = error.status {
            self.init(
                status, operation: operation, isStreamingList: isStreamingList, retryAfter: error.retryAfter)
        } else {
            self.init(
                wasOpen ? .disconnected : .unreachable, "\(operation): \(error)", retryAfter: error.retryAfter)
        }
    }

    /// What an error status, from an HTTP answer or an ERROR event, means for the state machine.
    init(_ status: Status, operation: String, isStreamingList: Bool, retryAfter: Duration? = nil) {
        let message = "\(operation): \(status)"
        let wait = retryAfter ?? status.details?.retryAfterSeconds.map { .seconds($0) }
        let causes = status.details?.causes ?? []
        if status.code == 410 || status.reason == .expired || status.reason == .gone {
            self.init(.expired, message, retryAfter: wait)
        } else if causes.contains(where: { $0.reason == "ResourceVersionTooLarge" }) {
            self.init(.unknownResourceVersion, message, retryAfter: wait)
        } else if isStreamingList, status.code == 400 || status.code == 422 {
            self.init(.streamingListUnsupported, message)
        } else {
            self.init(.refused, message, retryAfter: wait)
        }
    }
}
