import KubeCore

/// A list, or a page of one.
public struct ObjectList<Object: Sendable>: Sendable {
    public var items: [Object]
    /// What the Swift type does not fit.
    public var undecodable: [UndecodableObject]
    /// Where a watch goes on.
    public var resourceVersion: String
    /// Asks for the next page; nil on the last.
    public var continueToken: String?
    /// How many follow, where the server knows.
    public var remainingItemCount: Int64?

    public init(
        items: [Object] = [], undecodable: [UndecodableObject] = [], resourceVersion: String = "",
        continueToken: String? = nil, remainingItemCount: Int64? = nil
    ) {
        self.items = items
        self.undecodable = undecodable
        self.resourceVersion = resourceVersion
        self.continueToken = continueToken
        self.remainingItemCount = remainingItemCount
    }
}

extension ResourceClient {
    /// One page: everything, or as much as `options.limit` says.
    public func list(
        _ options: ListOptions = .init(), deadline: ContinuousClock.Instant? = nil
    ) async throws(ClientError) -> ObjectList<Object> {
        let request = accepting(APIRequest.list(type, namespace: namespace, options: options))
        let response = try await client.send(request, deadline: deadline)
        let json = try response.json(options: parseOptions)
        guard let items = json["items"]?.arrayValue ?? (json["items"]?.isNull == true ? [] : nil) else {
            throw ClientError(
                .decoding,
                "\(response.source) answered a \(json["kind"]?.stringValue ?? "document") without `items`, where a "
                    + "list was expected.")
        }
        var list = ObjectList<Object>()
        list.items.reserveCapacity(items.count)
        list.resourceVersion = json.at("metadata", "resourceVersion")?.stringValue ?? ""
        list.remainingItemCount = json.at("metadata", "remainingItemCount")?.intValue
        if let token = json.at("metadata", "continue")?.stringValue, !token.isEmpty { list.continueToken = token }
        let itemKind = Self.itemKind(json)
        for item in items {
            let whole = Self.withKind(item, itemKind)
            do throws(ClientError) {
                list.items.append(try decode(whole, source: response.source))
            } catch {
                list.undecodable.append(UndecodableObject(object: DynamicObject(whole), error: error))
            }
        }
        return list
    }

    /// The whole list, fetched by pages of `pageSize`.
    ///
    /// When the continue token expires between two pages, the list starts again (and, from the second time on, in one
    /// piece): what is returned is always one consistent list.
    public func listAll(
        _ options: ListOptions = .init(), pageSize: Int64 = 500, deadline: ContinuousClock.Instant? = nil
    ) async throws(ClientError) -> ObjectList<Object> {
        var expiries = 0
        while true {
            do throws(ClientError) {
                return try await listPages(options, pageSize: expiries < 2 ? pageSize : nil, deadline: deadline)
            } catch {
                guard error.isExpired, expiries < 2, options.continueToken == nil else { throw error }
                expiries += 1
            }
        }
    }

    private func listPages(
        _ options: ListOptions, pageSize: Int64?, deadline: ContinuousClock.Instant?
    ) async throws(ClientError) -> ObjectList<Object> {
        var options = options
        options.limit = pageSize
        var whole = try await list(options, deadline: deadline)
        while let token = whole.continueToken {
            options.continueToken = token
            // The token carries both.
            options.resourceVersion = nil
            options.resourceVersionMatch = nil
            let page = try await list(options, deadline: deadline)
            whole.items.append(contentsOf: page.items)
            whole.undecodable.append(contentsOf: page.undecodable)
            whole.resourceVersion = page.resourceVersion
            whole.continueToken = page.continueToken
        }
        whole.remainingItemCount = nil
        return whole
    }

    /// Built-in lists leave `apiVersion` and `kind` out of their items, but the list's own tell them.
    private static func itemKind(_ list: JSON) -> (apiVersion: JSON, kind: JSON)? {
        guard let apiVersion = list["apiVersion"], let kind = list["kind"]?.stringValue, kind.hasSuffix("List"),
            kind.count > 4
        else { return nil }
        return (apiVersion, .string(String(kind.dropLast(4))))
    }

    private static func withKind(_ item: JSON, _ itemKind: (apiVersion: JSON, kind: JSON)?) -> JSON {
        guard let itemKind, item["kind"] == nil, let object = item.objectValue else { return item }
        var pairs: [(String, JSON)] = [("apiVersion", itemKind.apiVersion), ("kind", itemKind.kind)]
        pairs.reserveCapacity(object.count + 2)
        for (key, value) in object where key != "apiVersion" { pairs.append((key, value)) }
        return .object(JSONObject(pairs))
    }
}
