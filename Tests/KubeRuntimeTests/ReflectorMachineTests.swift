import Testing

@testable import KubeRuntime

/// The protocol without I/O: inputs in, actions out.
@Suite("Reflector machine")
struct ReflectorMachineTests {
    struct Element: WatchedElement {
        let key: ObjectKey
        let resourceVersion: String

        init(_ name: String, _ version: Int) {
            key = ObjectKey(name: name)
            resourceVersion = String(version)
        }
    }

    typealias Machine = ReflectorMachine<Element>

    static let backoff = Backoff(initial: .seconds(1), factor: 2, cap: .seconds(30), jitter: 0)

    static func machine(streaming: Bool = true, pageSize: Int? = 2) -> Machine {
        Machine(
            options: ReflectorOptions(
                streamingList: streaming, pageSize: pageSize, backoff: backoff, watchTimeoutSeconds: 300),
            random: .constant(0))
    }

    /// A machine that watches from version 10, having listed a and b.
    static func watching(streaming: Bool = false) -> Machine {
        var machine = machine(streaming: streaming)
        _ = machine.step(.start)
        if streaming {
            _ = machine.step(.changed(Element("a", 1)))
            _ = machine.step(.changed(Element("b", 2)))
            _ = machine.step(.bookmark(resourceVersion: "10", endOfInitialEvents: true))
        } else {
            _ = machine.step(.page(.init(items: [Element("a", 1), Element("b", 2)], resourceVersion: "10")))
        }
        return machine
    }

    static let cut = WatchFailure(.disconnected, "cut")
    static let expired = WatchFailure(.expired, "gone")

    @Test("A streaming list is published when its end is marked, and the same watch goes on")
    func streamingList() {
        var machine = Self.machine()
        #expect(machine.step(.start).texts == ["watch from '' streaming"])
        #expect(machine.step(.changed(Element("a", 1))).isEmpty)
        #expect(machine.step(.changed(Element("b", 2))).isEmpty)
        #expect(machine.resourceVersion == nil)
        let end = machine.step(.bookmark(resourceVersion: "10", endOfInitialEvents: true))
        #expect(end.texts == ["replace a@1 b@2 at 10"])
        #expect(machine.step(.changed(Element("c", 11))).texts == ["upsert c@11"])
    }

    @Test("Changes and deletions during a streaming list are folded into it")
    func streamingFolds() {
        var machine = Self.machine()
        _ = machine.step(.start)
        for element in [Element("a", 1), Element("b", 2), Element("a", 3)] { _ = machine.step(.changed(element)) }
        _ = machine.step(.deleted(Element("b", 4)))
        #expect(machine.step(.bookmark(resourceVersion: "3", endOfInitialEvents: false)).isEmpty)
        let end = machine.step(.bookmark(resourceVersion: "4", endOfInitialEvents: true))
        #expect(end.texts == ["replace a@3 at 4"])
    }

    @Test("A streaming list that breaks publishes nothing and starts again from nothing")
    func streamingBreaks() {
        var machine = Self.machine()
        _ = machine.step(.start)
        _ = machine.step(.changed(Element("a", 1)))
        #expect(machine.step(.failed(Self.cut)).texts == ["report 1", "wait 1.0 seconds"])
        #expect(machine.step(.waited).texts == ["watch from '' streaming"])
        _ = machine.step(.changed(Element("b", 2)))
        let end = machine.step(.bookmark(resourceVersion: "10", endOfInitialEvents: true))
        #expect(end.texts == ["replace b@2 at 10"])
    }

    @Test("A server that refuses streaming lists gets paged ones, at once and from then on")
    func streamingUnsupported() {
        var machine = Self.machine()
        _ = machine.step(.start)
        let refusal = WatchFailure(.streamingListUnsupported, "sendInitialEvents is forbidden")
        #expect(machine.step(.failed(refusal)).texts == ["list limit 2"])
        let page = machine.step(.page(.init(items: [Element("a", 1)], resourceVersion: "10")))
        #expect(page.texts == ["replace a@1 at 10", "watch from '10'"])
        #expect(machine.step(.failed(Self.expired)).texts == ["report 1", "list limit 2"])
    }

    @Test("A server that ends streaming lists without marking their end gets paged ones after two tries")
    func streamingNeverEnds() {
        var machine = Self.machine()
        _ = machine.step(.start)
        #expect(machine.step(.ended).texts == ["report 1", "wait 1.0 seconds"])
        #expect(machine.step(.waited).texts == ["watch from '' streaming"])
        #expect(machine.step(.failed(Self.cut)).texts == ["report 2", "wait 2.0 seconds"])
        #expect(machine.step(.waited).texts == ["list limit 2"])
    }

    @Test("A server that cannot be reached is asked for a streaming list as long as it takes")
    func unreachable() {
        var machine = Self.machine()
        _ = machine.step(.start)
        for attempt in 1...8 {
            let actions = machine.step(.failed(WatchFailure(.unreachable, "connection refused")))
            #expect(actions.texts == ["report \(attempt)", "wait \(min(pow2(attempt - 1), 30)).0 seconds"])
            #expect(machine.step(.waited).texts == ["watch from '' streaming"])
        }
    }

    @Test("A paged list is published with its last page only")
    func pages() {
        var machine = Self.machine(streaming: false)
        #expect(machine.step(.start).texts == ["list limit 2"])
        let first = machine.step(
            .page(.init(items: [Element("a", 1), Element("b", 2)], resourceVersion: "10", continueToken: "t1")))
        #expect(first.texts == ["list limit 2 continue t1"])
        #expect(machine.resourceVersion == nil)
        let last = machine.step(.page(.init(items: [Element("c", 3)], resourceVersion: "10", continueToken: "")))
        #expect(last.texts == ["replace a@1 b@2 c@3 at 10", "watch from '10'"])
    }

    @Test("An expired continue token restarts the list: once by pages, then in one piece")
    func continueExpires() {
        var machine = Self.machine(streaming: false)
        _ = machine.step(.start)
        let page = Machine.Input.page(.init(items: [Element("a", 1)], resourceVersion: "10", continueToken: "t"))
        _ = machine.step(page)
        #expect(machine.step(.failed(Self.expired)).texts == ["report 1", "list limit 2"])
        _ = machine.step(page)
        #expect(machine.step(.failed(Self.expired)).texts == ["report 1", "list limit all"])
        let whole = machine.step(.page(.init(items: [Element("b", 2)], resourceVersion: "20")))
        #expect(whole.texts == ["replace b@2 at 20", "watch from '20'"])
        // The next list goes by pages again.
        #expect(machine.step(.failed(Self.expired)).texts == ["report 1", "list limit 2"])
    }

    @Test("A page that fails otherwise starts the list again after a pause that grows")
    func pageFails() {
        var machine = Self.machine(streaming: false)
        _ = machine.step(.start)
        for pause in ["1.0", "2.0", "4.0"] {
            _ = machine.step(
                .page(.init(items: [Element("a", 1)], resourceVersion: "10", continueToken: "t")))
            let failed = machine.step(.failed(WatchFailure(.refused, "500")))
            #expect(failed.texts.last == "wait \(pause) seconds")
            #expect(machine.step(.waited).texts == ["list limit 2"])
        }
        let whole = machine.step(.page(.init(items: [Element("b", 2)], resourceVersion: "20")))
        #expect(whole.texts.first == "replace b@2 at 20")
    }

    @Test("A cut watch goes on from the last event or bookmark")
    func resumes() {
        var machine = Self.watching()
        #expect(machine.step(.changed(Element("a", 11))).texts == ["upsert a@11"])
        #expect(machine.step(.deleted(Element("b", 12))).texts == ["delete b@12"])
        #expect(machine.step(.failed(Self.cut)).texts == ["report 1", "wait 1.0 seconds"])
        #expect(machine.step(.waited).texts == ["watch from '12'"])
        #expect(machine.step(.bookmark(resourceVersion: "40", endOfInitialEvents: false)).texts == ["progress 40"])
        _ = machine.step(.failed(Self.cut))
        #expect(machine.step(.waited).texts == ["watch from '40'"])
    }

    @Test("A watch that the server ends in good order is opened again at once")
    func ends() {
        var machine = Self.watching()
        _ = machine.step(.changed(Element("a", 11)))
        #expect(machine.step(.ended).texts == ["watch from '11'"])
    }

    @Test("Watches that bring nothing before they end do not make a busy loop")
    func fruitless() {
        var machine = Self.watching()
        #expect(machine.step(.ended).texts == ["report 1", "wait 1.0 seconds"])
        _ = machine.step(.waited)
        #expect(machine.step(.ended).texts == ["report 2", "wait 2.0 seconds"])
        _ = machine.step(.waited)
        _ = machine.step(.bookmark(resourceVersion: "11", endOfInitialEvents: false))
        #expect(machine.step(.ended).texts == ["watch from '11'"])
    }

    @Test("A state that is too old leads to a new list at once, in the streaming way where that works")
    func expires() {
        var machine = Self.watching(streaming: true)
        _ = machine.step(.changed(Element("a", 11)))
        #expect(machine.step(.failed(Self.expired)).texts == ["report 1", "watch from '' streaming"])
        // Until it is whole, the cache keeps what it has.
        #expect(machine.step(.changed(Element("c", 90))).isEmpty)
        let end = machine.step(.bookmark(resourceVersion: "100", endOfInitialEvents: true))
        #expect(end.texts == ["replace c@90 at 100"])
    }

    @Test("A list whose version is too old for a watch again and again is not repeated without pauses")
    func expiresAgain() {
        var machine = Self.watching()
        #expect(machine.step(.failed(Self.expired)).texts == ["report 1", "list limit 2"])
        for pause in ["1.0", "2.0", "4.0"] {
            _ = machine.step(.page(.init(items: [], resourceVersion: "20")))
            let texts = machine.step(.failed(Self.expired)).texts
            #expect(texts.last == "wait \(pause) seconds")
            #expect(machine.step(.waited).texts == ["list limit 2"])
        }
        _ = machine.step(.page(.init(items: [], resourceVersion: "30")))
        _ = machine.step(.changed(Element("a", 31)))
        #expect(machine.step(.failed(Self.expired)).texts == ["report 1", "list limit 2"])
    }

    @Test("A server that does not know the state, after a restore, is listed anew")
    func rewound() {
        var machine = Self.watching()
        let failure = WatchFailure(.unknownResourceVersion, "Too large resource version")
        #expect(machine.step(.failed(failure)).texts == ["report 1", "list limit 2"])
        let page = machine.step(.page(.init(items: [Element("a", 1)], resourceVersion: "3")))
        #expect(page.texts == ["replace a@1 at 3", "watch from '3'"])
    }

    @Test("What the server asks for with Retry-After is the least that is waited")
    func retryAfter() {
        var machine = Self.watching()
        let busy = WatchFailure(.refused, "too many requests", retryAfter: .seconds(7))
        #expect(machine.step(.failed(busy)).texts == ["report 1", "wait 7.0 seconds"])
        #expect(machine.step(.waited).texts == ["watch from '10'"])
        let brief = WatchFailure(.refused, "too many requests", retryAfter: .seconds(1))
        #expect(machine.step(.failed(brief)).texts == ["report 2", "wait 2.0 seconds"])
    }

    @Test("Pauses grow with each failure in a row, and one event ends the row")
    func backoff() {
        var machine = Self.watching()
        for pause in ["1.0", "2.0", "4.0", "8.0", "16.0", "30.0", "30.0"] {
            #expect(machine.step(.failed(Self.cut)).texts.last == "wait \(pause) seconds")
            _ = machine.step(.waited)
        }
        _ = machine.step(.changed(Element("a", 11)))
        #expect(machine.step(.failed(Self.cut)).texts.last == "wait 1.0 seconds")
    }

    @Test("A replayed event does not turn the watch back")
    func neverBackwards() {
        var machine = Self.watching()
        _ = machine.step(.changed(Element("a", 15)))
        _ = machine.step(.changed(Element("b", 12)))
        #expect(machine.resourceVersion == "15")
    }

    @Test("Versions that are no numbers are taken as they come")
    func opaqueVersions() {
        var machine = Self.watching()
        _ = machine.step(.bookmark(resourceVersion: "x-7", endOfInitialEvents: false))
        #expect(machine.resourceVersion == "x-7")
        _ = machine.step(.bookmark(resourceVersion: "x-6", endOfInitialEvents: false))
        #expect(machine.resourceVersion == "x-6")
    }

    @Test("What is read from a watch that was given up changes nothing")
    func stray() {
        var machine = Self.watching()
        _ = machine.step(.failed(Self.cut))
        #expect(machine.step(.changed(Element("z", 99))).isEmpty)
        #expect(machine.step(.ended).isEmpty)
        #expect(machine.step(.failed(Self.cut)).isEmpty)
        #expect(machine.step(.start).isEmpty)
        #expect(machine.resourceVersion == "10")
        #expect(machine.step(.waited).texts == ["watch from '10'"])
    }

    @Test("Watches are spread over time by the timeout they ask for")
    func timeouts() {
        var machine = Machine(options: ReflectorOptions(watchTimeoutSeconds: 300), random: .constant(0.5))
        guard case .watch(let request)? = machine.step(.start).first else {
            Issue.record("no watch")
            return
        }
        #expect(request.timeoutSeconds == 450)
    }

    /// Whatever happens, in whatever order: nothing partial is published, each step asks for at most one thing that
    /// takes time, and as the last one; what is replaced is what a server model has sent.
    @Test("Under random inputs at most one effect is asked for, and only while none is under way", arguments: 1...50)
    func random(seed: UInt64) {
        let random = Randomness.seeded(seed)
        func draw(_ bound: Int) -> Int { Int(random.next() * Double(bound)) }
        var machine = Self.machine(streaming: seed.isMultiple(of: 2))
        var actions = machine.step(.start)
        var version = 10
        for _ in 0..<500 {
            let effects = actions.filter(\.isEffect)
            #expect(effects.count <= 1)
            if let effect = effects.first { #expect(actions.last?.isEffect == true, "\(effect) is not the last") }
            for case .replace(let items, _) in actions {
                #expect(items.allSatisfy { $0.key.name != "partial" })
            }
            version += 1
            let input: Machine.Input =
                switch draw(9) {
                case 0:
                    .page(
                        .init(items: [Element("partial", version)], resourceVersion: "\(version)", continueToken: "t"))
                case 1: .waited
                case 2: .changed(Element("e\(draw(5))", version))
                case 3: .deleted(Element("e\(draw(5))", version))
                case 4: .bookmark(resourceVersion: "\(version)", endOfInitialEvents: draw(2) == 0)
                case 5: .failed(Self.cut)
                case 6: .failed(Self.expired)
                case 7: .failed(WatchFailure(.refused, "no"))
                default: .ended
                }
            actions = machine.step(input)
        }
    }
}

private func pow2(_ exponent: Int) -> Int { 1 << exponent }

extension Sequence where Element == ReflectorMachine<ReflectorMachineTests.Element>.Action {
    /// The actions as short texts.
    fileprivate var texts: [String] { map(\.text) }
}

extension ReflectorMachine<ReflectorMachineTests.Element>.Action {
    fileprivate var isEffect: Bool {
        switch self {
        case .list, .watch, .wait: true
        default: false
        }
    }

    fileprivate var text: String {
        switch self {
        case .list(let request):
            "list limit \(request.limit.map { String($0) } ?? "all")"
                + (request.continueToken.map { " continue \($0)" } ?? "")
        case .watch(let request):
            "watch from '\(request.resourceVersion)'" + (request.sendInitialEvents ? " streaming" : "")
        case .wait(let duration): "wait \(duration)"
        case .replace(let items, let version):
            "replace " + items.map { "\($0.key)@\($0.resourceVersion)" }.sorted().map { $0 + " " }.joined()
                + "at \(version)"
        case .upsert(let item): "upsert \(item.key)@\(item.resourceVersion)"
        case .delete(let item): "delete \(item.key)@\(item.resourceVersion)"
        case .progress(let version): "progress \(version)"
        case .report(_, let consecutive): "report \(consecutive)"
        }
    }
}
