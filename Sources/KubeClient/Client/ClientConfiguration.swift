import KubeCore

/// How to reach an API server and as whom.
///
/// Made by ``load(kubeconfigPath:context:environment:)`` from what kubectl would use, by ``inCluster(environment:)``
/// from a pod's service account, or by hand.
public struct ClientConfiguration: Sendable {
    /// Where bytes come from: given in place, or in a file that is read again when it changes.
    public enum DataSource: Sendable, Equatable {
        case data([UInt8])
        case file(String)
    }

    public struct TLS: Sendable, Equatable {
        /// PEM certificates to trust instead of the system's.
        public var certificateAuthority: DataSource?
        /// PEM, with the intermediate certificates after it.
        public var clientCertificate: DataSource?
        public var clientKey: DataSource?
        /// Accepts any certificate. Credentials then go to whoever answers.
        public var isInsecure: Bool
        /// The name that the server's certificate must carry, when it is not the URL's host.
        public var serverName: String?

        public init(
            certificateAuthority: DataSource? = nil, clientCertificate: DataSource? = nil,
            clientKey: DataSource? = nil, isInsecure: Bool = false, serverName: String? = nil
        ) {
            self.certificateAuthority = certificateAuthority
            self.clientCertificate = clientCertificate
            self.clientKey = clientKey
            self.isInsecure = isInsecure
            self.serverName = serverName
        }
    }

    public enum Authentication: Sendable, Equatable {
        case none
        case token(String)
        /// Read again every minute and after a 401, as the kubelet replaces it.
        case tokenFile(String)
        case basic(user: String, password: String)
        case exec(ExecPlugin)
    }

    public struct Impersonation: Sendable, Equatable {
        public var user: String
        public var uid: String?
        public var groups: [String]
        public var extra: [String: [String]]

        public init(user: String, uid: String? = nil, groups: [String] = [], extra: [String: [String]] = [:]) {
            self.user = user
            self.uid = uid
            self.groups = groups
            self.extra = extra
        }
    }

    public enum Proxy: Sendable, Equatable {
        /// HTTPS_PROXY, HTTP_PROXY and NO_PROXY decide.
        case environment
        case none
        /// `http://`, `https://` or `socks5://`, possibly with a user.
        case url(String)
    }

    public struct Timeouts: Sendable, Equatable {
        public var connect: Duration = .seconds(10)
        /// The whole of a call with all its attempts, when the caller gives no deadline.
        public var request: Duration = .seconds(60)
        /// From a stream's request to the head of its answer.
        public var streamHead: Duration = .seconds(30)
        /// Silence on a watch after which its connection counts as dead. The server sends bookmarks each minute.
        public var watchIdle: Duration = .seconds(180)
        /// Sent data unacknowledged for so long resets the connection (TCP_USER_TIMEOUT).
        public var unacknowledged: Duration = .seconds(15)

        public init() {}
    }

    public struct Limits: Sendable, Equatable {
        /// HTTP/2 connections for requests; each carries up to 100 at a time.
        public var requestConnections = 2
        /// HTTP/2 connections for watches and other streams; each carries up to 100.
        public var streamConnections = 3
        /// The same where the server speaks HTTP/1.1, which carries one exchange at a time.
        public var http1RequestConnections = 32
        public var http1StreamConnections = 1024
        /// A larger body is an error.
        public var responseBytes = 512 * 1024 * 1024
        /// Bytes buffered of a stream before its transfer is paused.
        public var streamBufferBytes = 256 * 1024

        public init() {}
    }

    /// `https://host:6443`, with a path before the API's own where there is one.
    public var server: String
    /// For namespaced kinds when a call names none.
    public var namespace: String
    public var tls: TLS
    public var authentication: Authentication
    public var impersonation: Impersonation?
    public var proxy: Proxy
    public var userAgent: String
    public var timeouts: Timeouts
    public var limits: Limits
    /// Asks for gzip; the server compresses answers of more than 128 KB.
    public var isCompressionEnabled: Bool
    /// Keeps to HTTP/1.1 over TLS as well.
    public var isHTTP1Only: Bool
    /// Where this came from ("kubeconfig /home/u/.kube/config, context dev"), for error messages.
    public var origin: String

    public init(
        server: String, namespace: String = "default", tls: TLS = .init(), authentication: Authentication = .none,
        impersonation: Impersonation? = nil, proxy: Proxy = .environment,
        userAgent: String = Self.defaultUserAgent, timeouts: Timeouts = .init(), limits: Limits = .init(),
        isCompressionEnabled: Bool = true, isHTTP1Only: Bool = false, origin: String = "the program's configuration"
    ) {
        self.server = server
        self.namespace = namespace
        self.tls = tls
        self.authentication = authentication
        self.impersonation = impersonation
        self.proxy = proxy
        self.userAgent = userAgent
        self.timeouts = timeouts
        self.limits = limits
        self.isCompressionEnabled = isCompressionEnabled
        self.isHTTP1Only = isHTTP1Only
        self.origin = origin
    }

    public static let defaultUserAgent = "kubeclient-swift/0.1 (linux)"
}

/// A program that prints credentials, as client-go runs it (`client.authentication.k8s.io`).
public struct ExecPlugin: Sendable, Equatable {
    public enum InteractiveMode: String, Sendable {
        case never = "Never"
        case ifAvailable = "IfAvailable"
        case always = "Always"
    }

    /// `client.authentication.k8s.io/v1` or `…/v1beta1`.
    public var apiVersion: String
    /// A path, or a name looked up in PATH. A relative path in a kubeconfig is relative to that file.
    public var command: String
    public var arguments: [String]
    /// Added to the process's environment.
    public var environment: [(name: String, value: String)]
    /// Told to the user when the command is not there.
    public var installHint: String?
    /// Passes the cluster's address and authority to the plugin.
    public var providesClusterInfo: Bool
    public var interactiveMode: InteractiveMode
    /// `spec.cluster.config` for the plugin, from the cluster's extension.
    public var clusterConfig: JSON?
    /// How long it may run.
    public var timeout: Duration

    public init(
        apiVersion: String = "client.authentication.k8s.io/v1", command: String, arguments: [String] = [],
        environment: [(name: String, value: String)] = [], installHint: String? = nil,
        providesClusterInfo: Bool = false, interactiveMode: InteractiveMode = .ifAvailable, clusterConfig: JSON? = nil,
        timeout: Duration = .seconds(60)
    ) {
        self.apiVersion = apiVersion
        self.command = command
        self.arguments = arguments
        self.environment = environment
        self.installHint = installHint
        self.providesClusterInfo = providesClusterInfo
        self.interactiveMode = interactiveMode
        self.clusterConfig = clusterConfig
        self.timeout = timeout
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.apiVersion == right.apiVersion && left.command == right.command && left.arguments == right.arguments
            && left.environment.elementsEqual(right.environment, by: ==) && left.installHint == right.installHint
            && left.providesClusterInfo == right.providesClusterInfo
            && left.interactiveMode == right.interactiveMode && left.clusterConfig == right.clusterConfig
            && left.timeout == right.timeout
    }
}
