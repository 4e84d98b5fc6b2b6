import Glibc

/// Which proxy a server is reached through, by the rules of Go's net/http (which kubectl follows): HTTPS_PROXY or
/// HTTP_PROXY by the server's scheme, in capitals or small letters; NO_PROXY lists hosts, domains, addresses and CIDR
/// ranges, with an optional port; loopback is never proxied.
enum ProxyRule {
    /// Empty for a direct connection.
    static func proxy(
        for endpoint: Endpoint, _ setting: ClientConfiguration.Proxy,
        environment: [String: String] = processEnvironment()
    ) throws(ClientError) -> String {
        switch setting {
        case .none:
            return ""
        case .url(let url):
            return try checked(url, "`proxy-url`")
        case .environment:
            let name = endpoint.isTLS ? "HTTPS_PROXY" : "HTTP_PROXY"
            guard let url = value(name, environment), !url.isEmpty else { return "" }
            let exceptions = value("NO_PROXY", environment) ?? ""
            if isDirect(host: endpoint.host, port: endpoint.port, exceptions: exceptions) { return "" }
            return try checked(url, name)
        }
    }

    private static func value(_ name: String, _ environment: [String: String]) -> String? {
        environment[name] ?? environment[name.lowercased()]
    }

    private static func checked(_ url: String, _ field: String) throws(ClientError) -> String {
        guard let range = url.firstRange(of: "://") else { return "http://\(url)" }
        guard ["http", "https", "socks5", "socks5h"].contains(url[..<range.lowerBound].lowercased()) else {
            // Not the URL itself: it may carry a password.
            throw ClientError(
                .configuration,
                "The proxy of \(field) has the scheme \"\(url[..<range.lowerBound])\"; http, https and socks5 are "
                    + "possible.")
        }
        return url
    }

    static func isDirect(host: String, port: Int, exceptions: String) -> Bool {
        let host = host.lowercased()
        let address = IPAddress(host)
        if host == "localhost" || address?.isLoopback == true { return true }
        for entry in exceptions.split(whereSeparator: { $0 == "," || $0 == " " }) {
            if entry == "*" { return true }
            if matches(entry.lowercased(), host: host, port: port, address: address) { return true }
        }
        return false
    }

    private static func matches(_ entry: String, host: String, port: Int, address: IPAddress?) -> Bool {
        if let slash = entry.firstIndex(of: "/") {
            guard let network = IPAddress(String(entry[..<slash])), let address,
                let bits = Int(entry[entry.index(after: slash)...])
            else { return false }
            return address.isWithin(network, bits: bits)
        }
        var pattern = Substring(entry)
        if IPAddress(entry) == nil, let (name, entryPort) = Endpoint.split(pattern, defaultPort: port) {
            guard entryPort == port else { return false }
            pattern = Substring(name)
        }
        if let exact = IPAddress(String(pattern)) { return exact == address }
        if pattern.hasPrefix("*.") { pattern = pattern.dropFirst() }
        if pattern.hasPrefix(".") { return host.hasSuffix(pattern) }
        return host == pattern || host.hasSuffix("." + pattern)
    }
}

/// An IPv4 or IPv6 address as bytes.
struct IPAddress: Sendable, Equatable {
    let bytes: [UInt8]

    init?(_ text: String) {
        var buffer = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &buffer) == 1 {
            bytes = Array(buffer[..<4])
        } else if inet_pton(AF_INET6, text, &buffer) == 1 {
            bytes = buffer
        } else {
            return nil
        }
    }

    var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }

    func isWithin(_ network: IPAddress, bits: Int) -> Bool {
        guard bytes.count == network.bytes.count, bits >= 0, bits <= bytes.count * 8 else { return false }
        for (index, pair) in zip(bytes, network.bytes).enumerated() {
            let kept = min(max(bits - index * 8, 0), 8)
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> kept)
            if pair.0 & mask != pair.1 & mask { return false }
        }
        return true
    }
}

/// The environment of this process.
func processEnvironment() -> [String: String] {
    var result: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
        let line = String(cString: text)
        if let equals = line.firstIndex(of: "=") {
            result[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
        entry += 1
    }
    return result
}
