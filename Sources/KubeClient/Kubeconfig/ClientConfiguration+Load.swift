import KubeCore

extension ClientConfiguration {
    /// What kubectl would use here.
    ///
    /// The first of: the file at `kubeconfigPath`; the files that `KUBECONFIG` lists (those that exist, merged);
    /// `~/.kube/config`; the service account of the pod that this runs in.
    ///
    /// - Parameters:
    ///   - kubeconfigPath: of a `--kubeconfig` flag; has to exist.
    ///   - context: of a `--context` flag; otherwise the `current-context`.
    ///   - environment: `KUBECONFIG`, `HOME` and `KUBERNETES_SERVICE_*`; the process's own when nil.
    /// - Throws: ``ClientError`` with ``ClientError/Code/configuration``, naming file, place, field and remedy.
    public static func load(
        kubeconfigPath: String? = nil, context: String? = nil, environment: [String: String]? = nil
    ) throws(ClientError) -> ClientConfiguration {
        let environment = environment ?? processEnvironment()
        var kubeconfig = Kubeconfig()
        var searched: [String] = []
        if let kubeconfigPath {
            try kubeconfig.add(path: kubeconfigPath, isRequired: true)
        } else if let list = environment["KUBECONFIG"], !list.isEmpty {
            for path in list.split(separator: ":").map(String.init) {
                searched.append(path)
                try kubeconfig.add(path: path, isRequired: false)
            }
        } else if let home = environment["HOME"], !home.isEmpty {
            let path = "\(home)/.kube/config"
            searched.append(path)
            try kubeconfig.add(path: path, isRequired: false)
        }
        if kubeconfig.files.isEmpty {
            if context == nil, isInCluster(environment) { return try inCluster(environment: environment) }
            let places = searched.isEmpty ? "HOME is not set" : "no file at \(searched.joined(separator: ", "))"
            throw ClientError(
                .configuration,
                "There is no kubeconfig (\(places)), and this is not a pod of a cluster. Name one with --kubeconfig or "
                    + "KUBECONFIG, or start a cluster.")
        }
        return try KubeconfigReader(kubeconfig).configuration(context: context)
    }

    /// The service account of the pod that this runs in: `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`, and
    /// the files that the kubelet mounts and renews.
    public static func inCluster(environment: [String: String]? = nil) throws(ClientError) -> ClientConfiguration {
        try inCluster(
            environment: environment ?? processEnvironment(),
            directory: "/var/run/secrets/kubernetes.io/serviceaccount")
    }

    static func inCluster(
        environment: [String: String], directory: String
    ) throws(ClientError) -> ClientConfiguration {
        guard isInCluster(environment), let host = environment["KUBERNETES_SERVICE_HOST"],
            let port = environment["KUBERNETES_SERVICE_PORT"]
        else {
            throw ClientError(
                .configuration,
                "This is not a pod of a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set. Use "
                    + "a kubeconfig.")
        }
        guard fileExists("\(directory)/token") else {
            throw ClientError(
                .configuration,
                "\(directory)/token is not there: the pod mounts no service account token. Set "
                    + "`automountServiceAccountToken: true` on the pod or its service account.")
        }
        var namespace = "default"
        if let bytes = try? readFile("\(directory)/namespace", limit: 4096) {
            let text = String(decoding: bytes, as: UTF8.self).trimmingBlanks
            if !text.isEmpty { namespace = text }
        }
        let hostText = host.contains(":") ? "[\(host)]" : host
        return ClientConfiguration(
            server: "https://\(hostText):\(port)", namespace: namespace,
            tls: TLS(certificateAuthority: .file("\(directory)/ca.crt")),
            authentication: .tokenFile("\(directory)/token"), proxy: .environment,
            origin: "the pod's service account")
    }

    private static func isInCluster(_ environment: [String: String]) -> Bool {
        !(environment["KUBERNETES_SERVICE_HOST"] ?? "").isEmpty
            && !(environment["KUBERNETES_SERVICE_PORT"] ?? "").isEmpty
    }
}
