import KubeCore

/// Makes a configuration of a context in merged kubeconfigs.
struct KubeconfigReader {
    private let kubeconfig: Kubeconfig

    init(_ kubeconfig: Kubeconfig) {
        self.kubeconfig = kubeconfig
    }

    /// - Parameter name: of a context; nil means the current one.
    func configuration(context name: String?) throws(ClientError) -> ClientConfiguration {
        let context = try context(name)
        guard let clusterName = try context.text("cluster") else {
            throw context.error("", "context \"\(context.name)\" names no `cluster`. Add one.")
        }
        guard let cluster = kubeconfig.clusters[clusterName] else {
            throw context.error(
                "cluster",
                "context \"\(context.name)\" names the cluster \"\(clusterName)\", which is not among `clusters` "
                    + "(\(names(kubeconfig.clusters))).")
        }
        guard let server = try cluster.text("server") else {
            throw cluster.error("", "cluster \"\(cluster.name)\" has no `server`. Add its URL, https://host:6443.")
        }
        var user: KubeconfigEntry?
        if let userName = try context.text("user") {
            guard let found = kubeconfig.users[userName] else {
                throw context.error(
                    "user",
                    "context \"\(context.name)\" names the user \"\(userName)\", which is not among `users` "
                        + "(\(names(kubeconfig.users))).")
            }
            user = found
        }
        var configuration = ClientConfiguration(
            server: server, namespace: try context.text("namespace") ?? "default",
            origin: "context \"\(context.name)\" of \(kubeconfig.title)")
        try read(cluster, into: &configuration)
        if let user { try read(user, cluster, into: &configuration) }
        return configuration
    }

    private func context(_ name: String?) throws(ClientError) -> KubeconfigEntry {
        guard let wanted = name ?? kubeconfig.currentContext else {
            throw ClientError(
                .configuration,
                "\(kubeconfig.title) has no `current-context`. Choose one of its contexts "
                    + "(\(names(kubeconfig.contexts))) with --context or `kubectl config use-context`.")
        }
        guard let context = kubeconfig.contexts[wanted] else {
            let why = name == nil ? "which is the `current-context`, " : ""
            throw ClientError(
                .configuration,
                "There is no context \"\(wanted)\", \(why)in \(kubeconfig.title). Its contexts are "
                    + "\(names(kubeconfig.contexts)): choose one with --context or `kubectl config use-context`.")
        }
        return context
    }

    private func names(_ entries: [String: KubeconfigEntry]) -> String {
        entries.isEmpty ? "none" : entries.keys.sorted().joined(separator: ", ")
    }

    // MARK: Clusters

    private func read(
        _ cluster: KubeconfigEntry, into configuration: inout ClientConfiguration
    ) throws(ClientError) {
        configuration.tls.certificateAuthority = try cluster.source("certificate-authority")
        configuration.tls.isInsecure = try cluster.flag("insecure-skip-tls-verify")
        configuration.tls.serverName = try cluster.text("tls-server-name")
        configuration.isCompressionEnabled = try !cluster.flag("disable-compression")
        if let proxy = try cluster.text("proxy-url") { configuration.proxy = .url(proxy) }
        if configuration.tls.isInsecure, configuration.tls.certificateAuthority != nil {
            throw cluster.error(
                "insecure-skip-tls-verify",
                "cluster \"\(cluster.name)\" has both a certificate authority and `insecure-skip-tls-verify`: one of "
                    + "them is meant. Remove the latter.")
        }
    }

    // MARK: Users

    private func read(
        _ user: KubeconfigEntry, _ cluster: KubeconfigEntry, into configuration: inout ClientConfiguration
    ) throws(ClientError) {
        configuration.tls.clientCertificate = try user.source("client-certificate")
        configuration.tls.clientKey = try user.source("client-key")
        configuration.impersonation = try impersonation(user)
        if let provider = user.value["auth-provider"], !provider.isNull {
            let name = provider["name"]?.stringValue ?? "?"
            throw user.error(
                "auth-provider",
                "user \"\(user.name)\" uses the auth provider \"\(name)\", which Kubernetes has removed. Use its exec "
                    + "plugin (`exec`) or a token instead.")
        }
        if let exec = user.value["exec"], !exec.isNull {
            configuration.authentication = .exec(try plugin(user, cluster))
        } else if let path = try user.text("tokenFile").map(user.file.resolve), try !isStale(path, user) {
            configuration.authentication = .tokenFile(path)
        } else if let token = try user.text("token") {
            configuration.authentication = .token(token)
        } else if let name = try user.text("username") {
            guard !name.contains(":") else {
                throw user.error("username", "`username` must not hold a colon, which ends it in HTTP's basic scheme.")
            }
            configuration.authentication = .basic(user: name, password: try user.text("password") ?? "")
        }
    }

    /// Of a token and a file that is not there the token is used, as it was meant for the time before the first
    /// renewal.
    private func isStale(_ path: String, _ user: KubeconfigEntry) throws(ClientError) -> Bool {
        try user.text("token") != nil && !fileExists(path)
    }

    private func impersonation(
        _ user: KubeconfigEntry
    ) throws(ClientError) -> ClientConfiguration.Impersonation? {
        let groups = try user.texts("as-groups")
        guard let name = try user.text("as") else {
            guard groups.isEmpty, try user.text("as-uid") == nil else {
                throw user.error("", "user \"\(user.name)\" impersonates groups or a UID without a user: set `as`.")
            }
            return nil
        }
        var extra: [String: [String]] = [:]
        for (key, values) in user.value["as-user-extra"]?.objectValue ?? [:] {
            extra[key] = values.arrayValue?.compactMap(\.stringValue) ?? []
        }
        return .init(user: name, uid: try user.text("as-uid"), groups: groups, extra: extra)
    }

    private func plugin(_ user: KubeconfigEntry, _ cluster: KubeconfigEntry) throws(ClientError) -> ExecPlugin {
        guard let command = try user.text("exec.command") else {
            throw user.error("exec", "`exec` of user \"\(user.name)\" names no `command`.")
        }
        let apiVersion = try user.text("exec.apiVersion") ?? ""
        let supported = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]
        guard supported.contains(apiVersion) else {
            throw user.error(
                "exec.apiVersion",
                "`exec.apiVersion` of user \"\(user.name)\" is \"\(apiVersion)\"; it has to be \(supported[0]) or "
                    + "\(supported[1]), as the plugin's documentation says.")
        }
        var mode = ExecPlugin.InteractiveMode.ifAvailable
        if let text = try user.text("exec.interactiveMode") {
            guard let known = ExecPlugin.InteractiveMode(rawValue: text) else {
                throw user.error(
                    "exec.interactiveMode",
                    "`interactiveMode` has to be Never, IfAvailable or Always, not \"\(text)\".")
            }
            mode = known
        }
        return ExecPlugin(
            apiVersion: apiVersion,
            command: command.contains("/") ? user.file.resolve(command) : command,
            arguments: try user.texts("exec.args"), environment: try environment(user),
            installHint: try user.text("exec.installHint"),
            providesClusterInfo: user.value.at("exec", "provideClusterInfo")?.boolValue ?? false,
            interactiveMode: mode, clusterConfig: clusterConfig(cluster))
    }

    private func environment(_ user: KubeconfigEntry) throws(ClientError) -> [(name: String, value: String)] {
        var variables: [(name: String, value: String)] = []
        for (index, entry) in (user.value.at("exec", "env")?.arrayValue ?? []).enumerated() {
            guard let name = entry["name"]?.stringValue, !name.isEmpty, let value = entry["value"]?.stringValue else {
                throw user.error(
                    "exec.env.\(index)", "`exec.env[\(index)]` needs a `name` and a `value`, both texts in quotes.")
            }
            variables.append((name, value))
        }
        return variables
    }

    private func clusterConfig(_ cluster: KubeconfigEntry) -> JSON? {
        cluster.value["extensions"]?.arrayValue?.first {
            $0["name"]?.stringValue == "client.authentication.k8s.io/exec"
        }?["extension"]
    }
}
