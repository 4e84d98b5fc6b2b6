import FlowAPI
import KubeCore

/// One instance of a task within a run: the task itself, or one item of its `map`.
package struct InstanceID: Hashable, Sendable, Comparable {
    package var task: String
    /// The position in the map, from 0; nil for a task without `map`.
    package var index: Int?

    package init(task: String, index: Int? = nil) {
        self.task = task
        self.index = index
    }

    package static func < (a: InstanceID, b: InstanceID) -> Bool {
        a.task == b.task ? (a.index ?? -1) < (b.index ?? -1) : a.task < b.task
    }
}

/// One try to run an instance. A retry is a new attempt, never the same one again.
package struct AttemptID: Hashable, Sendable {
    package var instance: InstanceID
    /// From 1.
    package var number: Int

    package init(_ instance: InstanceID, number: Int) {
        self.instance = instance
        self.number = number
    }
}

extension AttemptID: CustomStringConvertible {
    package var description: String {
        let place = instance.index.map { "\(instance.task)[\($0)]" } ?? instance.task
        return number > 1 ? "\(place) (attempt \(number))" : place
    }
}

/// What went wrong with an attempt or an instance, for people.
package struct Failure: Sendable, Hashable {
    package var reason: FailureReason
    package var message: String
    package var exitCode: Int?

    package init(_ reason: FailureReason, _ message: String, exitCode: Int? = nil) {
        self.reason = reason
        self.message = message
        self.exitCode = exitCode
    }
}

/// What is known of an attempt's pod at one moment.
package struct AttemptObservation: Sendable, Hashable {
    package enum Phase: Sendable, Hashable {
        /// Not begun. `stuck` tells why when it cannot begin as things are (an image that cannot be pulled).
        case pending(stuck: String?)
        case running
        case succeeded(outputs: JSONObject)
        case failed(Failure)
    }

    package var id: AttemptID
    package var pod: String
    package var phase: Phase
    package var createdAt: Timestamp
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    /// Whether the pod's deletion was asked for.
    package var isTerminating: Bool
    /// Whether it has a node. Without one it waits for room, for as long as that takes.
    package var isPlaced: Bool

    package init(
        id: AttemptID, pod: String, phase: Phase, createdAt: Timestamp, startedAt: Timestamp? = nil,
        finishedAt: Timestamp? = nil, isTerminating: Bool = false, isPlaced: Bool = true
    ) {
        self.id = id
        self.pod = pod
        self.phase = phase
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.isTerminating = isTerminating
        self.isPlaced = isPlaced
    }

    package var hasEnded: Bool {
        switch phase {
        case .pending, .running: false
        case .succeeded, .failed: true
        }
    }
}

/// How the attempt to create a pod ended.
package enum CreationOutcome: Sendable, Hashable {
    /// The pod exists and is ours: made now, or by an earlier request whose answer was lost.
    case created
    /// Refused for now (quota, an API server in trouble, an unknown outcome): the same attempt is tried again.
    case deferred(message: String)
    /// Refused for good.
    case rejected(message: String)
}
