import KubeCore
import Testing

@testable import LocalCluster

@Suite struct TablePodTests {
    private let now = Timestamp(seconds: 1_704_067_200)

    private func summary(_ status: JSON, spec: JSON = ["containers": [["name": "m"], ["name": "n"]]]) -> [JSON] {
        var pod: JSON = ["metadata": ["name": "p"]]
        pod["spec"] = spec
        pod["status"] = status
        return Array(PodCells.cells(pod, now)[1...3])
    }

    private func container(_ state: JSON, ready: Bool = false, restarts: Int64 = 0, last: JSON? = nil) -> JSON {
        var status: JSON = ["name": "m", "ready": .bool(ready), "restartCount": .int(restarts), "state": state]
        if let last { status["lastState"] = ["terminated": last] }
        return status
    }

    @Test("The status is the phase until a container says more")
    func phases() {
        #expect(summary(["phase": "Pending"]) == ["0/2", "Pending", "0"])
        #expect(summary(["phase": "Failed", "reason": "Evicted"]) == ["0/2", "Evicted", "0"])
        #expect(
            summary([
                "phase": "Running",
                "containerStatuses": [
                    container(["running": [:]], ready: true, restarts: 2),
                    container(["waiting": ["reason": "CrashLoopBackOff"]]),
                ],
            ]) == ["1/2", "CrashLoopBackOff", "2"])
    }

    @Test("Ended containers show their reason, signal or exit code")
    func terminated() {
        func reason(_ terminated: JSON) -> JSON {
            summary(["phase": "Failed", "containerStatuses": [container(["terminated": terminated])]])[1]
        }
        #expect(reason(["reason": "OOMKilled", "exitCode": 137]) == "OOMKilled")
        #expect(reason(["signal": 9]) == "Signal:9")
        #expect(reason(["exitCode": 3]) == "ExitCode:3")
    }

    @Test("A pod with one completed and one running container is running when it is ready")
    func completedAndRunning() {
        func reason(_ ready: JSON) -> JSON {
            summary([
                "phase": "Running", "conditions": [["type": "Ready", "status": ready]],
                "containerStatuses": [
                    container(["terminated": ["reason": "Completed", "exitCode": 0]]),
                    container(["running": [:]], ready: true),
                ],
            ])[1]
        }
        #expect(reason("True") == "Running")
        #expect(reason("False") == "NotReady")
    }

    @Test("Init containers hold the pod up, in order")
    func initContainers() {
        let spec: JSON = ["containers": [["name": "m"]], "initContainers": [["name": "a"], ["name": "b"]]]
        func reason(_ statuses: JSON) -> JSON {
            summary(["phase": "Pending", "initContainerStatuses": statuses], spec: spec)[1]
        }
        #expect(reason([container(["running": [:]])]) == "Init:0/2")
        #expect(reason([container(["terminated": ["exitCode": 0]]), container(["running": [:]])]) == "Init:1/2")
        #expect(reason([container(["waiting": ["reason": "ErrImagePull"]])]) == "Init:ErrImagePull")
        #expect(reason([container(["terminated": ["exitCode": 1, "reason": "Error"]])]) == "Init:Error")
        #expect(reason([container(["terminated": ["exitCode": 1]])]) == "Init:ExitCode:1")
    }

    @Test("Restarts tell when the last one was")
    func restarts() {
        let status: JSON = [
            "phase": "Running",
            "containerStatuses": [
                container(["running": [:]], ready: true, restarts: 3, last: ["finishedAt": "2023-12-31T23:55:00Z"])
            ],
        ]
        #expect(summary(status)[2] == "3 (5m ago)")
    }

    @Test("A pod being deleted is terminating, unless it has ended")
    func terminating() {
        func reason(_ phase: JSON) -> JSON {
            let pod: JSON = ["metadata": ["deletionTimestamp": "2024-01-01T00:00:00Z"], "status": ["phase": phase]]
            return PodCells.cells(pod, now)[2]
        }
        #expect(reason("Running") == "Terminating")
        #expect(reason("Succeeded") == "Succeeded")
    }

    @Test("Ended pods carry a condition for clients that hide them")
    func conditions() {
        #expect(PodCells.conditions(["status": ["phase": "Failed"]]).first?["reason"] == "Failed")
        #expect(PodCells.conditions(["status": ["phase": "Succeeded"]]).first?["type"] == "Completed")
        #expect(PodCells.conditions(["status": ["phase": "Running"]]).isEmpty)
    }
}
