import KubeCore

/// What a Lease object (coordination.k8s.io/v1) says.
struct LeaseRecord: Sendable, Hashable {
    /// nil when nobody holds it.
    var holder: String?
    /// How long others wait for a sign of life before they take it.
    var duration: Duration
    /// How often the holder has changed. Taken as the fencing epoch.
    var transitions: Int64
    /// For humans and for noticing a change; never compared with a local clock.
    var renewTime: String?
    var resourceVersion: String

    init(json: JSON) {
        let spec = json["spec"]
        holder = spec?["holderIdentity"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        duration = .seconds(min(max(spec?["leaseDurationSeconds"]?.intValue ?? 0, 0), 86_400))
        transitions = spec?["leaseTransitions"]?.intValue ?? 0
        renewTime = spec?["renewTime"]?.stringValue
        resourceVersion = json.at("metadata", "resourceVersion")?.stringValue ?? ""
    }
}

/// A lease as it was seen, and since when it has looked like that on this machine's monotonic clock.
///
/// Only this decides whether a holder is dead: its own times are those of another machine's wall clock.
struct LeaseObservation: Sendable {
    private(set) var record: LeaseRecord
    private(set) var since: Duration

    init(_ record: LeaseRecord, now: Duration) {
        self.record = record
        since = now
    }

    mutating func see(_ new: LeaseRecord, now: Duration) {
        guard new != record else { return }
        record = new
        since = now
    }

    /// When the lease may be taken if the holder gives no sign of life; nil when it is free now.
    func expiry(leaseDuration: Duration) -> Duration? {
        record.holder == nil ? nil : since + max(record.duration, leaseDuration)
    }
}
