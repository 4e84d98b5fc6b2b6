import KubeCore
import Logging
import Testing

@testable import LocalCluster

/// An API server without a socket: requests go to the dispatcher.
struct APIHarness {
    let registry: Registry
    let dispatcher: Dispatcher
    let issuer = TokenIssuer(key: Array(repeating: 7, count: 32))

    static let token = "secret"

    init(limits: HistoryLimits = HistoryLimits()) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        registry = Registry(store: try ObjectStore(limits: limits), kinds: BuiltInKinds.all, logger: logger)
        try await registry.createDefaultObjects()
        dispatcher = Dispatcher(
            registry: registry,
            authenticator: Authenticator(tokens: [Self.token: .admin], issuer: issuer, registry: registry),
            logger: logger)
    }

    struct Answer {
        let status: Int
        let headers: [String: [String]]
        let bytes: [UInt8]

        var json: JSON { (try? JSON.parse(bytes)) ?? .null }
        var text: String { String(decoding: bytes, as: UTF8.self) }
        var name: String { json.metaName }
        var version: String { json.metaResourceVersion }
        var reason: String { json["reason"]?.stringValue ?? "" }
        var itemNames: [String] { (json["items"]?.arrayValue ?? []).map(\.metaName) }
    }

    func call(
        _ method: String, _ target: String, _ body: JSON? = nil, text: String? = nil, bytes: [UInt8]? = nil,
        type: String? = nil, accept: String? = "application/json", token: String? = APIHarness.token,
        ifNoneMatch: String? = nil
    ) async -> Answer {
        let content = bytes ?? text.map { Array($0.utf8) } ?? body?.encoded() ?? []
        let call = HTTPCall(
            method: method, target: RequestTarget(target), accept: accept,
            contentType: type ?? (content.isEmpty ? nil : "application/json"), userAgent: "tests/1.0",
            authorization: token.map { "Bearer \($0)" }, ifNoneMatch: ifNoneMatch, body: { content })
        let answer = await dispatcher.answer(call)
        var headers: [String: [String]] = [:]
        for (name, value) in answer.headers { headers[name, default: []].append(value) }
        guard case .bytes(let output) = answer.body else {
            return Answer(status: answer.status, headers: headers, bytes: [])
        }
        return Answer(status: answer.status, headers: headers, bytes: output)
    }

    /// The outputs of a watch as `TYPE name`, until there are `count`.
    func watch(
        _ plural: String, group: String = "", namespace: String? = "default", query: String, count: Int
    ) async throws -> [String] {
        let resource = try #require(registry.kinds.resource(group: group, version: "v1", plural: plural))
        let options = try ServerListOptions(RequestTarget("/?watch=1&\(query)"), isWatch: true)
        let session = try registry.watch(resource, namespace: namespace, options)
        var seen: [String] = []
        while seen.count < count, let outputs = await session.next() {
            for output in outputs {
                switch output {
                case .change(let type, let object, let shownAt):
                    let json = registry.present(object, resource, shownAt: shownAt)
                    seen.append("\(type.rawValue) \(json.metaName)@\(json.metaResourceVersion)")
                case .bookmark(_, let endsInitialEvents): seen.append(endsInitialEvents ? "INITIAL-END" : "BOOKMARK")
                case .error(let status): seen.append("ERROR \(status.code)")
                }
            }
        }
        return seen
    }

    func configMap(_ name: String, _ data: JSON = ["k": "1"], metadata: JSONObject = [:]) -> JSON {
        var metadata = metadata
        metadata["name"] = .string(name)
        return ["apiVersion": "v1", "kind": "ConfigMap", "metadata": .object(metadata), "data": data]
    }

    @discardableResult
    func create(_ object: JSON, in plural: String = "configmaps") async -> Answer {
        await call("POST", "/api/v1/namespaces/default/\(plural)", object)
    }

    static let maps = "/api/v1/namespaces/default/configmaps"
}
