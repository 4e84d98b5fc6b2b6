import CCurl

/// The state and the body of a loop's thread. Lives and dies on it.
final class CurlLoopThread {
    private let loop: CurlLoop
    private let multi: UnsafeMutableRawPointer
    private let limits: AdmissionLimits

    private var transfers: [UInt64: ActiveTransfer] = [:]
    private var activeCount = 0
    /// Ids in order of arrival; those already gone from `transfers` are skipped.
    private var waiting: [UInt64] = []
    private var waitingHead = 0
    private var idle: [EasyHandle] = []
    private var protocolSeen: HTTPProtocol?
    /// Never later than the earliest due time of any transfer.
    private var nextCheck: ContinuousClock.Instant?
    private var connectionsMade = 0
    /// An exchange got no sign of life, and none has since: its connection may be dead although the peer's kernel
    /// acknowledges, or lead to a server that hangs. New exchanges then dial their own.
    private var distrustsConnections = false
    private var dialsUnderWay = 0

    private static let keptHandles = 64

    init(_ loop: CurlLoop, multi: MultiHandle, assumedProtocol: HTTPProtocol?) {
        self.loop = loop
        self.multi = multi.pointer
        limits = loop.limits
        protocolSeen = assumedProtocol
        _ = ccurl_multi_set_long(self.multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        _ = ccurl_multi_set_long(
            self.multi, CURLMOPT_MAX_CONCURRENT_STREAMS, AdmissionLimits.streamsPerConnection)
        applyConnectionLimit()
    }

    func run() {
        while true {
            let (commands, isClosed) = loop.takeCommands()
            if isClosed {
                end(commands)
                return
            }
            for command in commands { obey(command) }
            failOverdue()
            admit()
            var running: Int32 = 0
            _ = curl_multi_perform(multi, &running)
            if collectDone() || !loop.prepareToPoll(statistics) { continue }
            _ = curl_multi_poll(multi, nil, 0, pollTimeout, nil)
        }
    }

    private var statistics: CurlLoop.Statistics {
        .init(
            active: activeCount, waiting: transfers.count - activeCount, idleHandles: idle.count,
            connectionsMade: connectionsMade)
    }

    // MARK: Commands

    private func obey(_ command: CurlLoop.Command) {
        switch command {
        case .start(let id, let request, let continuation):
            let transfer = ActiveTransfer(id: id, request: request, continuation: continuation, now: .now)
            transfers[id] = transfer
            waiting.append(id)
            noteDue(transfer)
        case .cancel(let id):
            guard let transfer = transfers[id] else { return }
            fail(transfer, .cancelled)
        case .resume(let id):
            guard let transfer = transfers[id], transfer.isPaused, let easy = transfer.easy else { return }
            transfer.isPaused = false
            transfer.lastActivity = .now
            // May call the write callback, which may pause again.
            _ = curl_easy_pause(easy.curl, CURLPAUSE_CONT)
            noteDue(transfer)
        }
    }

    private func end(_ commands: [CurlLoop.Command]) {
        for command in commands + loop.detachMulti() {
            if case .start(_, _, let continuation) = command {
                continuation.resume(returning: .failure(TransferFailure(kind: .closed, mayHaveBeenSent: false)))
            }
        }
        for transfer in transfers.values { fail(transfer, .closed) }
        idle.removeAll()
        curl_multi_cleanup(multi)
    }

    // MARK: Admission

    private func admit() {
        while mayAdmit, let transfer = nextWaiting() {
            guard let easy = idle.popLast() ?? EasyHandle() else {
                finish(transfer, failure: TransferFailure(kind: .curl(27), detail: "Out of memory"))
                continue
            }
            let code = easy.prepare(transfer.request, dialsAnew: distrustsConnections)
            guard code == CURLE_OK else {
                let failure = TransferFailure(
                    kind: .curl(Int32(bitPattern: code.rawValue)), detail: easy.failureText(code),
                    mayHaveBeenSent: false)
                finish(transfer, failure: failure)
                continue
            }
            easy.transfer = transfer
            transfer.easy = easy
            transfer.dialsAnew = distrustsConnections
            activeCount += 1
            if transfer.dialsAnew { dialsUnderWay += 1 }
            if curl_multi_add_handle(multi, easy.curl) != CURLM_OK {
                fail(transfer, .curl(27))
            }
        }
    }

    private var mayAdmit: Bool {
        guard activeCount < limits.capacity(protocolSeen) else { return false }
        return !distrustsConnections || dialsUnderWay < limits.http2Connections
    }

    private func nextWaiting() -> ActiveTransfer? {
        while waitingHead < waiting.count {
            let id = waiting[waitingHead]
            waitingHead += 1
            if waitingHead == waiting.count {
                waiting.removeAll(keepingCapacity: true)
                waitingHead = 0
            } else if waitingHead > 1024, waitingHead * 2 > waiting.count {
                waiting.removeFirst(waitingHead)
                waitingHead = 0
            }
            if let transfer = transfers[id] { return transfer }
        }
        return nil
    }

    private func learn(_ seen: HTTPProtocol?) {
        guard let seen, seen != protocolSeen else { return }
        protocolSeen = seen
        applyConnectionLimit()
    }

    private func applyConnectionLimit() {
        // The connections that are not trusted may be full of exchanges that wait for their deadlines.
        let count = limits.connections(protocolSeen) * (distrustsConnections ? 2 : 1)
        _ = ccurl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, count)
        _ = ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, count)
    }

    // MARK: Ends

    private func collectDone() -> Bool {
        var any = false
        var code = CURLE_OK
        while let curl = ccurl_multi_next_done(multi, &code) {
            var context: UnsafeMutableRawPointer?
            guard ccurl_get_pointer(curl, CURLINFO_PRIVATE, &context) == CURLE_OK, let context else { continue }
            let easy = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
            guard let transfer = easy.transfer else { continue }
            any = true
            learn(transfer.protocolSeen)
            if code == CURLE_OK {
                if distrustsConnections { trust() }
                let body = takeBody(easy)
                remove(transfer)
                transfer.complete(body: body)
            } else if transfer.isOverLimit {
                fail(transfer, .tooLarge(limit: transfer.collectLimit))
            } else {
                fail(transfer, .curl(Int32(bitPattern: code.rawValue)), detail: easy.failureText(code))
            }
        }
        // A stream's head tells the protocol, and that the connection lives, long before its end.
        if protocolSeen == nil || distrustsConnections {
            let answered = transfers.values.first { $0.hadResponse && (protocolSeen == nil || $0.dialsAnew) }
            if let answered {
                learn(answered.protocolSeen)
                if distrustsConnections { trust() }
                return true
            }
        }
        return any
    }

    /// Small bodies are copied to size, so that the handle's buffer serves again; large ones are handed over.
    private func takeBody(_ easy: EasyHandle) -> [UInt8] {
        guard easy.body.capacity > 64 * 1024 else { return easy.body.withUnsafeBytes { [UInt8]($0) } }
        defer { easy.body = [] }
        return easy.body
    }

    private func fail(_ transfer: ActiveTransfer, _ kind: TransferFailure.Kind, detail: String = "") {
        let failure = TransferFailure(
            kind: kind, detail: detail, mayHaveBeenSent: transfer.easy?.mayHaveBeenSent ?? false,
            wasQueued: transfer.easy == nil, hadResponse: transfer.hadResponse)
        finish(transfer, failure: failure)
    }

    private func finish(_ transfer: ActiveTransfer, failure: TransferFailure) {
        remove(transfer)
        transfer.fail(failure)
    }

    private func remove(_ transfer: ActiveTransfer) {
        transfers[transfer.id] = nil
        guard let easy = transfer.easy else { return }
        transfer.easy = nil
        activeCount -= 1
        connectionsMade += easy.connectionsMade
        if transfer.dialsAnew { dialsUnderWay -= 1 }
        curl_multi_remove_handle(multi, easy.curl)
        easy.recycle()
        if idle.count < Self.keptHandles { idle.append(easy) }
    }

    // MARK: Deadlines

    private func noteDue(_ transfer: ActiveTransfer) {
        guard let due = transfer.earliestDue else { return }
        if let nextCheck, nextCheck <= due { return }
        nextCheck = due
    }

    /// Looks at all transfers, but only when the earliest known due time has come: activity moves due times back
    /// without touching `nextCheck`, which is then found to be early and computed again.
    private func failOverdue() {
        guard let check = nextCheck, check <= .now else { return }
        let now = ContinuousClock.now
        nextCheck = nil
        for transfer in Array(transfers.values) {
            if let due = transfer.due, due.at <= now {
                distrust(transfer, due.kind)
                fail(transfer, due.kind)
            } else {
                noteDue(transfer)
            }
        }
    }

    private func distrust(_ transfer: ActiveTransfer, _ kind: TransferFailure.Kind) {
        guard let easy = transfer.easy, kind == .idle || !transfer.hadResponse else { return }
        if !distrustsConnections {
            distrustsConnections = true
            applyConnectionLimit()
        }
        // The connection is closed with the last of its exchanges.
        easy.forbidReuse()
    }

    private func trust() {
        distrustsConnections = false
        applyConnectionLimit()
    }

    private var pollTimeout: Int32 {
        guard let nextCheck else { return 60_000 }
        let left = ContinuousClock.now.duration(to: nextCheck).clampedMilliseconds
        return Int32(clamping: min(max(left, 0) + 1, 60_000))
    }
}
