import Testing

@testable import KubeClient

@Suite("Addresses and proxies")
struct EndpointTests {
    @Test(
        "A server address is taken apart",
        arguments: [
            ("https://h", "h", 443, "https://h:443"),
            ("https://h:6443/", "h", 6443, "https://h:6443"),
            ("http://127.0.0.1:8080/a/b/", "127.0.0.1", 8080, "http://127.0.0.1:8080/a/b"),
            ("https://[::1]:6443", "::1", 6443, "https://[::1]:6443"),
            ("HTTPS://h:1", "h", 1, "https://h:1"),
            ("h:8080", "h", 8080, "http://h:8080"),
        ])
    func parse(text: String, host: String, port: Int, url: String) throws {
        let endpoint = try Endpoint(ClientConfiguration(server: text))
        #expect(endpoint.host == host)
        #expect(endpoint.port == port)
        #expect(endpoint.baseURL == url)
    }

    @Test(
        "A wrong address is refused",
        arguments: [
            "", "ftp://h", "https://", "https://h:0", "https://h:99999", "https://u:p@h", "https://u@h", "https://h?x",
            "https://[::1",
        ])
    func refuse(text: String) {
        #expect(throws: ClientError.self) { try Endpoint(ClientConfiguration(server: text)) }
    }

    @Test("A TLS server name goes into the URL, with the address beside it")
    func serverName() throws {
        let endpoint = try Endpoint(ClientConfiguration(server: "https://10.0.0.1:6443", tls: .init(serverName: "k")))
        #expect(endpoint.baseURL == "https://k:6443")
        #expect(endpoint.hostHeader == "10.0.0.1:6443")
        #expect(endpoint.connectTo == "k:6443:10.0.0.1:6443")
        #expect(endpoint.displayURL == "https://10.0.0.1:6443")
    }

    @Test(
        "NO_PROXY lists hosts, domains, addresses, ranges and ports",
        arguments: [
            ("a.example", "a.example", true), ("a.example", "b.a.example", true), ("a.example", "ba.example", false),
            (".a.example", "a.example", false), (".a.example", "b.a.example", true), ("*.x", "a.x", true),
            ("*", "anything", true), ("10.0.0.0/8", "10.1.2.3", true), ("10.0.0.0/8", "11.1.2.3", false),
            ("10.1.2.3", "10.1.2.3", true), ("h:6443", "h", true), ("h:443", "h", false),
            ("fd00::/8", "fd12::1", true), ("fd00::/8", "fe80::1", false), ("a, b", "b", true),
            ("", "localhost", true), ("", "127.3.2.1", true), ("", "::1", true), ("", "h", false),
            ("10.0.0.0/99", "10.1.2.3", false),
        ])
    func noProxy(exceptions: String, host: String, isDirect: Bool) {
        #expect(ProxyRule.isDirect(host: host, port: 6443, exceptions: exceptions) == isDirect)
    }

    @Test("The environment's proxy is chosen by the scheme, in capitals or small letters")
    func environmentProxy() throws {
        let secure = try Endpoint(ClientConfiguration(server: "https://h"))
        let plain = try Endpoint(ClientConfiguration(server: "http://h"))
        let environment = ["HTTPS_PROXY": "http://a:1", "http_proxy": "b:2"]
        #expect(try ProxyRule.proxy(for: secure, .environment, environment: environment) == "http://a:1")
        #expect(try ProxyRule.proxy(for: plain, .environment, environment: environment) == "http://b:2")
        #expect(try ProxyRule.proxy(for: plain, .none, environment: environment) == "")
        let excepted = environment.merging(["no_proxy": "h"]) { $1 }
        #expect(try ProxyRule.proxy(for: secure, .environment, environment: excepted) == "")
        let error = try #require(throws: ClientError.self) {
            try ProxyRule.proxy(for: secure, .url("ftp://user:secret@p"), environment: [:])
        }
        #expect(!error.message.contains("secret"))
    }

    @Test("Base64 is decoded strictly and encoded with padding")
    func base64() {
        for text in ["", "f", "fo", "foo", "foob", "fooba", "foobar"] {
            #expect(Base64.decode(Base64.encode(Array(text.utf8)).utf8) == Array(text.utf8))
        }
        #expect(Base64.encode(Array("fooba".utf8)) == "Zm9vYmE=")
        for text in ["Zg", "Zg=", "Z", "Zm9v!", "Zg==Zg==", "=", "Zg==="] {
            #expect(Base64.decode(text.utf8) == nil)
        }
    }
}
