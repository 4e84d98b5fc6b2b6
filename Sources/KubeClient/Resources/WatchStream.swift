import KubeCore

/// One event of a watch.
public enum WatchEvent<Object: Sendable>: Sendable {
    case added(Object)
    case modified(Object)
    /// The object in its last state.
    case deleted(Object)
    /// How far the watch has come; the end of a streaming list's initial events is marked by the flag.
    case bookmark(resourceVersion: String, isInitialEventsEnd: Bool)
    /// The watch ends; 410 means: list again.
    case error(Status)
    /// An event whose object the Swift type does not fit.
    case undecodable(WatchEventType, UndecodableObject)
}

/// The events of a watch, in order, for one reader.
///
/// Ends with nil when the server ends it (its timeout), and with a ``ClientError`` when the connection breaks, falls
/// silent for ``ClientConfiguration/Timeouts/watchIdle`` or carries nonsense; a fragment of a line is dropped. In each
/// case the reader goes on from the last resourceVersion it has seen. A slow reader pauses the transfer.
public struct WatchStream<Object: Sendable>: AsyncSequence, Sendable {
    public typealias Element = WatchEvent<Object>
    public typealias Failure = ClientError

    let bytes: ResponseStream
    let resource: ResourceClient<Object>
    let source: String

    /// Ends the watch; the reader sees ``ClientError/Code/cancelled``.
    public func cancel() {
        bytes.cancel()
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(lines: LineReader(bytes: bytes, source: source), resource: resource)
    }

    public struct Iterator: AsyncIteratorProtocol {
        var lines: LineReader
        let resource: ResourceClient<Object>

        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(ClientError) -> WatchEvent<Object>? {
            // A line without its line feed at the end is a fragment.
            guard let line = try await lines.next(isolation: actor, keepsFragment: false) else { return nil }
            return try resource.event(line, source: lines.source)
        }

        public mutating func next() async throws(ClientError) -> WatchEvent<Object>? {
            try await next(isolation: nil)
        }
    }
}

extension ResourceClient {
    /// Watches from `options.resourceVersion`, with bookmarks. Returns when the server has accepted the watch.
    ///
    /// - Throws: ``ClientError``; with ``ClientError/isExpired`` when that version is too old.
    public func watch(_ options: ListOptions = .init()) async throws(ClientError) -> WatchStream<Object> {
        var options = options
        options.allowWatchBookmarks = true
        let request = accepting(APIRequest.watch(type, namespace: namespace, options: options))
        let timeouts = client.configuration.timeouts
        let bytes = try await client.stream(
            request, headTimeout: timeouts.streamHead, idleTimeout: timeouts.watchIdle)
        return WatchStream(bytes: bytes, resource: self, source: client.source(request))
    }

    func event(_ line: ArraySlice<UInt8>, source: String) throws(ClientError) -> WatchEvent<Object> {
        let frame: WatchFrame
        do {
            frame = try WatchFrame.parse(line, options: parseOptions)
        } catch {
            throw ClientError(
                .decoding, "\(source): a line of the watch is not an event (\(error)): \(bodyExcerpt(line)).",
                cause: error)
        }
        switch frame.type {
        case .bookmark:
            let version = frame.object.at("metadata", "resourceVersion")?.stringValue ?? ""
            let mark = frame.object.at("metadata", "annotations", "k8s.io/initial-events-end")?.stringValue
            return .bookmark(resourceVersion: version, isInitialEventsEnd: mark == "true")
        case .error:
            return .error(
                frame.status
                    ?? Status(code: 500, reason: .internalError, message: "The watch failed without a Status."))
        case .added, .modified, .deleted:
            do throws(ClientError) {
                let object = try decode(frame.object, source: source)
                switch frame.type {
                case .added: return .added(object)
                case .modified: return .modified(object)
                default: return .deleted(object)
                }
            } catch {
                return .undecodable(
                    frame.type, UndecodableObject(object: DynamicObject(frame.object), error: error))
            }
        }
    }
}
