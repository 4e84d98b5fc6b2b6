import CSpawn
import Glibc
import Synchronization

/// Gives each pod a loopback address of its own: all of 127/8 is local on Linux.
final class AddressPool: Sendable {
    private struct State {
        var used: Set<UInt16> = []
        var next: UInt16 = 1
    }

    private let network: UInt8
    /// Holds the network for this node; -1 when it was given one.
    private let reservation: Int32
    private let state = Mutex(State())

    private static let networks: ClosedRange<UInt8> = 64...95

    /// - Parameter network: nil takes one that no other node on this host has.
    init(network: UInt8?) {
        if let network {
            (self.network, reservation) = (network, -1)
            return
        }
        for candidate in Self.networks {
            let descriptor = cspawn_reserve("flowengine-pods-127.\(candidate)")
            if descriptor >= 0 {
                (self.network, reservation) = (candidate, descriptor)
                return
            }
        }
        // So many nodes on one host share a network: their pods only must not use the same ports.
        (self.network, reservation) = (Self.networks.upperBound, -1)
    }

    deinit {
        if reservation >= 0 { close(reservation) }
    }

    /// Addresses are given in turn, so that one is not soon used again.
    func take() -> String {
        state.withLock { state in
            for _ in 0..<UInt16.max {
                let candidate = state.next
                state.next = candidate == .max ? 1 : candidate + 1
                // No address that looks like a network's own or a broadcast.
                if candidate & 0xff == 0 || candidate & 0xff == 0xff { continue }
                if state.used.insert(candidate).inserted { return text(candidate) }
            }
            return NodeContext.hostAddress
        }
    }

    func release(_ address: String) {
        let parts = address.split(separator: ".").compactMap { UInt16($0) }
        guard parts.count == 4, parts[1] == UInt16(network) else { return }
        state.withLock { _ = $0.used.remove(parts[2] << 8 | parts[3]) }
    }

    private func text(_ number: UInt16) -> String { "127.\(network).\(number >> 8).\(number & 0xff)" }
}
