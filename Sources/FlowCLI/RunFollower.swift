import FlowAPI
import KubeClient
import KubeCore

/// Follows one JobRun from now to its end.
struct RunFollower: Sendable {
    let client: APIClient
    let namespace: String
    let name: String

    /// Calls `body` with the run as it is and after every change, until it has ended.
    ///
    /// - Returns: the run as it ended.
    func follow(_ body: (JobRun) async throws -> Void) async throws -> JobRun {
        let runs = client.resource(JobRun.self, namespace: namespace)
        while true {
            var run = try await runs.get(name)
            try await body(run)
            if run.status?.phase?.isFinal == true { return run }
            let options = ListOptions(
                fieldSelector: "metadata.name=\(name)", resourceVersion: run.metadata.resourceVersion)
            do {
                for try await event in try await runs.watch(options) {
                    switch event {
                    case .added(let changed), .modified(let changed):
                        run = changed
                        try await body(run)
                        if run.status?.phase?.isFinal == true { return run }
                    case .deleted:
                        throw CommandFailure("the run \(name) was deleted before it ended")
                    case .bookmark, .error, .undecodable:
                        continue
                    }
                }
            } catch let error as ClientError where error.status == nil && !error.isCancelled {
                // The line broke; what was missed is in the next get. That one reports a server that is gone for good.
            } catch let error as ClientError where error.isExpired {
                // What was missed is in the next get.
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}
