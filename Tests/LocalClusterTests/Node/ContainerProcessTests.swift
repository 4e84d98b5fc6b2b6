import Foundation
import KubeCore
import Testing

@testable import LocalCluster

@Suite("Processes of containers", .timeLimit(.minutes(1)))
struct ContainerProcessTests {
    private func run(
        _ launch: ProcessLaunch, signal: Int32? = nil
    ) async throws -> (ending: ProcessEnding, output: String) {
        let poller = try Poller()
        defer { poller.stop() }
        let path = FileManager.default.temporaryDirectory.appending(path: "process-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let log = ContainerLog(path: path)
        let (ends, tell) = AsyncStream.makeStream(of: ProcessEnding.self)
        let process = try ContainerProcess.start(launch, log: log, poller: poller) {
            tell.yield($0)
            tell.finish()
        }
        if let signal { process.signal(signal) }
        let ending = try #require(await ends.first { _ in true })
        return (ending, String(decoding: ContainerLogReader.tail(of: log, lines: 1000, bytes: 1 << 20), as: UTF8.self))
    }

    private func withStaging<T>(_ body: (String) async throws -> T) async throws -> T {
        let path = FileManager.default.temporaryDirectory.appending(path: "root-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(path)
    }

    private static let isolations: [HostIsolation] = {
        let path = FileManager.default.temporaryDirectory.appending(path: "detect-\(UUID().uuidString)").path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let host = HostFileSystem.read()
        return [.overlay, .userNamespace].filter { $0.works(staging: path, host: host) } + [.shared]
    }()

    @Test("Exit codes, signals, arguments and environment pass", arguments: isolations)
    func basics(isolation: HostIsolation) async throws {
        try await withStaging { staging in
            var launch = ProcessLaunch(
                arguments: ["sh", "-c", "echo \"$1:$NAME:$PWD\"; exit 9", "sh", "an argument"],
                environment: [("NAME", "value")], searchPath: "/usr/bin:/bin", workingDirectory: "/usr")
            launch.root = isolation.root(staging: staging, host: .read())
            let result = try await run(launch)
            #expect(result.ending.exitCode == 9)
            #expect(result.output == "an argument:value:/usr\n")
            launch.arguments = ["sleep", "1000"]
            let killed = try await run(launch, signal: SIGTERM)
            #expect(killed.ending.signal == SIGTERM)
            #expect(killed.ending.exitCode == 143)
        }
    }

    @Test("Nothing that a container started outlives it", arguments: isolations)
    func orphans(isolation: HostIsolation) async throws {
        try await withStaging { staging in
            let marker = "\(UInt32.random(in: 100_000 ... .max)).5"
            var launch = ProcessLaunch(
                arguments: ["sh", "-c", "sleep \(marker) & exit 0"], searchPath: "/usr/bin:/bin")
            launch.root = isolation.root(staging: staging, host: .read())
            let ending = try await run(launch).ending
            #expect(ending.exitCode == 0)
            // SIGKILL takes effect a moment after it was sent.
            while try isAnybodyRunning(marker) {
                try await Task.sleep(for: .milliseconds(1))  // polls
            }
        }
    }

    private func isAnybodyRunning(_ marker: String) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").contains { entry in
            guard Int(entry) != nil, let line = try? HostFile.read("/proc/\(entry)/cmdline", limit: 4096) else {
                return false
            }
            return String(decoding: line, as: UTF8.self).contains(marker)
        }
    }

    @Test("A container inherits no files but its three streams", arguments: isolations)
    func descriptors(isolation: HostIsolation) async throws {
        try await withStaging { staging in
            // One that the parent left open for its children.
            let leak = open("/dev/null", O_RDONLY)
            defer { close(leak) }
            var launch = ProcessLaunch(
                arguments: ["sh", "-c", "ls /proc/self/fd | tr '\\n' ' '"], searchPath: "/usr/bin:/bin")
            launch.root = isolation.root(staging: staging, host: .read())
            // The fourth is the directory that ls reads.
            let output = try await run(launch).output
            #expect(output == "0 1 2 3 ")
        }
    }

    @Test("A container sees its own processes and host name, and its changes stay with it", arguments: isolations)
    func isolation(isolation: HostIsolation) async throws {
        guard isolation != .shared else { return }
        try await withStaging { staging in
            let name = "flowengine-\(UUID().uuidString)"
            var launch = ProcessLaunch(
                arguments: ["sh", "-c", "echo $$; hostname; echo 1 > /etc/\(name); cat /etc/\(name); ls /proc/1/comm"],
                searchPath: "/usr/bin:/bin", hostName: "inside")
            launch.root = isolation.root(staging: staging, host: .read())
            let result = try await run(launch)
            #expect(result.output == "1\ninside\n1\n/proc/1/comm\n")
            #expect(!FileManager.default.fileExists(atPath: "/etc/\(name)"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: staging).isEmpty)
        }
    }

    @Test("A start that fails says at what", arguments: isolations)
    func failures(isolation: HostIsolation) async throws {
        try await withStaging { staging in
            var launch = ProcessLaunch(arguments: ["/no/such/program"])
            launch.root = isolation.root(staging: staging, host: .read())
            await #expect {
                _ = try await run(launch)
            } throws: { ($0 as? LaunchFailure)?.message == "cannot run /no/such/program: No such file or directory" }
            guard isolation != .shared else { return }
            launch.arguments = ["/bin/true"]
            launch.root?.mounts.append(ContainerRoot.Mount(source: "/no/such/volume", target: "/volume"))
            await #expect {
                _ = try await run(launch)
            } throws: {
                ($0 as? LaunchFailure)?.message
                    == "cannot mount /no/such/volume on /volume: No such file or directory"
            }
        }
    }

    @Test("Hundreds of starts leave no descriptor and no zombie behind")
    func leaks() async throws {
        func descriptors() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
        let poller = try Poller()
        defer { poller.stop() }
        let before = try descriptors()
        for _ in 0..<300 {
            let log = ContainerLog(path: "/dev/null")
            let (ends, tell) = AsyncStream.makeStream(of: Void.self)
            _ = try ContainerProcess.start(
                ProcessLaunch(arguments: ["/bin/true"]), log: log, poller: poller
            ) { _ in tell.finish() }
            for await _ in ends {}
        }
        // Other tests run beside this one.
        #expect(try descriptors() < before + 100)
    }
}
