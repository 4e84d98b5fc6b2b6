import Foundation
import Testing

@Suite("The agent around a task's command")
struct AgentTests {
    private func withAgent<T>(_ body: (AgentProcess) throws -> T) throws -> T {
        let agent = try AgentProcess()
        defer { agent.remove() }
        return try body(agent)
    }

    @Test("A command's exit code, output and arguments pass through")
    func passesThrough() throws {
        try withAgent { agent in
            let result = try agent.run(["run", "--", "/bin/sh", "-c", #"echo "$1|$2"; exit 3"#, "sh", "a b", ""])
            #expect(result.exitCode == 3)
            #expect(result.output == "a b|\n")
            #expect(result.reason == "CommandFailed")
            #expect(result.message["exitCode"] as? Int == 3)
        }
    }

    @Test("Outputs keep their JSON types, and text loses one trailing newline")
    func outputTypes() throws {
        try withAgent { agent in
            let result = try agent.shell(
                """
                cd "$FLOWENGINE_OUTPUTS"
                echo 7 > number; echo 0.5e1 > fraction; echo '{ "a" : [1, "x y"] }' > object; echo true > flag
                printf 'two\\n\\n' > text; printf '"q"' > quoted; : > empty; printf 'null' > nothing; echo 007 > padded
                echo 123456789012345678901234567890 > big; printf '\\377\\001' > bytes; echo '[1,]' > broken
                """,
                outputs: [
                    "number", "fraction", "object", "flag", "text", "quoted", "empty", "nothing", "padded", "big",
                    "bytes", "broken",
                ])
            #expect(result.exitCode == 0)
            let outputs = try #require(result.outputs)
            #expect(outputs["number"] as? Int == 7)
            #expect(outputs["fraction"] as? Double == 5)
            let object = try #require(outputs["object"] as? [String: [Any]])
            #expect(object["a"]?.first as? Int == 1)
            #expect(object["a"]?.last as? String == "x y")
            #expect(outputs["flag"] as? Bool == true)
            #expect(outputs["text"] as? String == "two\n")
            #expect(outputs["quoted"] as? String == "\"q\"")
            #expect(outputs["empty"] as? String == "")
            #expect(outputs["nothing"] is NSNull)
            #expect(outputs["padded"] as? String == "007")
            #expect(outputs["big"] as? String == "123456789012345678901234567890")
            #expect(outputs["bytes"] as? String == "\u{FFFD}\u{1}")
            #expect(outputs["broken"] as? String == "[1,]")
        }
    }

    @Test("A task without outputs reports success")
    func noOutputs() throws {
        try withAgent { agent in
            let result = try agent.shell("true")
            #expect(result.exitCode == 0)
            #expect(result.outputs?.isEmpty == true)
            #expect(result.message["exitCode"] as? Int == 0)
        }
    }

    @Test("A missing output fails a command that succeeded, and names the file")
    func missingOutput() throws {
        try withAgent { agent in
            let result = try agent.shell("echo 1 > \"$FLOWENGINE_OUTPUTS/a\"", outputs: ["a", "b", "a"])
            #expect(result.exitCode == 65)
            #expect(result.reason == "OutputMissing")
            #expect(result.text?.contains("outputs/b") == true)
            #expect(result.errors.contains("outputs/b"))
        }
    }

    @Test(
        "Outputs larger than a termination message may be are refused",
        arguments: ["head -c 5000 /dev/zero | tr '\\0' x", "head -c 1000 /dev/zero"])
    func largeOutput(command: String) throws {
        try withAgent { agent in
            // The second grows past the limit only when its control characters are escaped.
            let result = try agent.shell("\(command) > \"$FLOWENGINE_OUTPUTS/a\"", outputs: ["a"])
            #expect(result.exitCode == 65)
            #expect(result.reason == "OutputTooLarge")
        }
    }

    @Test("The largest message that is allowed is written whole")
    func largestOutput() throws {
        try withAgent { agent in
            let room = 4096 - #"{"exitCode":0,"outputs":{"a":""}}"#.utf8.count - 1
            let script = "head -c \(room) /dev/zero | tr '\\0' x > \"$FLOWENGINE_OUTPUTS/a\""
            let result = try agent.shell(script, outputs: ["a"])
            #expect(result.exitCode == 0)
            #expect((result.outputs?["a"] as? String)?.count == room)
            #expect(try Data(contentsOf: agent.log).count <= 4096)
        }
    }

    @Test("A failed command reports its failure and not its missing outputs")
    func failureBeforeOutputs() throws {
        try withAgent { agent in
            let result = try agent.shell("exit 9", outputs: ["a"])
            #expect(result.exitCode == 9)
            #expect(result.reason == "CommandFailed")
        }
    }

    @Test("A command that is not there gives 127, one that cannot be run 126")
    func notStarted() throws {
        try withAgent { agent in
            let absent = try agent.run(["run", "--", "no-such-command"])
            #expect(absent.exitCode == 127)
            #expect(absent.reason == "CommandNotFound")
            let unrunnable = try agent.run(["run", "--", "/etc/passwd"])
            #expect(unrunnable.exitCode == 126)
            #expect(unrunnable.reason == "CommandNotExecutable")
        }
    }

    @Test("A signal reaches the command, whose own handling decides")
    func forwardsSignals() throws {
        try withAgent { agent in
            let result = try agent.shell(
                "trap 'echo caught; exit 4' TERM; echo ready; while :; do sleep 1; done",
                whenReady: { kill($0, SIGTERM) })
            #expect(result.exitCode == 4)
            #expect(result.output == "ready\ncaught\n")
        }
    }

    @Test(
        "A command ended by a signal gives 128 + signal",
        arguments: [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2])
    func signalled(signal: Int32) throws {
        try withAgent { agent in
            let result = try agent.shell("echo ready; exec sleep 60", whenReady: { kill($0, signal) })
            #expect(result.exitCode == 128 + signal)
            #expect(result.reason == "CommandSignalled")
        }
    }

    @Test("Installing copies a program that runs, over an older copy too")
    func install() throws {
        try withAgent { agent in
            let place = agent.directory.appending(path: "deep/er")
            for _ in 0..<2 {
                #expect(try agent.run(["install", place.path]).exitCode == 0)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == ["flowengine-agent"])
            let copy = Process()
            copy.executableURL = place.appending(path: "flowengine-agent")
            copy.arguments = ["version"]
            copy.standardOutput = Pipe()
            try copy.run()
            copy.waitUntilExit()
            #expect(copy.terminationStatus == 0)
        }
    }

    @Test("A directory that cannot be written is named")
    func installFails() throws {
        try withAgent { agent in
            let result = try agent.run(["install", "/proc/nowhere"])
            #expect(result.exitCode == 74)
            #expect(result.errors.contains("/proc/nowhere"))
        }
    }

    @Test("Misuse explains itself and gives 64", arguments: [["run"], ["run", "--"], ["fly"], ["install"], []])
    func misuse(arguments: [String]) throws {
        try withAgent { agent in
            let result = try agent.run(arguments)
            #expect(result.exitCode == 64)
            #expect(result.errors.contains("flowengine-agent"))
        }
    }

    @Test("An output cannot be read from outside its directory")
    func outputNames() throws {
        try withAgent { agent in
            let result = try agent.shell("true", outputs: ["../../etc/passwd"])
            #expect(result.exitCode == 65)
            #expect(result.reason == "OutputName")
        }
    }
}
