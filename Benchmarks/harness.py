"""What the benchmarks share: the program under test, clusters to measure on, peers, and the lines that they print.

A benchmark is an executable `Benchmarks/NAME/run`. `scripts/bench` builds FlowEngine, sets FLOWENGINE to the program's
path and PYTHONPATH to this folder, and runs it.
"""

import base64
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import time

FLOWENGINE = os.environ.get("FLOWENGINE", "flowengine")


class Unavailable(Exception):
    """A peer that cannot be measured here, and why."""


def say(line):
    """Something for a person to know: progress and figures behind the results. Standard output has results only."""
    print(f"  {line}", file=sys.stderr, flush=True)


def report(case, ours, peer):
    """Prints a result. `ours` and `peer` are in seconds; the ratio is ours to the peer's, so that less is better."""
    if isinstance(peer, Unavailable):
        print(f"bench {case} ours={text(ours)} peer=none ratio=none ({peer})", flush=True)
    else:
        print(f"bench {case} ours={text(ours)} peer={text(peer)} ratio={ours / peer:.2f}", flush=True)


def text(seconds):
    return f"{seconds:.2f}s" if seconds >= 10 else f"{seconds * 1000:.1f}ms"


def median(body, times):
    """The median of what `body` returns, called a number of times."""
    values = sorted(body() for _ in range(times))
    say(f"{times} times: min {text(values[0])}, median {text(statistics.median(values))}, max {text(values[-1])}")
    return statistics.median(values)


def timed(body):
    start = time.monotonic()
    body()
    return time.monotonic() - start


def call(*command, timeout=60, **options):
    """Runs a program to its end; one that fails ends the benchmark, with what the program said."""
    done = subprocess.run(
        command, timeout=timeout, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, **options)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(command)} ended with {done.returncode}:\n{done.stdout[-4000:]}")
    return done.stdout


# The local cluster


@contextlib.contextmanager
def local_cluster(*arguments):
    """A local cluster with its objects in memory, in a directory of its own."""
    with tempfile.TemporaryDirectory(prefix="flowengine-bench-") as directory:
        environment = {**os.environ, "XDG_STATE_HOME": directory}
        start = time.monotonic()
        call(FLOWENGINE, "local", "up", "--detach", *arguments, env=environment)
        took = time.monotonic() - start
        try:
            yield Cluster(directory, environment, took)
        finally:
            call(FLOWENGINE, "local", "down", env=environment)


class Cluster:
    """A running local cluster.

    `took` is the time from the start of `flowengine local up --detach` to its end, when the cluster is ready.
    """

    def __init__(self, directory, environment, took):
        state = pathlib.Path(directory, "flowengine", "local")
        self.took = took
        self.pid = json.loads((state / "cluster.json").read_text())["pid"]
        self.kubeconfig = state / "kubeconfig"
        self.environment = {**environment, "KUBECONFIG": str(self.kubeconfig)}

    def flowengine(self, *arguments, **options):
        return call(FLOWENGINE, *arguments, env=self.environment, **options)

    def apply(self, *objects):
        """Applies objects, which are dictionaries."""
        documents = "\n---\n".join(json.dumps(each) for each in objects)
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(documents)
            file.flush()
            self.flowengine("apply", "-f", file.name)

    def cpu_seconds(self):
        """Processor time of the cluster, without that of the pods' processes."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def client(self):
        return Client(self.kubeconfig.read_text())


class Client:
    """One connection to the API server. Reads the kubeconfig that FlowEngine writes, and no other."""

    def __init__(self, kubeconfig):
        field = lambda name: re.search(rf'^\s*{name}: "?([^"\n]+)"?$', kubeconfig, re.MULTILINE)[1]
        self.host, self.port = re.match(r"https://([^:/]+):(\d+)", field("server")).groups()
        self.context = ssl.create_default_context(
            cadata=base64.b64decode(field("certificate-authority-data")).decode())
        with tempfile.NamedTemporaryFile("w") as pem:
            pem.write(base64.b64decode(field("client-certificate-data")).decode())
            pem.write(base64.b64decode(field("client-key-data")).decode())
            pem.flush()
            self.context.load_cert_chain(pem.name)
        self.connection = self._connect()

    def _connect(self):
        return http.client.HTTPSConnection(self.host, int(self.port), timeout=600, context=self.context)

    def request(self, method, path, body=None):
        """The answer's body, parsed if it is JSON; an answer that is no success ends the benchmark."""
        self.connection.request(
            method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            sys.exit(f"bench: {method} {path} was answered with {answer.status}: {content[:1000].decode()}")
        is_json = (answer.headers["Content-Type"] or "").startswith("application/json")
        return json.loads(content) if is_json else content

    def watch(self, path):
        """The objects that a watch tells of, on a connection of its own."""
        connection = self._connect()
        connection.request("GET", path)
        answer = connection.getresponse()
        try:
            for line in answer:
                yield json.loads(line)["object"]
        finally:
            connection.close()


# Peers


def debian_program(package, path):
    """The path of a program of Debian: the installed one, or one unpacked from its package beside the build.

    Unpacked rather than installed, as installing a server would also start it.
    """
    installed = shutil.which(os.path.basename(path))
    if installed:
        return installed
    root = pathlib.Path(os.environ.get("BENCH_PEERS", ".build/bench-peers")).absolute() / package
    program = root / path
    if not program.exists():
        if not shutil.which("apt-get"):
            raise Unavailable(f"{package} is not installed, and there is no apt-get")
        root.mkdir(parents=True, exist_ok=True)
        say(f"fetching {package}")
        fetched = subprocess.run(
            ["apt-get", "download", package], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        packages = sorted(root.glob("*.deb"))
        if fetched.returncode != 0 or not packages:
            raise Unavailable(f"{package} is not installed, and apt-get cannot fetch it; try apt-get update")
        call("dpkg-deb", "-x", str(packages[-1]), str(root))
        packages[-1].unlink()
    return str(program)


@contextlib.contextmanager
def background(*command, **options):
    """A program that runs until the end of the block."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **options)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
