import FlowAPI
import FlowKernel
import FlowManager
import KubeClient
import KubeCore
import KubeRuntime
import Logging

/// Performs the kernels' effects as writes to the Kubernetes API.
struct KubernetesDriver: WorkloadDriver {
    let client: APIClient
    let builder: PodBuilder
    let logger: Logger

    func create(_ attempt: AttemptPlan, of run: RunIdentity) async -> CreationOutcome {
        let pods = client.resource(.pods, namespace: run.namespace)
        let pod = builder.pod(for: attempt, of: run)
        do throws(ClientError) {
            _ = try await pods.create(DynamicObject(pod), options: WriteOptions(fieldManager: Self.fieldManager))
            return .created
        } catch {
            if error.isAlreadyExists { return await verify(PodBuilder.name(attempt.id, of: run), of: run) }
            return Self.outcome(of: error)
        }
    }

    func delete(pod: String, of run: RunIdentity) async {
        await delete(pod: pod, in: run.namespace)
    }

    func delete(pod: String, in namespace: String?) async {
        do throws(ClientError) {
            _ = try await client.resource(.pods, namespace: namespace).delete(pod)
        } catch {
            guard !error.isNotFound else { return }
            logger.warning("cannot delete a pod; trying again", metadata: ["pod": "\(pod)", "error": "\(error)"])
        }
    }

    /// Removes the finalizer that kept a pod until its outcome was recorded.
    func release(_ pod: DynamicObject) async throws(ClientError) {
        try await Finalizers(client: client).remove(FlowAPI.Finalizers.pod, from: pod.metadata, of: .pods)
    }

    /// A pod of this name exists: ours from a request whose answer was lost, or somebody else's.
    private func verify(_ name: String, of run: RunIdentity) async -> CreationOutcome {
        do throws(ClientError) {
            let pod = try await client.resource(.pods, namespace: run.namespace).get(name)
            guard pod.ownerReferences.contains(where: { $0.uid == run.uid && $0.controller == true }) else {
                return .rejected(message: "a pod named \(name) exists that is not this run's; delete it and run again")
            }
            return .created
        } catch {
            return error.isNotFound
                ? .deferred(message: "pod \(name) was there and is gone; creating it again") : Self.outcome(of: error)
        }
    }

    private static func outcome(of error: ClientError) -> CreationOutcome {
        switch error.httpStatus {
        case 400, 405, 413, 415, 422:
            return .rejected(message: error.message)
        case 403 where !isPassing(error):
            return .rejected(message: error.message)
        case 404:
            return .rejected(message: error.message)
        default:
            // Quota, overload, a broken line, an unknown outcome: the same name is asked for again.
            return .deferred(message: error.message)
        }
    }

    /// Whether a 403 speaks of a state that passes by itself: a quota that is used up, a new namespace whose service
    /// account has not been made yet.
    private static func isPassing(_ error: ClientError) -> Bool {
        [
            "exceeded quota", "status unknown for quota", "error looking up service account",
            "not yet ready to handle request",
        ].contains { error.message.contains($0) }
    }

    static let fieldManager = "flowengine"
}
