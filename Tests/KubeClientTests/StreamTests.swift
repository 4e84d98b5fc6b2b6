import KubeCore
import Synchronization
import Testing

@testable import KubeClient

private func podEvent(_ type: String, _ name: String, version: Int) -> String {
    """
    {"type":"\(type)","object":{"apiVersion":"v1","kind":"Pod","metadata":\
    {"name":"\(name)","namespace":"n","resourceVersion":"\(version)"}}}

    """
}

@Suite("Streams and watches")
struct StreamTests {
    @Test("A watch gives its events in order, whatever the pieces they come in", arguments: [1, 7, 1000])
    func pieces(size: Int) async throws {
        let text =
            podEvent("ADDED", "größe-日本", version: 1) + podEvent("MODIFIED", "b", version: 2) + "\n"
            + podEvent("DELETED", "c", version: 3)
            + #"{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"9","#
            + #""annotations":{"k8s.io/initial-events-end":"true"}}}}"# + "\n"
        let server = try ScriptedServer { connection in
            let request = try connection.request()
            guard request.target.contains("watch=true"), request.target.contains("allowWatchBookmarks=true") else {
                return
            }
            try connection.beginChunks()
            let bytes = Array(text.utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                try connection.chunk(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            try connection.endChunks()
        }
        try await withClient(server) { client in
            var seen: [String] = []
            for try await event in try await client.resource(.pods, namespace: "n").watch() {
                switch event {
                case .added(let pod): seen.append("+\(pod.name)")
                case .modified(let pod): seen.append("~\(pod.name)")
                case .deleted(let pod): seen.append("-\(pod.name)")
                case .bookmark(let version, let isEnd): seen.append("@\(version) \(isEnd)")
                default: seen.append("?")
                }
            }
            #expect(seen == ["+größe-日本", "~b", "-c", "@9 true"])
        }
    }

    @Test("A cut line is dropped: the watch ends after the last whole event with an error")
    func cutLine() async throws {
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            try connection.beginChunks()
            try connection.chunk(podEvent("ADDED", "a", version: 1))
            try connection.chunk("{\"type\":\"ADDED\",\"object\":{\"kind\"")
        }
        try await withClient(server) { client in
            var events = try await client.resource(.pods).watch().makeAsyncIterator()
            guard case .added(let pod) = try await events.next() else {
                Issue.record("the whole event should come")
                return
            }
            #expect(pod.name == "a")
            let error = try await clientError { try await events.next() == nil }
            #expect(error.message.contains("the connection broke"))
        }
    }

    @Test("An orderly end in the middle of a line ends the watch without an event")
    func orderlyEndMidLine() async throws {
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            try connection.beginChunks()
            try connection.chunk("{\"type\":\"ADDED\",\"object\":{\"kind\"")
            try connection.endChunks()
        }
        try await withClient(server) { client in
            var events = try await client.resource(.pods).watch().makeAsyncIterator()
            let event = try await events.next()
            #expect(event == nil)
        }
    }

    @Test("410 on a watch is thrown by the call; as an event it is an event")
    func expired() async throws {
        let status = Status.expired("too old resource version").json.encodedString()
        let server = try ScriptedServer { connection in
            while true {
                let request = try connection.request()
                if request.target.contains("resourceVersion=1&") {
                    try connection.respond(410, status)
                } else {
                    try connection.beginChunks()
                    try connection.chunk("{\"type\":\"ERROR\",\"object\":\(status)}\n")
                    try connection.endChunks()
                }
            }
        }
        try await withClient(server) { client in
            let pods = client.resource(.pods)
            let error = try await clientError {
                _ = try await pods.watch(ListOptions(resourceVersion: "1"))
            }
            #expect(error.isExpired)
            #expect(error.message.contains("too old resource version"))
            var events = try await pods.watch(ListOptions(resourceVersion: "2")).makeAsyncIterator()
            guard case .error(let status) = try await events.next() else {
                Issue.record("an error event was expected")
                return
            }
            #expect(status.code == 410)
        }
    }

    @Test("A silent watch fails once it has been idle for too long")
    func idle() async throws {
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            try connection.beginChunks()
            try connection.chunk(podEvent("ADDED", "a", version: 1))
            connection.waitForClose()
        }
        try await withClient(server, change: { $0.timeouts.watchIdle = .milliseconds(200) }) { client in
            var events = try await client.resource(.pods).watch().makeAsyncIterator()
            _ = try await events.next()
            let error = try await clientError { try await events.next() == nil }
            #expect(error.isTimeout)
            #expect(error.message.contains("silent for too long"))
            try await eventually("the connection is closed") { server.openCount == 0 }
        }
    }

    @Test("A watch that the server does not answer fails at the head's deadline")
    func headTimeout() async throws {
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            connection.waitForClose()
        }
        try await withClient(server, change: { $0.timeouts.streamHead = .milliseconds(200) }) { client in
            let error = try await clientError { _ = try await client.resource(.pods).watch() }
            #expect(error.isTimeout)
        }
    }

    @Test("A slow reader pauses the transfer, and gets everything in the end")
    func backpressure() async throws {
        let total = 64 * 1024 * 1024
        let sent = Mutex(0)
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            try connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
            let piece = [UInt8](repeating: 7, count: 64 * 1024)
            for _ in 0..<(total / piece.count) {
                try connection.write(piece)
                sent.withLock { $0 += piece.count }
            }
        }
        try await withClient(server, change: { $0.limits.streamBufferBytes = 256 * 1024 }) { client in
            let stream = try await client.stream(.get("/big"), idleTimeout: .seconds(2))
            var iterator = stream.makeAsyncIterator()
            var received = try await iterator.next()?.count ?? 0
            // The server gets stuck far before the end, as nobody reads.
            var last = (count: -1, since: ContinuousClock.now)
            try await eventually("the sender is stuck") {
                let count = sent.withLock { $0 }
                if count != last.count { last = (count, .now) }
                return count > 0 && ContinuousClock.now - last.since > .milliseconds(500)
            }
            #expect(sent.withLock { $0 } < total / 2)
            while let chunk = try await iterator.next() { received += chunk.count }
            #expect(received == total)
        }
    }

    @Test("Cancelling the reading task ends the transfer", arguments: ["task", "method", "release"])
    func endings(how: String) async throws {
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            try connection.beginChunks()
            try connection.chunk(podEvent("ADDED", "a", version: 1))
            connection.waitForClose()
        }
        try await withClient(server) { client in
            switch how {
            case "task":
                let task = Task {
                    try await clientError {
                        for try await _ in try await client.resource(.pods).watch() {}
                    }
                }
                try await eventually("the watch is open") { client.statistics.streams.active == 1 }
                task.cancel()
                let error = try await task.value
                #expect(error.isCancelled)
            case "method":
                let watch = try await client.resource(.pods).watch()
                watch.cancel()
                let error = try await clientError { for try await _ in watch {} }
                #expect(error.isCancelled)
            default:
                for try await _ in try await client.resource(.pods).watch() { break }
            }
            try await eventually("the exchange is gone") { client.statistics.streams.active == 0 }
            try await eventually("the connection is closed") { server.openCount == 0 }
        }
    }

    @Test("An object that the Swift type does not fit is set aside, and the watch goes on")
    func undecodable() async throws {
        struct Strict: KubeObject {
            static let resourceType = ResourceType.configMaps
            var metadata: ObjectMeta
            var data: [String: String]
        }
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            try connection.beginChunks()
            try connection.chunk("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"bad\"},\"data\":3}}\n")
            try connection.chunk("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"good\"},\"data\":{}}}\n")
            try connection.endChunks()
        }
        try await withClient(server) { client in
            var seen: [String] = []
            for try await event in try await client.resource(Strict.self, namespace: "n").watch() {
                switch event {
                case .undecodable(.added, let object):
                    seen.append("bad \(object.object.name)")
                    #expect(object.error.message.contains("does not fit Strict"))
                case .added(let object): seen.append(object.metadata.name ?? "")
                default: seen.append("?")
                }
            }
            #expect(seen == ["bad bad", "good"])
        }
    }

    @Test("A long event comes whole; one beyond the limit ends the watch")
    func longLines() async throws {
        let server = try ScriptedServer { connection in
            _ = try connection.request()
            try connection.beginChunks()
            let value = String(repeating: "v", count: 3 << 20)
            try connection.chunk("{\"type\":\"ADDED\",\"object\":{\"data\":\"\(value)\"}}\n")
            let piece = [UInt8](repeating: 32, count: 1 << 20)
            while connection.isOpen { try connection.chunk(piece) }
        }
        try await withClient(server) { client in
            var events = try await client.resource(.pods).watch().makeAsyncIterator()
            guard case .added(let object) = try await events.next() else {
                Issue.record("the long event was expected")
                return
            }
            #expect(object.json["data"]?.stringValue?.utf8.count == 3 << 20)
            let error = try await clientError { try await events.next() == nil }
            #expect(error.message.contains("longer than the limit"))
        }
        try await eventually("the connection is closed") { server.openCount == 0 }
    }

    @Test("Log lines come as text, the last one without a line feed too")
    func logs() async throws {
        let server = try ScriptedServer { connection in
            let request = try connection.request()
            guard request.target == "/api/v1/namespaces/n/pods/p/log?container=c&follow=true&tailLines=5" else {
                try connection.respond(404, "wrong target \(request.target)", type: "text/plain")
                return
            }
            try connection.beginChunks(type: "text/plain")
            try connection.chunk("one\ntw")
            try connection.chunk("o\r\nthree")
            try connection.endChunks()
        }
        try await withClient(server) { client in
            let options = LogOptions(container: "c", follow: true, tailLines: 5)
            var lines: [String] = []
            for try await line in try await client.logLines(pod: "p", namespace: "n", options: options) {
                lines.append(line)
            }
            #expect(lines == ["one", "two", "three"])
        }
    }
}
