import KubeCore

/// Writes a pod's status: always the latest, one write at a time, and only what has changed.
struct PodStatusWriter: Sendable {
    private struct Request: Sendable {
        var status: JSON
        /// What the object had when this was worked out.
        var current: JSON?
        var thenDelete: Bool
    }

    private let context: NodeContext
    private let spec: PodSpec
    private let stream: AsyncStream<Request>
    private let continuation: AsyncStream<Request>.Continuation

    init(context: NodeContext, spec: PodSpec) {
        self.context = context
        self.spec = spec
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func write(_ status: JSON, over current: JSON?, thenDelete: Bool) {
        continuation.yield(Request(status: status, current: current, thenDelete: thenDelete))
    }

    func finish() { continuation.finish() }

    func run() async {
        var written: JSON?
        var hasDeleted = false
        for await request in stream {
            guard let patch = Self.patch(from: written ?? request.current, to: request.status) else {
                if request.thenDelete, !hasDeleted { hasDeleted = await delete() }
                continue
            }
            if await write(patch) { written = request.status }
            if request.thenDelete, !hasDeleted { hasDeleted = await delete() }
        }
    }

    /// The top-level fields that differ; nil when none does. Times of a condition that did not change stay as written.
    static func patch(from old: JSON?, to new: JSON) -> JSON? {
        var patch = JSONObject()
        for (key, value) in new.objectValue ?? [:] where old?[key] != value { patch[key] = value }
        for key in ["reason", "message"] where new[key] == nil && old?[key] != nil { patch[key] = .null }
        if patch.isEmpty { return nil }
        return .object(patch)
    }

    /// Tries until the API has taken it or the pod is gone.
    private func write(_ status: JSON) async -> Bool {
        let patch: JSON = ["metadata": ["uid": .string(spec.uid)], "status": status]
        var failures = 0
        while !Task.isCancelled {
            do throws(Status) {
                _ = try await context.api.mergePatch(
                    .pods, namespace: spec.namespace, name: spec.name, subresource: "status", patch)
                return true
            } catch {
                // Another pod may bear the name by now.
                if error.reason == .notFound || error.reason == .conflict { return false }
                failures += 1
                context.logger.warning("cannot write the status of pod \(spec.description): \(error.message)")
                if failures > 10 { return false }
                try? await Task.sleep(for: PodMachine.retryDelay(failures, longest: .seconds(10)))
            }
        }
        return false
    }

    private func delete() async -> Bool {
        var failures = 0
        while !Task.isCancelled {
            do throws(Status) {
                try await context.api.delete(
                    .pods, namespace: spec.namespace, name: spec.name, uid: spec.uid, gracePeriodSeconds: 0,
                    propagationPolicy: nil)
                return true
            } catch {
                if error.reason == .notFound || error.reason == .conflict { return true }
                failures += 1
                context.logger.warning("cannot confirm the deletion of pod \(spec.description): \(error.message)")
                if failures > 10 { return false }
                try? await Task.sleep(for: PodMachine.retryDelay(failures, longest: .seconds(10)))
            }
        }
        return false
    }
}
