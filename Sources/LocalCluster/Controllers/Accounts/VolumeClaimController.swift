import KubeCore
import Logging

/// Binds every PersistentVolumeClaim: the node gives each a directory, so there is nothing to wait for.
struct VolumeClaimController: Sendable {
    let api: any ClusterAPI
    let logger: Logger

    func run() async {
        await ResourceFeed(api: api, type: .persistentVolumeClaims, logger: logger).run { change in
            switch change {
            case .listed(let claims): for claim in claims { await bind(claim) }
            case .changed(let claim): await bind(claim)
            case .removed: break
            }
        }
    }

    private func bind(_ claim: JSON) async {
        let object = DynamicObject(claim)
        guard claim.at("status", "phase")?.stringValue != "Bound", object.deletionTimestamp == nil else { return }
        var status: JSONObject = ["phase": "Bound"]
        status["accessModes"] = claim.at("spec", "accessModes")
        status["capacity"] = claim.at("spec", "resources", "requests")
        do throws(Status) {
            _ = try await api.mergePatch(
                .persistentVolumeClaims, namespace: object.namespace, name: object.name, subresource: "status",
                ["metadata": ["uid": .string(object.uid ?? "")], "status": .object(status)])
        } catch {
            logger.debug("cannot bind the claim \(object.name): \(error.message)")
        }
    }
}
