import Synchronization

/// A loop that is started by its first use: a program that never watches has no thread for watches.
final class TransportLane: Sendable {
    private enum State {
        case unused
        case running(CurlLoop)
        case closed
    }

    private let state = Mutex(State.unused)
    private let name: String
    private let assumedProtocol: HTTPProtocol?
    private let limits: AdmissionLimits

    init(name: String, assumedProtocol: HTTPProtocol?, limits: AdmissionLimits) {
        self.name = name
        self.assumedProtocol = assumedProtocol
        self.limits = limits
    }

    func loop() throws(ClientError) -> CurlLoop {
        let result = state.withLock { state -> Result<CurlLoop, ClientError> in
            switch state {
            case .running(let loop): return .success(loop)
            case .closed: return .failure(ClientError(.closed, "The Kubernetes client was shut down."))
            case .unused:
                do throws(ClientError) {
                    let loop = try CurlLoop(name: name, limits: limits, assumedProtocol: assumedProtocol)
                    state = .running(loop)
                    return .success(loop)
                } catch {
                    return .failure(error)
                }
            }
        }
        return try result.get()
    }

    func close() {
        state.withLock { state in
            if case .running(let loop) = state { loop.close() }
            state = .closed
        }
    }

    var statistics: CurlLoop.Statistics {
        state.withLock { state in
            if case .running(let loop) = state { loop.statistics } else { .init() }
        }
    }
}

/// An exchange on a loop, to end or to continue it.
struct TransferReference: Sendable {
    let loop: CurlLoop
    let id: UInt64

    func cancel() { loop.cancel(id) }
    func resume() { loop.resume(id) }
}
