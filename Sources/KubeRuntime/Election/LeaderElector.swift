import KubeClient
import KubeCore
import Logging
import ServiceLifecycle
import Synchronization

/// Sees to it that of several processes one does the work, by a Lease object.
///
/// Guarantees, under the assumption that clocks run at the same speed (not that they show the same time):
/// - A candidate takes a lease only when it is free, or when it has watched it unchanged for the lease's duration.
/// - A leader stops (its work is cancelled) when it has not renewed for `renewDeadline`, which is before anybody else
///   can take the lease.
/// - Each term has a higher epoch than the ones before. A Lease that is deleted loses the count: candidates that have
///   seen it go on from there, new ones from `epochFloor`.
/// - When the work ends, and on shutdown, the lease is released, so that the next leader need not wait.
///
/// Work that ignores cancellation, or a request that is still on its way, may act after the term: fence with the epoch.
///
/// Source of the protocol: client-go's `leaderelection`, whose participants it can be mixed with.
public final class LeaderElector: Sendable {
    public let lease: ObjectKey
    public let identity: String
    private let options: LeaderElectionOptions
    private let requests: LeaseRequests
    private let clock: RuntimeClock
    private let random: Randomness
    private let logger: Logger
    /// The highest epoch that was seen, here or on the server: it must rise even over a Lease that was deleted.
    private let highestEpoch: Mutex<Int64>

    /// - Parameters:
    ///   - client: should have a connection of its own (`APIClient.dedicated()`), which nobody else's load can hold up.
    ///   - lease: namespace and name of the Lease; it is made when it is not there.
    ///   - identity: unique for each process: a pod's name with something random.
    public init(
        client: any RequestClient, lease: ObjectKey, identity: String,
        options: LeaderElectionOptions = LeaderElectionOptions(), logger: Logger,
        clock: RuntimeClock = .continuous, random: Randomness = .system,
        wallClock: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.lease = lease
        self.identity = identity
        self.options = options
        self.clock = clock
        self.random = random
        var logger = logger
        logger[metadataKey: "lease"] = "\(lease)"
        logger[metadataKey: "identity"] = "\(identity)"
        self.logger = logger
        highestEpoch = Mutex(max(options.epochFloor, 0))
        requests = LeaseRequests(
            client: client, lease: lease, identity: identity, leaseDuration: options.leaseDuration,
            wallClock: wallClock)
    }

    /// Waits for the lease, runs `body` while it holds, and releases it when the body ends.
    ///
    /// On graceful shutdown a candidate gives up; a leader goes on renewing until the body, which sees the shutdown
    /// too, has ended by itself.
    ///
    /// - Throws: what the body throws; ``LeadershipLost`` when the lease was lost and the body was cancelled;
    ///   `CancellationError` when the task was cancelled or shut down before the lease was ours.
    public func lead<Value: Sendable>(
        _ body: @escaping @Sendable (Leadership) async throws -> Value
    ) async throws -> Value {
        let (epoch, version, renewed) = try await cancelWhenGracefulShutdown { try await self.campaign() }
        let validity = LeaseValidity(until: renewed + options.renewDeadline)
        let leadership = Leadership(epoch: epoch, identity: identity, validity: validity, clock: clock)
        let term = Term(epoch: epoch, resourceVersion: version, validity: validity)
        logger.info("leading", metadata: ["epoch": "\(epoch)"])
        let result: Result<Value, any Error>
        do {
            result = .success(try await run(body, leadership, term))
        } catch {
            result = .failure(error)
        }
        validity.end()
        if let version = await term.resourceVersion {
            // The lease is released even when this task is cancelled, so the request needs a task that is not. It is
            // waited for, and bounded by its timeout.
            await Task { await self.release(version, epoch: epoch) }.value
        }
        return try result.get()
    }

    private func run<Value: Sendable>(
        _ body: @escaping @Sendable (Leadership) async throws -> Value, _ leadership: Leadership, _ term: Term
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body(leadership) }
            group.addTask {
                try await self.keepRenewing(term)
                return nil
            }
            defer { group.cancelAll() }
            // Renewal never ends but by throwing, so the first to end in good order is the body.
            for try await case let value? in group { return value }
            throw CancellationError()
        }
    }

    // MARK: Becoming the leader

    private func campaign() async throws -> (epoch: Int64, resourceVersion: String, since: Duration) {
        var observation: LeaseObservation?
        while true {
            try Task.checkCancellation()
            let began = clock.now
            do throws(ClientError) {
                if let epoch = try await attempt(&observation) {
                    return (epoch, observation?.record.resourceVersion ?? "", began)
                }
            } catch {
                try Task.checkCancellation()
                let level: Logger.Level = error.isConflict || error.isAlreadyExists ? .debug : .warning
                logger.log(level: level, "the lease was not acquired", metadata: ["error": "\(error)"])
            }
            try await clock.sleep(for: options.retryPeriod * (1 + 0.2 * random.next()))
        }
    }

    /// Takes the lease if it is free or dead; returns the epoch when it is ours now.
    private func attempt(_ observation: inout LeaseObservation?) async throws(ClientError) -> Int64? {
        guard let record = try await requests.get() else {
            let epoch = nextEpoch(after: 0)
            let record = try await requests.create(epoch: epoch)
            observation = LeaseObservation(record, now: clock.now)
            return epoch
        }
        var seen = observation ?? LeaseObservation(record, now: clock.now)
        seen.see(record, now: clock.now)
        observation = seen
        let isOwn = record.holder == identity
        if !isOwn, let expiry = seen.expiry(leaseDuration: options.leaseDuration), clock.now < expiry { return nil }
        let epoch = nextEpoch(after: record.transitions)
        let taken = try await requests.take(record, epoch: epoch)
        observation = LeaseObservation(taken, now: clock.now)
        return epoch
    }

    private func nextEpoch(after transitions: Int64) -> Int64 {
        highestEpoch.withLock { highest in
            // A Lease counts in 32 bits.
            highest = min(max(transitions, highest), Int64(Int32.max) - 1) + 1
            return highest
        }
    }

    // MARK: Staying it

    private func keepRenewing(_ term: Term) async throws {
        while true {
            let deadline = term.validity.until
            try await clock.sleep(until: min(clock.now + options.retryPeriod, deadline))
            let began = clock.now
            let outcome = began < deadline ? try await renew(term, until: deadline) : .unknown("no time was left")
            switch outcome {
            case .renewed(let version):
                await term.renewed(version)
                term.validity.extend(to: began + options.renewDeadline)
            case .taken(let message):
                await term.renewed(nil)
                throw LeadershipLost(message: message)
            case .unknown(let message):
                logger.warning("the lease was not renewed", metadata: ["error": "\(message)"])
                guard clock.now < deadline else {
                    throw LeadershipLost(
                        message: "the lease \(lease) was not renewed within \(options.renewDeadline): \(message)")
                }
            }
        }
    }

    private enum Renewal: Sendable {
        case renewed(String)
        case taken(String)
        case unknown(String)
    }

    private func renew(_ term: Term, until deadline: Duration) async throws -> Renewal {
        let timeout = deadline - clock.now
        let version = await term.resourceVersion ?? ""
        let epoch = term.epoch
        let outcome = try await withDeadline(deadline, clock) { [requests, identity, lease] in
            do throws(ClientError) {
                return Renewal.renewed(try await requests.renew(version, within: timeout))
            } catch {
                try Task.checkCancellation()
                // Gone or changed: by a hand on the metadata, by our own renewal whose answer was lost, or by another
                // leader. Only the present state tells.
                guard error.isConflict || error.isNotFound || error.isOutcomeUnknown else {
                    return .unknown(error.message)
                }
            }
            do throws(ClientError) {
                let record = try await requests.get(within: timeout)
                guard let record, record.holder == identity, record.transitions == epoch else {
                    let holder = record?.holder ?? "nobody"
                    return .taken("the lease \(lease) is held by \(holder) now")
                }
                return .renewed(try await requests.renew(record.resourceVersion, within: timeout))
            } catch {
                try Task.checkCancellation()
                return .unknown(error.message)
            }
        }
        return outcome ?? .unknown("the server did not answer in time")
    }

    private func release(_ version: String, epoch: Int64) async {
        let timeout = options.retryPeriod
        do throws(ClientError) {
            do throws(ClientError) {
                try await requests.release(version, within: timeout)
            } catch {
                // A renewal that was cancelled on its way may have been done all the same.
                guard error.isConflict, let record = try await requests.get(within: timeout),
                    record.holder == identity, record.transitions == epoch
                else { throw error }
                try await requests.release(record.resourceVersion, within: timeout)
            }
            logger.info("released the lease")
        } catch {
            logger.warning("the lease was not released and will expire", metadata: ["error": "\(error)"])
        }
    }
}

/// What is known of the lease during a term.
private actor Term {
    let epoch: Int64
    let validity: LeaseValidity
    /// nil when the lease is somebody else's, so that it is not released.
    private(set) var resourceVersion: String?

    init(epoch: Int64, resourceVersion: String, validity: LeaseValidity) {
        self.epoch = epoch
        self.resourceVersion = resourceVersion
        self.validity = validity
    }

    func renewed(_ version: String?) {
        resourceVersion = version
    }
}
