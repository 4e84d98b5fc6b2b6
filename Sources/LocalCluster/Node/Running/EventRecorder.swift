import KubeCore
import Logging
import Synchronization

/// Writes Events about objects, off the path of the work that they tell of. Under pressure events are dropped.
final class EventRecorder: Sendable {
    private struct Entry: Sendable {
        var object: JSON
        var isWarning: Bool
        var reason: String
        var message: String
        var fieldPath: String?
        var time: Timestamp
    }

    private let stream: AsyncStream<Entry>
    private let continuation: AsyncStream<Entry>.Continuation
    private let component: String
    private let host: String

    init(component: String, host: String) {
        self.component = component
        self.host = host
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1000))
    }

    /// - Parameter object: the object that the event is about.
    func record(_ object: JSON, isWarning: Bool, reason: String, message: String, fieldPath: String? = nil) {
        continuation.yield(
            Entry(
                object: object, isWarning: isWarning, reason: reason, message: message, fieldPath: fieldPath,
                time: .now()))
    }

    /// Writes until cancelled. An event that is told again within a short while is counted up instead.
    func run(api: any ClusterAPI, logger: Logger) async {
        var recent: [String: (name: String, count: Int64)] = [:]
        for await entry in stream {
            let reference = reference(entry)
            let namespace = reference["namespace"]?.stringValue ?? "default"
            let key = [reference.text("uid"), reference.text("fieldPath"), entry.reason, entry.message]
                .joined(separator: "|")
            do throws(Status) {
                if let known = recent[key] {
                    let patch: JSON = ["count": .int(known.count + 1), "lastTimestamp": .string(entry.time.rfc3339)]
                    _ = try await api.mergePatch(
                        .events, namespace: namespace, name: known.name, subresource: nil, patch)
                    recent[key] = (known.name, known.count + 1)
                } else {
                    let name = "\(reference.text("name")).\(Self.suffix(entry.time))"
                    _ = try await api.create(
                        .events, namespace: namespace, event(entry, name, namespace, reference))
                    if recent.count > 500 { recent = [:] }
                    recent[key] = (name, 1)
                }
            } catch {
                recent[key] = nil
                // A namespace that is going takes no new events; nothing is lost.
                logger.trace("cannot record the event \(entry.reason): \(error.message)")
            }
        }
    }

    private func reference(_ entry: Entry) -> JSON {
        let object = DynamicObject(entry.object)
        var reference: JSONObject = [
            "kind": .string(object.kind), "apiVersion": .string(object.apiVersion), "name": .string(object.name),
        ]
        reference["namespace"] = object.namespace.map(JSON.string)
        reference["uid"] = object.uid.map(JSON.string)
        reference["resourceVersion"] = object.resourceVersion.map(JSON.string)
        reference["fieldPath"] = entry.fieldPath.map(JSON.string)
        return .object(reference)
    }

    private func event(_ entry: Entry, _ name: String, _ namespace: String, _ reference: JSON) -> JSON {
        [
            "apiVersion": "v1", "kind": "Event",
            "metadata": ["name": .string(name), "namespace": .string(namespace)],
            "involvedObject": reference, "reason": .string(entry.reason), "message": .string(entry.message),
            "type": entry.isWarning ? "Warning" : "Normal", "count": 1,
            "firstTimestamp": .string(entry.time.rfc3339), "lastTimestamp": .string(entry.time.rfc3339),
            "source": ["component": .string(component), "host": .string(host)],
            "reportingComponent": .string(component), "reportingInstance": .string(host),
        ]
    }

    /// Rises with time, as the names of the kubelet's events do, and differs within one nanosecond.
    private static func suffix(_ time: Timestamp) -> String {
        let nanoseconds = UInt64(bitPattern: time.seconds) &* 1_000_000_000 &+ UInt64(max(0, time.nanoseconds))
        return String(nanoseconds &+ UInt64.random(in: 0..<1000), radix: 16)
    }
}
