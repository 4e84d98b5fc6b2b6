public enum HTTPMethod: String, Sendable, Hashable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
}

/// A request to an API server as a value, without where and how it is sent.
public struct APIRequest: Sendable {
    public var method: HTTPMethod
    /// Percent-encoded, begins with a slash.
    public var path: String
    /// Not encoded; `target` encodes them.
    public var query: [(String, String)]
    public var headers: [(String, String)]
    public var body: [UInt8]?

    public init(
        method: HTTPMethod, path: String, query: [(String, String)] = [], headers: [(String, String)] = [],
        body: [UInt8]? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The path with its query, as the request line carries it.
    public var target: String {
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { "\(percentEncoded($0.0))=\(percentEncoded($0.1))" }.joined(separator: "&")
    }

    /// The value of the first header of a name, in any case.
    public func header(_ name: String) -> String? {
        headers.first { $0.0.lowercased() == name.lowercased() }?.1
    }
}

extension APIRequest: CustomStringConvertible {
    /// Method and target: what a log may say, since bodies and headers can hold secrets.
    public var description: String { "\(method.rawValue) \(target)" }
}
