import Logging
import ServiceLifecycle

/// A service that does its work in the process that leads, and campaigns again when it lost the lead.
public final class ElectedService: Service {
    private let elector: LeaderElector
    private let logger: Logger
    private let work: @Sendable (Leadership) async throws -> Void

    /// - Parameter work: run once a term, cancelled when the term ends. When it returns by itself the service ends.
    ///   What cannot be run twice, such as a controller, is to be made in it.
    public init(
        elector: LeaderElector, logger: Logger, work: @escaping @Sendable (Leadership) async throws -> Void
    ) {
        self.elector = elector
        self.logger = logger
        self.work = work
    }

    public func run() async throws {
        while true {
            do {
                return try await elector.lead(work)
            } catch let lost as LeadershipLost {
                logger.warning("lost the lead", metadata: ["reason": "\(lost)"])
            } catch is CancellationError {
                return
            }
        }
    }
}
