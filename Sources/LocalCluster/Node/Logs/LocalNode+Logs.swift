import KubeCore

extension LocalNode: PodLogSource {
    package func logs(
        namespace: String, podUID: String, podName: String, container: String, options: PodLogOptions
    ) async throws(PodLogError) -> AsyncThrowingStream<[UInt8], any Error> {
        guard let worker = worker(uid: podUID) else {
            throw .notAvailable(
                "container \"\(container)\" in pod \"\(podName)\" is not available: the local node has no files of it")
        }
        guard let log = worker.log(container: container, isPrevious: options.previous) else {
            if options.previous {
                throw .notAvailable(
                    "previous terminated container \"\(container)\" in pod \"\(podName)\" not found")
            }
            throw .notAvailable(
                "container \"\(container)\" in pod \"\(podName)\" is waiting to start: ContainerCreating")
        }
        let reader = ContainerLogReader(log: log, selection: selection(options))
        // The reader pulls: a slow one leaves a log's bytes on disk and not in memory.
        let session = ContainerLogReader.Session(reader, on: worker.context.work)
        return AsyncThrowingStream(unfolding: { await session.next() })
    }

    private func selection(_ options: PodLogOptions) -> LogSelection {
        var since = options.sinceTime.flatMap(Timestamp.init(rfc3339:))
        if let seconds = options.sinceSeconds { since = Timestamp.now() + .seconds(-max(0, seconds)) }
        return LogSelection(
            isFollowing: options.follow, hasTimestamps: options.timestamps, since: since,
            tailLines: options.tailLines.map { Int(clamping: max(0, $0)) },
            limitBytes: options.limitBytes.map { Int(clamping: max(0, $0)) })
    }
}

extension PodWorker {
    /// The log of a container's latest run, or of the one before.
    func log(container: String, isPrevious: Bool) -> ContainerLog? {
        shared.withLock { shared in
            let logs = shared.logs[container] ?? []
            if !isPrevious { return logs.last }
            return logs.count > 1 ? logs.first : nil
        }
    }
}
