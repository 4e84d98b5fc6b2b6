import FlowAPI
import KubeCore
import Testing

@Suite("SHA-256")
struct SHA256Tests {
    @Test(
        "Digests are those of FIPS 180-4 and of another implementation at the ends of blocks",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (String(repeating: "x", count: 55), "d5e285683cd4efc02d021a5c62014694958901005d6f71e89e0989fac77e4072"),
            (String(repeating: "x", count: 56), "04c26261370ee7541549d16dee320c723e3fd14671e66a099afe0a377c16888e"),
            (String(repeating: "x", count: 63), "75220b47218278e656f2013bb8f0c455a25eaf01e86c64924e9d48d89776d6f2"),
            (String(repeating: "x", count: 64), "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c"),
            (String(repeating: "x", count: 119), "000b48d4edf0fa7bee3c6236ecd2785baa5db4eeb8bb54341b029e0d9fa5fb0c"),
        ])
    func vectors(text: String, digest: String) {
        #expect(SHA256.hex(text) == digest)
        var pieces = SHA256()
        for byte in text.utf8 {
            pieces.update(CollectionOfOne(byte))
        }
        #expect(SHA256.hex(of: pieces.finalize()) == digest)
    }
}

@Suite("Names")
struct NamesTests {
    static let long = String(repeating: "very-long-name-", count: 10)

    private func isLabel(_ name: String) -> Bool {
        name.wholeMatch(of: /[a-z0-9]([-a-z0-9]*[a-z0-9])?/) != nil && name.utf8.count <= 63
    }

    @Test(
        "A pod's name is a DNS label that shows run, task, index and attempt",
        arguments: [
            ("wordcount-x7k2p", "count", 3, 1), ("w", "c", nil, 1), (long, long, 9_999, 100), (long, "c", nil, 2),
            ("w", long, 0, 1), ("run.with.dots", "t", nil, 1),
        ] as [(String, String, Int?, Int)])
    func pods(run: String, task: String, index: Int?, attempt: Int) {
        let name = Names.pod(run: run, runUID: "8c1d", task: task, index: index, attempt: attempt)
        #expect(isLabel(name), "\(name)")
        #expect(name.contains(task.prefix(20).trimmingSuffix("-")), "\(name)")
        #expect(name.contains("-\(attempt)-"), "\(name)")
        if let index {
            #expect(name.contains("-\(index)-\(attempt)-"), "\(name)")
        }
    }

    @Test("The same attempt always has the same pod name, and any other attempt another one")
    func podIdentity() {
        func name(
            run: String = "r", uid: String = "u", task: String = "t", index: Int? = 1, attempt: Int = 2
        ) -> String {
            Names.pod(run: run, runUID: uid, task: task, index: index, attempt: attempt)
        }
        #expect(name() == name())
        let names = [
            name(), name(uid: "u2"), name(task: "t-1", index: nil), name(index: nil), name(index: 2),
            name(attempt: 3), name(task: "t2"), name(index: 12, attempt: 2), name(index: 1, attempt: 22),
        ]
        #expect(Set(names).count == names.count, "\(names)")
    }

    @Test("Names that are cut stay apart by their hash")
    func cutNames() {
        let one = Names.pod(run: Self.long, runUID: "a", task: Self.long + "1", index: nil, attempt: 1)
        let other = Names.pod(run: Self.long, runUID: "a", task: Self.long + "2", index: nil, attempt: 1)
        #expect(one != other)
        #expect(Names.onCreateRun(job: Self.long, jobUID: "1") != Names.onCreateRun(job: Self.long, jobUID: "2"))
    }

    @Test("Names do not change from release to release, or running work would be started twice")
    func stable() {
        #expect(
            Names.pod(run: "wordcount", runUID: "0b9f", task: "count", index: 3, attempt: 1)
                == "wordcount-count-3-1-8wje6rf2vs")
        #expect(Names.onCreateRun(job: "hello", jobUID: "0b9f") == "hello-kyv8nzajwe")
        #expect(Names.revision(job: "hello", jobUID: "0b9f", contentHash: "abc") == "hello-3wdzv6z9id")
        #expect(Names.manualRun(job: "hello", unique: "1") == "hello-kb8jftrsww")
    }

    @Test("Runs and revisions of a Job that was deleted and created again have other names")
    func recreatedJobs() {
        #expect(Names.onCreateRun(job: "j", jobUID: "1") != Names.onCreateRun(job: "j", jobUID: "2"))
        let old = Names.revision(job: "j", jobUID: "1", contentHash: "c")
        #expect(old != Names.revision(job: "j", jobUID: "2", contentHash: "c"))
        #expect(old != Names.revision(job: "j", jobUID: "1", contentHash: "d"))
        #expect(isLabel(old))
    }
}

extension StringProtocol {
    func trimmingSuffix(_ suffix: Character) -> String {
        var text = String(self)
        while text.last == suffix {
            text.removeLast()
        }
        return text
    }
}

@Suite("Durations")
struct FlowDurationTests {
    @Test(
        "Durations of Gateway API's form are read",
        arguments: [
            ("90s", .seconds(90)), ("1h30m", .seconds(5_400)), ("500ms", .milliseconds(500)), ("0s", .zero),
            ("1h1m1s1ms", .milliseconds(3_661_001)), ("99999h", .seconds(99_999 * 3_600)), ("30m1h", .seconds(5_400)),
        ] as [(String, Duration)])
    func parses(text: String, duration: Duration) {
        #expect(FlowDuration.parse(text) == duration)
    }

    @Test(
        "Everything else is refused",
        arguments: [
            "", "5", "s", "-5s", "1.5h", "5 s", "5S", "100000s", "1s1s1s1s1s", "1d", "5us", "٥s", "1h30", "5s ",
        ])
    func refuses(text: String) {
        #expect(FlowDuration.parse(text) == nil)
    }

    @Test(
        "Durations are shown in two units at most",
        arguments: [
            (.zero, "0s"), (.milliseconds(49), "0s"), (.milliseconds(420), "0.4s"), (.milliseconds(9_990), "9.9s"),
            (.seconds(3), "3s"), (.milliseconds(59_900), "59s"), (.seconds(60), "1m"), (.seconds(90), "1m30s"),
            (.seconds(3_600), "1h"), (.seconds(11_159), "3h5m"), (.seconds(187_200), "2d4h"), (.seconds(-5), "0s"),
        ] as [(Duration, String)])
    func readable(duration: Duration, text: String) {
        #expect(FlowDuration.readable(duration) == text)
    }
}

@Suite("Labels")
struct LabelsTests {
    @Test("A pod's labels say whose it is, and only items of maps have an index")
    func pods() {
        let labels = Labels.forPod(engine: "e", job: "j", run: "r", task: "t", index: 3, attempt: 2)
        #expect(
            labels == [
                "app.kubernetes.io/managed-by": "flowengine", "flowengine.io/engine": "e", "flowengine.io/job": "j",
                "flowengine.io/run": "r", "flowengine.io/task": "t", "flowengine.io/index": "3",
                "flowengine.io/attempt": "2",
            ])
        let plain = Labels.forPod(engine: "e", job: "j", run: "r", task: "t", index: nil, attempt: 1)
        #expect(plain["flowengine.io/index"] == nil)
    }
}
