import KubeCore
import Logging

/// The endpoints of the Service `kubernetes`, which no pod is behind.
struct APIServerEndpoints: Sendable {
    let api: any ClusterAPI
    let logger: Logger

    func publish(_ address: String, _ port: Int) async {
        let ports: JSON = [["name": "https", "port": .int(Int64(port)), "protocol": "TCP"]]
        let slice: JSON = [
            "metadata": [
                "name": "kubernetes", "namespace": "default", "labels": ["kubernetes.io/service-name": "kubernetes"],
            ],
            "addressType": "IPv4",
            "endpoints": [["addresses": [.string(address)], "conditions": ["ready": true]]], "ports": ports,
        ]
        await ensure(.endpointSlices, slice)
        let endpoints: JSON = [
            "metadata": [
                "name": "kubernetes", "namespace": "default",
                "labels": ["endpointslice.kubernetes.io/skip-mirror": "true"],
            ],
            "subsets": [["addresses": [["ip": .string(address)]], "ports": ports]],
        ]
        await ensure(EndpointController.endpointsType, endpoints)
    }

    private func ensure(_ type: ResourceType, _ object: JSON) async {
        var object = object
        object["apiVersion"] = .string(type.apiVersion)
        object["kind"] = .string(type.kind)
        do throws(Status) {
            do throws(Status) {
                _ = try await api.create(type, namespace: "default", object)
            } catch  where error.reason == .alreadyExists {
                // From a run before, at another port perhaps.
                _ = try await api.mergePatch(
                    type, namespace: "default", name: "kubernetes", subresource: nil, object)
            }
        } catch {
            logger.warning("cannot publish the API server's own endpoints: \(error.message)")
        }
    }
}
