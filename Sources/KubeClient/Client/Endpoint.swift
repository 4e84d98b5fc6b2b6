/// An API server's address, taken apart.
struct Endpoint: Sendable, Equatable {
    let isTLS: Bool
    /// Without brackets.
    let host: String
    let port: Int
    /// What requests' paths are appended to.
    let baseURL: String
    /// The address for messages: without a user.
    let displayURL: String
    /// Set when the URL carries the TLS server name instead of the host.
    let hostHeader: String?
    let connectTo: String?

    var authority: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    init(_ configuration: ClientConfiguration) throws(ClientError) {
        let tls = configuration.tls
        func refuse(_ why: String) -> ClientError {
            ClientError(
                .configuration,
                "The server address \"\(configuration.server)\" in \(configuration.origin) \(why). "
                    + "It should look like https://host:6443.")
        }
        var rest = Substring(configuration.server)
        if rest.isEmpty {
            throw ClientError(
                .configuration, "There is no server address in \(configuration.origin). Set the cluster's `server`.")
        }
        if let range = rest.firstRange(of: "://") {
            switch rest[..<range.lowerBound].lowercased() {
            case "https": isTLS = true
            case "http": isTLS = false
            default: throw refuse("is neither http nor https")
            }
            rest = rest[range.upperBound...]
        } else {
            // As client-go takes a bare host: TLS when any setting of TLS is there.
            isTLS = tls != .init()
        }
        guard !rest.contains("?"), !rest.contains("#") else { throw refuse("has a query or a fragment") }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var path = rest[slash...]
        while path.hasSuffix("/") { path = path.dropLast() }
        let authority = rest[..<slash]
        guard !authority.contains("@") else { throw refuse("carries a user, which belongs into the kubeconfig's user") }
        guard let (host, port) = Self.split(authority, defaultPort: isTLS ? 443 : 80) else {
            throw refuse("has no valid host and port")
        }
        self.host = host
        self.port = port
        let bracketed = host.contains(":") ? "[\(host)]" : host
        let scheme = isTLS ? "https" : "http"
        displayURL = "\(scheme)://\(bracketed):\(port)\(path)"
        if isTLS, let name = tls.serverName, !name.isEmpty, name != host {
            baseURL = "\(scheme)://\(name):\(port)\(path)"
            hostHeader = "\(bracketed):\(port)"
            connectTo = "\(name):\(port):\(bracketed):\(port)"
        } else {
            baseURL = displayURL
            hostHeader = nil
            connectTo = nil
        }
    }

    /// `host`, `host:port`, `[::1]`, `[::1]:port`
    static func split(_ authority: Substring, defaultPort: Int) -> (host: String, port: Int)? {
        var host = authority
        var port = defaultPort
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<close]
            let rest = authority[authority.index(after: close)...]
            if !rest.isEmpty {
                guard rest.hasPrefix(":"), let number = UInt16(rest.dropFirst()), number > 0 else { return nil }
                port = Int(number)
            }
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            guard let number = UInt16(authority[authority.index(after: colon)...]), number > 0 else { return nil }
            port = Int(number)
        }
        guard !host.isEmpty, !host.contains(where: { $0 == " " || $0 == "\\" }) else { return nil }
        return (String(host), port)
    }
}
