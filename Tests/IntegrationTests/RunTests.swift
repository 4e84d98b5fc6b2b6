import FlowAPI
import KubeClient
import KubeCore
import Testing

extension Integration {
    @Suite("A run")
    struct Runs {
        @Test("tries a task as often as its retry says, and then fails")
        func retries() async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(
                    Sandbox.job("tasks: [{name: a, retry: {limit: 2, backoff: {base: 10ms}}, script: exit 7}]"))
                try await sandbox.start()
                let status = try await sandbox.ended()
                #expect(status.phase == .failed)
                #expect(status.failed.first?.attempt == 3)
                #expect(status.failed.first?.exitCode == 7)
                #expect(try await sandbox.pods().count == 3)
            }
        }

        @Test("does not try again for a reason that the retry policy does not name")
        func retryReasons() async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(
                    Sandbox.job(
                        "tasks: [{name: a, retry: {limit: 5, \"on\": [Timeout], backoff: {base: 10ms}}, script: exit 7}]"
                    ))
                try await sandbox.start()
                #expect(try await sandbox.ended().failed.first?.attempt == 1)
                #expect(try await sandbox.pods().count == 1)
            }
        }

        @Test("tries a task again whose pod was deleted")
        func lostPod() async throws {
            try await Sandbox.with { sandbox in
                let gates = try await Gates.declare(
                    in: sandbox,
                    Sandbox.job(
                        """
                        tasks:
                          - name: a
                            retry: {limit: 1, backoff: {base: 10ms}}
                            \(Gates.mount)
                            script: '\(Gates.wait("a"))'
                        """))
                try await sandbox.start()
                let running = try await sandbox.wait(for: .pods) {
                    $0.contains { $0.json.at("status", "phase") == "Running" }
                }
                let pod = try #require(running.first?.name)
                _ = try await sandbox.resource(.pods).delete(pod, options: DeleteOptions(gracePeriodSeconds: 0))
                try await gates.open("a")
                let status = try await sandbox.ended()
                #expect(status.phase == .succeeded, "\(status)")
                #expect(status.taskStates.first?.attempts == 2)
            }
        }

        @Test("ends a task that takes longer than its timeout, and tries it again if the policy says so")
        func taskTimeout() async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(
                    Sandbox.job(
                        """
                        tasks:
                          - name: a
                            timeout: 1s
                            retry: {limit: 1, "on": [Timeout], backoff: {base: 10ms}}
                            script: exec sleep 300
                        """))
                try await sandbox.start()
                let status = try await sandbox.ended()
                #expect(status.phase == .failed)
                let failure = try #require(status.failed.first)
                #expect(failure.reason == .timeout)
                #expect(failure.attempt == 2)
                #expect(failure.message?.contains("timeout") == true)
                try await sandbox.expectNothingRuns()
            }
        }

        @Test("ends all of its tasks when it takes longer than its own timeout")
        func runTimeout() async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(
                    Sandbox.job(
                        """
                        timeout: 2s
                        tasks:
                          - {name: a, map: {count: 3}, script: exec sleep 300}
                          - {name: b, needs: [a], script: "true"}
                        """))
                try await sandbox.start()
                let status = try await sandbox.ended()
                #expect(status.phase == .failed, "\(status)")
                #expect(status.message?.contains("timeout") == true, "\(status)")
                #expect(status.taskStates.last?.phase == .skipped)
                try await sandbox.expectNothingRuns()
            }
        }

        @Test("that is cancelled ends its tasks, starts no others, and cannot be revived")
        func cancel() async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(
                    Sandbox.job("tasks: [{name: a, script: exec sleep 300}, {name: b, needs: [a], script: \"true\"}]"))
                try await sandbox.start()
                try await sandbox.run { $0.taskStates.first?.phase == .running }
                try await sandbox.set(.jobRuns, "r", ["cancel": true])
                let status = try await sandbox.ended()
                #expect(status.phase == .cancelled)
                #expect(status.taskStates.map(\.phase) == [.cancelled, .cancelled])
                try await sandbox.event("Cancelled", about: "r")
                try await sandbox.expectNothingRuns()
                await #expect(throws: ClientError.self) {
                    try await sandbox.set(.jobRuns, "r", ["cancel": false])
                }
            }
        }

        @Test("of a suspended Engine waits and says so; one that runs starts nothing new; both go on afterwards")
        func suspend() async throws {
            try await Sandbox.with { sandbox in
                let gates = try await Gates.declare(
                    in: sandbox,
                    Sandbox.job(
                        """
                        tasks:
                          - {name: a, \(Gates.mount), script: '\(Gates.wait("a"))'}
                          - {name: b, needs: [a], script: "true"}
                        """))
                try await sandbox.start(name: "first")
                try await sandbox.run("first") { $0.taskStates.first?.phase == .running }
                try await sandbox.set(.engines, "e", ["suspend": true])
                try await sandbox.wait(for: .engines, named: "e") { $0?.json.at("status", "phase") == "Suspended" }
                try await sandbox.start(name: "second")
                try await sandbox.run("second") { $0.message?.contains("suspended") == true }
                try await gates.open("a")
                try await sandbox.run("first") { $0.taskStates.first?.phase == .succeeded }
                #expect(try await sandbox.pods(of: "second").isEmpty)
                #expect(try await sandbox.pods(of: "first").count == 1)

                try await sandbox.set(.engines, "e", ["suspend": false])
                #expect(try await sandbox.ended("first").phase == .succeeded)
                #expect(try await sandbox.ended("second").phase == .succeeded)
            }
        }

        @Test("skips what needs a failed task, runs what asks for the failure, and goes on elsewhere")
        func conditions() async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(
                    Sandbox.job(
                        """
                        params: [{name: extra, value: false}]
                        tasks:
                          - {name: fails, script: exit 1}
                          - {name: skipped, needs: [fails], script: "true"}
                          - {name: skipped-too, needs: [skipped], script: "true"}
                          - name: repair
                            needs: [fails]
                            if: ${{ tasks.fails.status == 'Failed' }}
                            script: "true"
                          - {name: not-asked-for, if: "${{ params.extra }}", script: "true"}
                          - {name: elsewhere, script: "true"}
                          - {name: after, needs: [elsewhere], script: "true"}
                        """))
                try await sandbox.start()
                let status = try await sandbox.ended()
                #expect(status.phase == .failed)
                let phases = Dictionary(status.taskStates.map { ($0.name, $0.phase) }, uniquingKeysWith: { $1 })
                #expect(
                    phases == [
                        "fails": .failed, "skipped": .skipped, "skipped-too": .skipped, "repair": .succeeded,
                        "not-asked-for": .skipped, "elsewhere": .succeeded, "after": .succeeded,
                    ])
                #expect(status.failed.map(\.task) == ["fails"])
                #expect(try await sandbox.pods().count == 4)
            }
        }

        @Test("hands parameters to tasks as variables and expressions, with their types")
        func params() async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(
                    Sandbox.job(
                        """
                        params:
                          - {name: text, value: a b}
                          - {name: number, value: 2}
                          - {name: list, value: [1, two]}
                        tasks:
                          - name: a
                            env:
                              - {name: SUM, value: "${{ params.number + 1 }}"}
                              - {name: MIXED, value: "<${{ params.text }}>"}
                            script: |
                              printf '%s|%s|%s|%s|%s|' "$PARAM_TEXT" "$PARAM_NUMBER" "$PARAM_LIST" "$SUM" "$MIXED"
                              echo "$FLOWENGINE_ENGINE $FLOWENGINE_JOB $FLOWENGINE_RUN $FLOWENGINE_TASK $FLOWENGINE_ATTEMPT"
                          - name: m
                            needs: [a]
                            map: {over: "${{ params.list }}", as: thing}
                            script: echo "$FLOWENGINE_INDEX=$THING"
                        """))
                let run = try await sandbox.flowengine(
                    "run", "j", "--name", "r", "--param", "number=41", "--param", "text=x=y $HOME", "--watch", "--logs")
                #expect(run.exitCode == 0, "\(run)")
                #expect(run.lines.contains(#"a | x=y $HOME|41|[1,"two"]|42|<x=y $HOME>|e j r a 1"#), "\(run)")
                #expect(run.lines.contains("m[0] | 0=1"))
                #expect(run.lines.contains("m[1] | 1=two"))
                let status = try await sandbox.ended()
                #expect(status.params == ["text": "x=y $HOME", "number": 41, "list": [1, "two"]])
            }
        }

        @Test("passes scripts and values on as they stand, dollars and all")
        func dollars() async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(
                    Sandbox.job(
                        """
                        tasks:
                          - name: a
                            env: [{name: V, value: "$(HOME) $$ $$$ $$(x) $"}]
                            script: |
                              echo "$V"
                              echo '$$ $(V) $$(V) $'
                              test "$(echo $$)" = "$$" && echo same
                        """))
                let run = try await sandbox.flowengine("run", "j", "--name", "r", "--watch")
                #expect(run.exitCode == 0, "\(run)")
                let logs = try await sandbox.flowengine("logs", "r", "a")
                #expect(logs.lines == ["$(HOME) $$ $$$ $$(x) $", "$$ $(V) $$(V) $", "same"])
            }
        }

        @Test("has no more pods at a time than maxParallel allows")
        func maxParallel() async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(
                    Sandbox.job(
                        """
                        maxParallel: 2
                        tasks: [{name: a, map: {count: 6}, script: "true"}]
                        """))
                let before = try await sandbox.resource(.pods).list().resourceVersion
                try await sandbox.start()
                #expect(try await sandbox.ended().phase == .succeeded)
                var live: Set<String> = []
                var most = 0
                let options = ListOptions(resourceVersion: before, timeoutSeconds: 1)
                for try await event in try await sandbox.resource(.pods).watch(options) {
                    guard case .added(let pod) = event else {
                        if case .modified(let pod) = event,
                            ["Succeeded", "Failed"].contains(pod.json.at("status", "phase")?.stringValue)
                        {
                            live.remove(pod.name)
                        }
                        continue
                    }
                    live.insert(pod.name)
                    most = max(most, live.count)
                }
                #expect(most == 2)
            }
        }

        @Test("goes on with the revision it began with when its Job changes, and the next run has the new one")
        func revisions() async throws {
            try await Sandbox.with { sandbox in
                func job(_ word: String) -> String {
                    Sandbox.job(
                        """
                        tasks:
                          - {name: a, \(Gates.mount), script: '\(Gates.wait("a"))'}
                          - {name: b, needs: [a], outputs: [word], script: 'echo \(word) > "$FLOWENGINE_OUTPUTS/word"'}
                        outputs: [{name: word, value: "${{ tasks.b.outputs.word }}"}]
                        """)
                }
                let gates = try await Gates.declare(in: sandbox, job("old"))
                try await sandbox.start(name: "first")
                try await sandbox.run("first") { $0.taskStates.first?.phase == .running }
                let old = try await sandbox.wait(for: .jobs, named: "j") { $0?.json.at("status", "revision") != nil }
                try await sandbox.apply(job("new"))
                let new = try await sandbox.wait(for: .jobs, named: "j") {
                    $0?.json.at("status", "revision") != old?.json.at("status", "revision")
                }
                try await sandbox.start(name: "second")
                try await gates.open("a")
                #expect(try await sandbox.ended("first").outputs == ["word": "old"])
                #expect(try await sandbox.ended("second").outputs == ["word": "new"])
                let runs = try await sandbox.resource(.jobRuns).listAll().items
                let pinned = Dictionary(
                    runs.map { ($0.name, $0.json.at("spec", "revision")) }, uniquingKeysWith: { $1 })
                #expect(pinned["first"] == old?.json.at("status", "revision"))
                #expect(pinned["second"] == new?.json.at("status", "revision"))
            }
        }

        @Test("is apart from another one of the same Job at the same time")
        func twoAtOnce() async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(
                    Sandbox.job(
                        """
                        params: [{name: number, value: 0}]
                        tasks:
                          - {name: a, outputs: [x], script: 'echo $((PARAM_NUMBER * 2)) > "$FLOWENGINE_OUTPUTS/x"'}
                        outputs: [{name: x, value: "${{ tasks.a.outputs.x }}"}]
                        """))
                for n in 1...3 { try await sandbox.start(name: "r\(n)", params: ["number": .int(Int64(n))]) }
                for n in 1...3 {
                    #expect(try await sandbox.ended("r\(n)").outputs == ["x": .int(Int64(n * 2))])
                }
            }
        }

        @Test("without a task to run, as all are skipped, succeeds")
        func allSkipped() async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(
                    Sandbox.job(
                        "tasks: [{name: a, if: '${{ false }}', script: 'true'}, {name: m, map: {over: '${{ [] }}'}, script: 'true'}]"
                    ))
                try await sandbox.start()
                let status = try await sandbox.ended()
                #expect(status.phase == .succeeded, "\(status)")
                #expect(try await sandbox.pods().isEmpty)
            }
        }
    }

    @Suite("The life of Jobs and Engines")
    struct Lives {
        @Test("A Job keeps as many ended runs as its history says, the latest ones, and their pods")
        func history() async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(
                    Sandbox.job(
                        """
                        history: {succeeded: 2, failed: 1}
                        params: [{name: code, value: 0}]
                        tasks: [{name: a, script: exit $PARAM_CODE}]
                        """))
                for (index, code) in [0, 1, 0, 1, 0, 0].enumerated() {
                    try await sandbox.start(name: "r\(index)", params: ["code": .int(Int64(code))])
                    try await sandbox.wait(for: .jobRuns, named: "r\(index)") {
                        ["Succeeded", "Failed"].contains($0?.json.at("status", "phase")?.stringValue)
                    }
                }
                try await sandbox.wait(for: .jobRuns) { $0.map(\.name) == ["r3", "r4", "r5"] }
                try await sandbox.wait(for: .pods) {
                    Set($0.compactMap { $0.labels[Labels.run] }) == ["r3", "r4", "r5"]
                }
            }
        }

        @Test("A Job that is applied again, unchanged or changed, does not start by itself again")
        func onCreateOnce() async throws {
            try await Sandbox.with { sandbox in
                func job(_ word: String) -> String {
                    Sandbox.job("triggers: [{onCreate: {}}]\ntasks: [{name: a, script: echo \(word)}]")
                }
                try await sandbox.declare(job("one"))
                try await sandbox.wait(for: .jobRuns) { $0.contains { $0.json.at("status", "phase") == "Succeeded" } }
                try await sandbox.apply(job("one"))
                try await sandbox.apply(job("two"))
                try await sandbox.wait(for: .jobs, named: "j") { $0?.json.at("status", "observedGeneration") == 2 }
                #expect(try await sandbox.resource(.jobRuns).listAll().items.count == 1)
            }
        }

        @Test("Deleting an Engine leaves no children, whether runs have ended or go on")
        func engineDeletion() async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(
                    Sandbox.job("tasks: [{name: a, script: \"true\"}]"),
                    Sandbox.job("tasks: [{name: a, map: {count: 2}, script: exec sleep 300}]", name: "k"))
                try await sandbox.start()
                try await sandbox.ended()
                try await sandbox.start("k", name: "long")
                try await sandbox.run("long") { $0.taskStates.first?.running == 2 }
                #expect(try await sandbox.resource(.controllerRevisions).listAll().items.count == 2)
                _ = try await sandbox.resource(.engines).delete("e")
                for type in [ResourceType.engines, .jobs, .jobRuns, .controllerRevisions, .pods] {
                    try await sandbox.wait(for: type) { $0.isEmpty }
                }
            }
        }

        @Test("Deleting a run ends its tasks and leaves no pods")
        func runDeletion() async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(Sandbox.job("tasks: [{name: a, script: exec sleep 300}]"))
                try await sandbox.start()
                try await sandbox.run { $0.taskStates.first?.phase == .running }
                _ = try await sandbox.resource(.jobRuns).delete("r")
                try await sandbox.wait(for: .pods) { $0.isEmpty }
                try await sandbox.wait(for: .jobRuns) { $0.isEmpty }
            }
        }

        @Test("A run's name can be used again: the second run is another one")
        func sameName() async throws {
            try await Sandbox.with { sandbox in
                try await sandbox.declare(
                    Sandbox.job(
                        """
                        params: [{name: number, value: 0}]
                        tasks: [{name: a, outputs: [x], script: 'echo $PARAM_NUMBER > "$FLOWENGINE_OUTPUTS/x"'}]
                        outputs: [{name: x, value: "${{ tasks.a.outputs.x }}"}]
                        """))
                for n in 1...2 {
                    try await sandbox.start(params: ["number": .int(Int64(n))])
                    #expect(try await sandbox.ended().outputs == ["x": .int(Int64(n))])
                    _ = try await sandbox.resource(.jobRuns).delete("r")
                    try await sandbox.wait(for: .jobRuns) { $0.isEmpty }
                }
            }
        }

        @Test("An Engine tells how much work it has, and a Job which runs")
        func workload() async throws {
            try await Sandbox.with { sandbox in
                let gates = try await Gates.declare(
                    in: sandbox, Sandbox.job("tasks: [{name: a, \(Gates.mount), script: '\(Gates.wait("a"))'}]"))
                try await sandbox.start()
                try await sandbox.wait(for: .engines, named: "e") {
                    $0?.json.at("status", "workload", "jobs", "activeRuns") == 1
                        && $0?.json.at("status", "phase") == "Running"
                }
                try await sandbox.wait(for: .jobs, named: "j") { $0?.json.at("status", "active") == ["r"] }
                try await gates.open("a")
                try await sandbox.wait(for: .engines, named: "e") {
                    $0?.json.at("status", "workload", "jobs", "activeRuns")?.intValue ?? 0 == 0
                }
                let job = try await sandbox.wait(for: .jobs, named: "j") {
                    $0?.json.at("status", "lastRun", "phase") == "Succeeded"
                }
                #expect(job?.json.at("status", "activeRuns")?.intValue ?? 0 == 0)
            }
        }
    }
}

extension Sandbox {
    /// Waits until no pod of the namespace runs any more.
    func expectNothingRuns() async throws {
        try await wait(for: .pods) { pods in
            pods.allSatisfy { ["Succeeded", "Failed"].contains($0.json.at("status", "phase")?.stringValue) }
        }
    }
}
