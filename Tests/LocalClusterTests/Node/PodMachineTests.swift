import KubeCore
import Testing

@testable import LocalCluster

@Suite("The life of a pod, as a state machine")
struct PodMachineTests {
    /// A machine with a clock that is set by hand.
    private final class Pod {
        var machine: PodMachine
        var now = Timestamp(seconds: 1_000)
        var actions: [PodMachine.Action] = []

        init(_ spec: JSON) {
            let object: JSON = ["metadata": ["name": "p", "namespace": "n", "uid": "u"], "spec": spec]
            machine = PodMachine(spec: PodSpec(object), startTime: now)
        }

        /// - Returns: what follows from the input.
        @discardableResult
        func give(_ input: PodMachine.Input) -> [PodMachine.Action] {
            actions = machine.handle(input, at: now).filter { action in
                if case .event = action { false } else { true }
            }
            return actions
        }

        func exit(_ index: Int, _ code: Int64) -> [PodMachine.Action] {
            give(.exited(index, PodMachine.Exit(exitCode: code, reason: code == 0 ? "Completed" : "Error")))
        }

        func start(_ index: Int) { give(.started(index, id: "local://\(index)", imageID: "local://image")) }

        func wait(_ seconds: Int64) { now = now + .seconds(seconds) }

        var status: JSON {
            machine.status(
                PodStatusContext(hostAddress: "127.0.0.1", podAddress: "127.64.0.1", pod: [:], now: now))
        }

        func condition(_ type: String) -> JSON? {
            status["conditions"]?.arrayValue?.first { $0["type"]?.stringValue == type }
        }
    }

    private func container(_ name: String, _ more: JSON = [:]) -> JSON {
        var container = more
        container["name"] = .string(name)
        container["image"] = "busybox"
        return container
    }

    @Test("Restarts wait 0, 10, 20, 40 … up to 300 seconds, and a long run forgets")
    func backOff() {
        let pod = Pod(["restartPolicy": "Always", "containers": [container("main")]])
        pod.give(.begin)
        #expect(pod.give(.volumesReady) == [.start(0)])
        var waits: [Int64] = []
        for _ in 0..<9 {
            pod.start(0)
            pod.wait(1)
            let actions = pod.exit(0, 1)
            if case .schedule(.container(0), let delay)? = actions.first {
                waits.append(delay.components.seconds)
                #expect(pod.machine.containers[0].stateJSON.at("waiting", "reason") == "CrashLoopBackOff")
                #expect(pod.give(.timer(.container(0))).isEmpty, "a timer that comes early starts nothing")
                pod.wait(delay.components.seconds)
                #expect(pod.give(.timer(.container(0))) == [.start(0)])
            } else {
                waits.append(0)
                #expect(actions == [.start(0)])
            }
        }
        #expect(waits == [0, 10, 20, 40, 80, 160, 300, 300, 300])
        pod.start(0)
        pod.wait(601)
        #expect(pod.exit(0, 1) == [.start(0)])
        #expect(pod.machine.containers[0].restartCount == 10)
    }

    @Test("The phase goes from Pending over Running to what the exit codes say", arguments: [0, 2])
    func phases(code: Int64) {
        let pod = Pod(["restartPolicy": "Never", "containers": [container("a"), container("b")]])
        pod.give(.begin)
        #expect(pod.status["phase"] == "Pending")
        #expect(pod.give(.volumesReady) == [.start(0), .start(1)])
        pod.start(0)
        #expect(pod.status["phase"] == "Pending")
        #expect(pod.condition("Ready")?["message"] == "containers with unready status: [b]")
        pod.start(1)
        #expect(pod.status["phase"] == "Running")
        #expect(pod.condition("Ready")?["status"] == "True")
        #expect(pod.exit(0, code).isEmpty)
        #expect(pod.status["phase"] == "Running")
        #expect(pod.exit(1, 0) == [.releaseVolumes])
        #expect(pod.status["phase"]?.stringValue == (code == 0 ? "Succeeded" : "Failed"))
        #expect(pod.condition("Ready")?["reason"]?.stringValue == (code == 0 ? "PodCompleted" : "PodFailed"))
    }

    @Test("A finished pod that is deleted is confirmed at once, a running one when its processes are gone")
    func deletion() {
        let pod = Pod(["restartPolicy": "Never", "containers": [container("a")]])
        pod.give(.begin)
        pod.give(.volumesReady)
        pod.start(0)
        #expect(pod.give(.delete(grace: .seconds(30))) == [.stop(0, grace: .seconds(30))])
        #expect(pod.give(.delete(grace: .seconds(1))) == [.stop(0, grace: .seconds(1))], "a shorter grace hastens it")
        #expect(pod.exit(0, 143) == [.releaseVolumes, .confirmDeletion])

        let done = Pod(["restartPolicy": "Never", "containers": [container("a")]])
        done.give(.begin)
        done.give(.volumesReady)
        done.start(0)
        _ = done.exit(0, 0)
        #expect(done.give(.delete(grace: .seconds(30))) == [.confirmDeletion])
    }

    @Test("A container whose start is under way when the pod is deleted is stopped as soon as it has started")
    func deletionDuringStart() {
        let pod = Pod(["restartPolicy": "Never", "containers": [container("a")]])
        pod.give(.begin)
        pod.give(.volumesReady)
        #expect(pod.give(.delete(grace: .seconds(30))).isEmpty)
        #expect(pod.give(.started(0, id: "i", imageID: "")) == [.stop(0, grace: .zero)])
        #expect(pod.exit(0, 137) == [.releaseVolumes, .confirmDeletion])
    }

    @Test("An object that is gone needs no confirmation")
    func vanished() {
        let pod = Pod(["restartPolicy": "Always", "containers": [container("a")]])
        pod.give(.begin)
        pod.give(.volumesReady)
        pod.start(0)
        #expect(pod.give(.vanish) == [.stop(0, grace: .zero)])
        #expect(pod.exit(0, 137) == [.releaseVolumes])
        #expect(pod.machine.stage == .ended)
    }

    @Test("Sidecars start before the main containers, are started again, and go last")
    func sidecars() {
        let pod = Pod([
            "restartPolicy": "Never",
            "initContainers": [container("side", ["restartPolicy": "Always"]), container("once")],
            "containers": [container("main")],
        ])
        pod.give(.begin)
        #expect(pod.give(.volumesReady) == [.start(0)])
        pod.start(0)
        #expect(pod.actions == [.start(1)])
        pod.start(1)
        #expect(pod.exit(1, 0) == [.start(2)])
        pod.start(2)
        #expect(pod.status["phase"] == "Running")
        #expect(pod.exit(0, 1) == [.start(0)], "a sidecar is started again whatever the pod's policy")
        pod.start(0)
        #expect(pod.exit(2, 0) == [.stop(0, grace: .seconds(30))])
        #expect(pod.exit(0, 143) == [.releaseVolumes])
        #expect(pod.status["phase"] == "Succeeded")
    }

    @Test("A startup probe holds the others back, and a failed liveness probe ends the container")
    func probes() {
        let probe: JSON = ["exec": ["command": ["true"]]]
        let pod = Pod([
            "restartPolicy": "Always",
            "containers": [
                container("main", ["startupProbe": probe, "readinessProbe": probe, "livenessProbe": probe])
            ],
        ])
        pod.give(.begin)
        pod.give(.volumesReady)
        pod.start(0)
        #expect(pod.actions == [.startProbe(0, .startup)])
        #expect(pod.status["containerStatuses"]?[0]?["started"] == false)
        #expect(
            pod.give(.probe(0, .startup, isSuccess: true, message: ""))
                == [.startProbe(0, .readiness), .startProbe(0, .liveness)])
        #expect(pod.condition("Ready")?["status"] == "False")
        pod.give(.probe(0, .readiness, isSuccess: true, message: ""))
        #expect(pod.condition("Ready")?["status"] == "True")
        pod.give(.probe(0, .readiness, isSuccess: false, message: "no"))
        #expect(pod.condition("Ready")?["status"] == "False")
        #expect(
            pod.give(.probe(0, .liveness, isSuccess: false, message: "dead")) == [.stop(0, grace: .seconds(30))])
        #expect(pod.exit(0, 143) == [.stopProbes(0), .start(0)])
    }

    @Test("Conditions keep their time while their status stays")
    func transitionTimes() {
        let pod = Pod(["restartPolicy": "Never", "containers": [container("a")]])
        pod.give(.begin)
        pod.give(.volumesReady)
        pod.start(0)
        let first = pod.status
        pod.wait(100)
        let context = PodStatusContext(
            hostAddress: "", podAddress: "",
            pod: [
                "status": .object(["conditions": .array((first["conditions"]?.arrayValue ?? []) + [["type": "Mine"]])])
            ],
            now: pod.now)
        let later = pod.machine.status(context)["conditions"]?.arrayValue ?? []
        let ready = later.first { $0["type"] == "Ready" }
        #expect(ready?["lastTransitionTime"] == first["conditions"]?[2]?["lastTransitionTime"])
        #expect(later.contains { $0["type"] == "Mine" }, "conditions of others are kept")
    }

    @Test("A deadline ends a pod as failed, and is counted from its start")
    func deadline() {
        let pod = Pod(["activeDeadlineSeconds": 60, "restartPolicy": "Always", "containers": [container("a")]])
        pod.wait(20)
        #expect(pod.give(.begin) == [.prepareVolumes, .schedule(.deadline, after: .seconds(40))])
        pod.give(.volumesReady)
        pod.start(0)
        #expect(pod.give(.timer(.deadline)) == [.stop(0, grace: .seconds(30))])
        #expect(pod.exit(0, 0) == [.releaseVolumes])
        #expect(pod.status["phase"] == "Failed")
        #expect(pod.status["reason"] == "DeadlineExceeded")
    }

    @Test("Nothing that comes late or twice starts or ends anything")
    func strayInputs() {
        let pod = Pod(["restartPolicy": "Never", "containers": [container("a")]])
        pod.give(.begin)
        #expect(pod.give(.started(0, id: "x", imageID: "")).isEmpty)
        #expect(pod.give(.started(7, id: "x", imageID: "")).isEmpty)
        pod.give(.volumesReady)
        #expect(pod.give(.volumesReady).isEmpty)
        pod.start(0)
        _ = pod.exit(0, 0)
        #expect(pod.give(.probe(0, .liveness, isSuccess: false, message: "")).isEmpty)
        #expect(pod.give(.timer(.deadline)).isEmpty)
        #expect(pod.machine.stage == .ended)
    }
}
