/// Where the output of containers comes from: the node.
package protocol PodLogSource: Sendable {
    /// The output of a container, as `kubectl logs` shows it.
    ///
    /// - Parameter container: the name of a container, init container or ephemeral container of the pod.
    /// - Returns: pieces of bytes; with `follow` the stream goes on until the container ends. It ends when the task that reads it is
    ///   cancelled.
    /// - Throws: `PodLogError` when there is nothing to read.
    func logs(
        namespace: String, podUID: String, podName: String, container: String, options: PodLogOptions
    ) async throws(PodLogError) -> AsyncThrowingStream<[UInt8], any Error>
}

/// The query of a log request.
package struct PodLogOptions: Sendable, Hashable {
    package var follow: Bool
    /// The output of the container's previous run.
    package var previous: Bool
    package var timestamps: Bool
    /// How many of the last lines; nil for all.
    package var tailLines: Int64?
    package var sinceSeconds: Int64?
    /// RFC 3339.
    package var sinceTime: String?
    package var limitBytes: Int64?

    package init(
        follow: Bool = false, previous: Bool = false, timestamps: Bool = false, tailLines: Int64? = nil,
        sinceSeconds: Int64? = nil, sinceTime: String? = nil, limitBytes: Int64? = nil
    ) {
        self.follow = follow
        self.previous = previous
        self.timestamps = timestamps
        self.tailLines = tailLines
        self.sinceSeconds = sinceSeconds
        self.sinceTime = sinceTime
        self.limitBytes = limitBytes
    }
}

package enum PodLogError: Error, Sendable, Hashable {
    /// The container has not started, or has no previous run; the text says so as the node does.
    case notAvailable(String)
    case failed(String)
}
