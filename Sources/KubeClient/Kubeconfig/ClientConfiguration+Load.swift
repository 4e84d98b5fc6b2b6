import KubeCore

extension ClientConfiguration {
    /// What kubectl would use here.
    public static func load(
        kubeconfigPath: String? = nil, context: String? = nil
    ) throws(ClientError) -> ClientConfiguration {
        throw ClientError(.configuration, "No kubeconfig.")
    }

    /// A pod's service account.
    public static func inCluster() throws(ClientError) -> ClientConfiguration {
        throw ClientError(.configuration, "Not in a cluster.")
    }
}
