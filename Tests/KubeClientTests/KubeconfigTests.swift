import Glibc
import KubeCore
import Testing

@testable import KubeClient

@Suite("Kubeconfig")
struct KubeconfigTests {
    private static let whole = """
        apiVersion: v1
        kind: Config
        current-context: dev
        clusters:
        - name: dev
          cluster:
            server: https://dev.example:6443/base/
            certificate-authority: pki/ca.pem
            tls-server-name: kubernetes
            proxy-url: http://proxy:3128
            disable-compression: true
        - name: prod
          cluster: {server: "https://prod.example", certificate-authority-data: aGVsbG8=}
        users:
        - name: alice
          user: {token: abc, as: bob, as-groups: [x, w], as-user-extra: {reason: [z]}}
        - name: cert
          user: {client-certificate: /abs/c.pem, client-key-data: a2V5}
        contexts:
        - name: dev
          context: {cluster: dev, user: alice, namespace: team}
        - name: prod
          context: {cluster: prod, user: cert}
        - name: nobody
          context: {cluster: prod}
        """

    private func load(
        _ text: String, context: String? = nil
    ) throws -> (ClientConfiguration, TemporaryDirectory) {
        let directory = try TemporaryDirectory()
        let path = try directory.write("config", text)
        return (try ClientConfiguration.load(kubeconfigPath: path, context: context, environment: [:]), directory)
    }

    private func failure(_ text: String, context: String? = nil) throws -> String {
        let directory = try TemporaryDirectory()
        let path = try directory.write("config", text)
        do throws(ClientError) {
            let configuration = try ClientConfiguration.load(
                kubeconfigPath: path, context: context, environment: [:])
            Issue.record("an error was expected, but there is \(configuration)")
            return ""
        } catch {
            guard case .configuration = error.code else {
                Issue.record("wrong code: \(error)")
                return ""
            }
            return error.message.replacing(directory.path, with: "DIR")
        }
    }

    @Test("The current context gives server, namespace, TLS, user and proxy")
    func currentContext() throws {
        let (configuration, directory) = try load(Self.whole)
        #expect(configuration.server == "https://dev.example:6443/base/")
        #expect(configuration.namespace == "team")
        #expect(configuration.tls.certificateAuthority == .file("\(directory.path)/pki/ca.pem"))
        #expect(configuration.tls.serverName == "kubernetes")
        #expect(configuration.proxy == .url("http://proxy:3128"))
        #expect(!configuration.isCompressionEnabled)
        #expect(configuration.authentication == .token("abc"))
        #expect(
            configuration.impersonation == .init(user: "bob", groups: ["x", "w"], extra: ["reason": ["z"]]))
        #expect(configuration.origin == "context \"dev\" of \(directory.path)/config")
    }

    @Test("A context that is asked for goes before the current one; data go before files")
    func chosenContext() throws {
        let (configuration, _) = try load(Self.whole, context: "prod")
        #expect(configuration.namespace == "default")
        #expect(configuration.tls.certificateAuthority == .data(Array("hello".utf8)))
        #expect(configuration.tls.clientCertificate == .file("/abs/c.pem"))
        #expect(configuration.tls.clientKey == .data(Array("key".utf8)))
        #expect(configuration.authentication == .none)
        let (nobody, _) = try load(Self.whole, context: "nobody")
        #expect(nobody.authentication == .none)
    }

    @Test("KUBECONFIG lists files: the first one wins for each entry, missing ones are passed over")
    func merging() throws {
        let directory = try TemporaryDirectory()
        let first = try directory.write(
            "first",
            """
            current-context: both
            users: [{name: u, user: {token: first}}]
            """)
        let second = try directory.write(
            "second",
            """
            current-context: other
            clusters: [{name: c, cluster: {server: "https://second"}}]
            users: [{name: u, user: {token: second, as: admin}}]
            contexts: [{name: both, context: {cluster: c, user: u}}]
            """)
        let configuration = try ClientConfiguration.load(
            environment: ["KUBECONFIG": "\(first)::\(directory.path)/missing:\(second)", "HOME": "/nowhere"])
        #expect(configuration.server == "https://second")
        #expect(configuration.authentication == .token("first"))
        #expect(configuration.impersonation == nil)
    }

    @Test("Without KUBECONFIG it is the home directory's file, then the pod's service account")
    func order() throws {
        let directory = try TemporaryDirectory()
        mkdir("\(directory.path)/.kube", 0o700)
        try directory.write(".kube/config", Self.whole)
        let home = try ClientConfiguration.load(environment: ["HOME": directory.path])
        #expect(home.namespace == "team")
        let nothing = try #require(throws: ClientError.self) {
            try ClientConfiguration.load(environment: ["HOME": "\(directory.path)/none"])
        }
        #expect(nothing.message.contains("There is no kubeconfig (no file at \(directory.path)/none/.kube/config)"))
        #expect(nothing.message.contains("--kubeconfig or KUBECONFIG"))
    }

    @Test("A pod's service account is read from the kubelet's files")
    func inCluster() throws {
        let directory = try TemporaryDirectory()
        let environment = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]
        let missing = try #require(throws: ClientError.self) {
            try ClientConfiguration.inCluster(environment: environment, directory: directory.path)
        }
        #expect(missing.message.contains("automountServiceAccountToken"))
        try directory.write("token", "t")
        try directory.write("namespace", "team\n")
        let configuration = try ClientConfiguration.inCluster(environment: environment, directory: directory.path)
        #expect(configuration.server == "https://[fd00::1]:443")
        #expect(configuration.namespace == "team")
        #expect(configuration.authentication == .tokenFile("\(directory.path)/token"))
        #expect(configuration.tls.certificateAuthority == .file("\(directory.path)/ca.crt"))
        #expect(throws: ClientError.self) { try ClientConfiguration.inCluster(environment: [:]) }
    }

    @Test(
        "What is wrong is named with file, line, field and remedy",
        arguments: [
            ("a: [", "DIR/config:2:1:", "A kubeconfig is YAML"),
            ("- list", "DIR/config:1:1: a kubeconfig is a mapping", ""),
            ("clusters: {}", "DIR/config:1:11: `clusters` must be a list", ""),
            ("clusters: [{cluster: {}}]", "has no `name`", ""),
            ("clusters: []", "has no `current-context`", "(none)"),
            ("current-context: x", "There is no context \"x\"", "Its contexts are none"),
            (
                "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]",
                "DIR/config:2:41: context \"x\" names the cluster \"c\"", "(none)"
            ),
        ])
    func broken(text: String, first: String, second: String) throws {
        let message = try failure(text)
        #expect(message.contains(first))
        #expect(message.contains(second))
    }

    private func user(_ user: String) -> String {
        """
        current-context: x
        clusters: [{name: c, cluster: {server: "https://h"}}]
        contexts: [{name: x, context: {cluster: c, user: u}}]
        users:
        - name: u
          user: {\(user)}
        """
    }

    @Test(
        "What is wrong with a user is named",
        arguments: [
            ("client-key-data: '###'", "`client-key-data` is not base64", "base64 -w0"),
            ("token: 123", "`token` must be a text, not 123", "quotes"),
            ("auth-provider: {name: gcp}", "the auth provider \"gcp\"", "exec"),
            ("exec: {apiVersion: client.authentication.k8s.io/v1}", "names no `command`", ""),
            (
                "exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: c}", "`exec.apiVersion`",
                "client.authentication.k8s.io/v1 or"
            ),
            ("username: 'a:b'", "must not hold a colon", ""),
            ("as-groups: [a]", "without a user: set `as`", ""),
        ])
    func brokenUser(text: String, first: String, second: String) throws {
        let message = try failure(user(text))
        #expect(message.contains(first))
        #expect(message.contains(second))
        #expect(message.contains("DIR/config:6:"))
    }

    @Test("Other wrong references name what there is")
    func references() throws {
        let message = try failure(user("token: t").replacing("user: u", with: "user: v"))
        #expect(message.contains("names the user \"v\", which is not among `users` (u)"))
        #expect(try failure(Self.whole, context: "tset").contains("Its contexts are dev, nobody, prod"))
        let insecure = user("token: t").replacing(
            "\"https://h\"", with: "\"https://h\", insecure-skip-tls-verify: true, certificate-authority: x")
        #expect(try failure(insecure).contains("Remove the latter"))
    }

    @Test("An unreadable file is named with the reason")
    func unreadable() throws {
        let error = try #require(throws: ClientError.self) {
            try ClientConfiguration.load(kubeconfigPath: "/nowhere/config", environment: [:])
        }
        #expect(error.message.contains("The kubeconfig /nowhere/config cannot be read: No such file or directory"))
        let directory = try #require(throws: ClientError.self) {
            try ClientConfiguration.load(kubeconfigPath: "/tmp", environment: [:])
        }
        #expect(directory.message.contains("Name a file, not a directory."))
    }

    @Test("An exec plugin is read with its cluster's configuration")
    func execPlugin() throws {
        let text = """
            current-context: x
            contexts: [{name: x, context: {cluster: c, user: u}}]
            clusters:
            - name: c
              cluster:
                server: https://h
                extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: a}}]
            users:
            - name: u
              user:
                exec:
                  apiVersion: client.authentication.k8s.io/v1beta1
                  command: ./bin/plugin
                  args: [get, token]
                  env: [{name: A, value: "1"}]
                  installHint: install it
                  provideClusterInfo: true
                  interactiveMode: Never
            """
        let (configuration, directory) = try load(text)
        let expected = ExecPlugin(
            apiVersion: "client.authentication.k8s.io/v1beta1", command: "\(directory.path)/./bin/plugin",
            arguments: ["get", "token"], environment: [("A", "1")], installHint: "install it",
            providesClusterInfo: true, interactiveMode: .never, clusterConfig: ["audience": "a"])
        #expect(configuration.authentication == .exec(expected))
    }
}
