import Foundation
import KubeCore
import Testing

@testable import LocalCluster

@Suite("Parts of the node")
struct NodePartsTests {
    @Test(
        "Image names are read as container tools do",
        arguments: [
            ("busybox", "busybox", "latest"), ("python:3.12-slim", "python", "3.12-slim"),
            ("docker.io/library/debian:12", "debian", "12"), ("localhost:5000/team/app:v1", "team/app", "v1"),
            ("ghcr.io/flowengine/agent@sha256:aa", "flowengine/agent", ""),
            ("flowengine/agent:0.1.0", "flowengine/agent", "0.1.0"),
        ])
    func imageNames(name: String, repository: String, tag: String) throws {
        let reference = try #require(ImageReference(name))
        #expect(reference.repository == repository)
        #expect(reference.tag == tag)
    }

    @Test("Names that are no image names are refused", arguments: ["", "UPPER", "a b", "name:", "//", "a//b"])
    func badImageNames(name: String) {
        #expect(ImageReference(name) == nil)
    }

    @Test("A table finds an image by name and by the beginning of its tag, and takes mappings")
    func imageTable() {
        var table = ImageTable.standard(agentProgram: "/bin/true")
        #expect(table.find("docker.io/library/python:3.11-slim-bookworm")?.key == "python:3")
        #expect(table.find("python")?.key == "python:latest")
        #expect(table.find("python:2.7") == nil)
        #expect(table.find("registry.local:5000/flowengine/agent:1")?.key == "flowengine/agent")
        let isAdded = table.add(mapping: "team/model:v2=/opt/model --serve")
        #expect(isAdded)
        #expect(table.find("ghcr.io/team/model:v2")?.image.entrypoint == ["/opt/model", "--serve"])
        #expect(table.find("team/model:v3") == nil)
        let isAnyBadAdded = ["nothing", "=x", "a="].contains { table.add(mapping: $0) }
        #expect(!isAnyBadAdded)
    }

    @Test(
        "References to variables are expanded as Kubernetes does",
        arguments: [
            ("$(A)", "1"), ("x$(A)y$(B)", "x1y2"), ("$$(A)", "$(A)"), ("$(C)", "$(C)"), ("$A", "$A"), ("$(A", "$(A"),
            ("$$", "$"), ("$", "$"), ("$$$(A)", "$1"), ("", ""),
        ])
    func expansion(text: String, expected: String) {
        #expect(VariableExpansion.expand(text) { ["A": "1", "B": "2"][$0] } == expected)
    }

    @Test(
        "Paths are translated where they stand alone, the longest first",
        arguments: [
            ("cat /data/x", "cat /h/data/x"), ("/data", "/h/data"),
            ("--dir=/data,/data/deep/y", "--dir=/h/data,/h/deep/y"),
            ("/database /x/data ./data", "/database /x/data ./data"), ("file:/data;", "file:/h/data;"),
        ])
    func translation(text: String, expected: String) {
        let translation = PathTranslation([("/data", "/h/data"), ("/data/deep", "/h/deep")])
        #expect(translation.translate(text) == expected)
    }

    @Test("Mounts of the host are taken with what is below them, except those that containers have of their own")
    func hostMounts() {
        let table = """
            22 1 0:20 / / rw - ext4 /dev/vda rw
            23 22 0:21 / /proc rw - proc proc rw
            24 22 0:22 / /dev rw - devtmpfs dev rw
            25 24 0:23 / /dev/shm rw - tmpfs shm rw
            26 22 0:24 / /sys rw - sysfs sysfs rw
            27 26 0:25 / /sys/fs/cgroup rw - cgroup2 cgroup rw
            28 22 0:26 / /mnt/a\\040b rw - ext4 /dev/vdb rw
            """
        let mounts = HostFileSystem.mounts(HostFileSystem.mountPoints(Array(table.utf8)))
        #expect(mounts.map(\.target) == ["/mnt/a b", "/sys"])
        #expect(mounts.allSatisfy { $0.isRecursive && $0.isOptional })
    }

    @Test("Addresses differ, come back, and are never a network's own")
    func addresses() {
        let pool = AddressPool(network: 70)
        let taken = (0..<600).map { _ in pool.take() }
        #expect(Set(taken).count == 600)
        #expect(taken.allSatisfy { $0.hasPrefix("127.70.") && !$0.hasSuffix(".0") && !$0.hasSuffix(".255") })
        for address in taken { pool.release(address) }
        #expect(!taken.contains(pool.take()), "an address is not used again at once")
    }

    @Test("Two nodes on one host do not share addresses")
    func networks() {
        let pools = [AddressPool(network: nil), AddressPool(network: nil)]
        let networks = pools.map { $0.take().split(separator: ".").prefix(2).joined(separator: ".") }
        #expect(Set(networks).count == 2)
    }

    @Test("A probe's outcome changes only at its threshold")
    func probeThresholds() {
        var outcome = ProbeOutcome(isSuccess: false, successThreshold: 2, failureThreshold: 3)
        let rising = [true, true, true].map { outcome.add($0) }
        #expect(rising == [false, true, false])
        let falling = [false, false, true, false, false, false].map { outcome.add($0) }
        #expect(falling == [false, false, false, false, false, true])
        #expect(!outcome.isSuccess)
    }

    @Test("A volume's files change all at once, and files that went are gone")
    func atomicDirectory() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "volume-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        func file(_ path: String, _ text: String) -> AtomicDirectory.File {
            AtomicDirectory.File(path: path, content: Array(text.utf8), mode: 0o640)
        }
        try AtomicDirectory.write([file("a", "1"), file("deep/b", "2")], to: directory)
        #expect(try String(contentsOfFile: directory + "/deep/b", encoding: .utf8) == "2")
        try AtomicDirectory.write([file("a", "3")], to: directory)
        #expect(try String(contentsOfFile: directory + "/a", encoding: .utf8) == "3")
        #expect(!FileManager.default.fileExists(atPath: directory + "/deep"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory).count == 3, "a, ..data and its target")
    }
}
