/// Holds whoever comes until it is opened, and tells when enough have come.
actor Gate {
    private var isOpen: Bool
    private var arrived = 0
    private var held: [CheckedContinuation<Void, Never>] = []
    private var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

    init(isOpen: Bool = false) { self.isOpen = isOpen }

    func pass() async {
        arrived += 1
        for watcher in watchers where watcher.count <= arrived { watcher.continuation.resume() }
        watchers.removeAll { $0.count <= arrived }
        guard !isOpen else { return }
        await withCheckedContinuation { held.append($0) }
    }

    /// Waits until that many have come, whether they were let through or not.
    func arrivals(_ count: Int) async {
        guard arrived < count else { return }
        await withCheckedContinuation { watchers.append((count, $0)) }
    }

    /// Lets one through.
    func releaseOne() {
        if !held.isEmpty { held.removeFirst().resume() }
    }

    func open() {
        isOpen = true
        for continuation in held { continuation.resume() }
        held = []
    }
}
