"""What the benchmarks that put a load on a master have in common."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILT = ROOT / ".build/release"


def build(*products):
    """Builds for release; to standard error, for the output has nothing but JSON lines."""
    for product in products:
        subprocess.run(["swift", "build", "-c", "release", "--product", product],
                       cwd=ROOT, check=True, stdout=sys.stderr)


def run(*words):
    """The lines of one run of the load program."""
    build("Load")
    with subprocess.Popen([BUILT / "Load", *map(str, words)], stdout=subprocess.PIPE,
                          text=True) as process:
        yield from (line.rstrip("\n") for line in process.stdout)
    if process.returncode != 0:
        sys.exit("the load program ended with status %d" % process.returncode)


def parse(line):
    return json.loads(line)


def emit(bench, name, value, unit):
    print(json.dumps({"bench": bench, "name": name, "value": value, "unit": unit}), flush=True)


def check(bench, bounds):
    """Exits 1 with what is out of its bound; (value, ">=" or "<=", bound) by name."""
    wrong = ["%s: %s is %g, not %s %g" % (bench, name, value, relation, bound)
             for name, (value, relation, bound) in bounds.items()
             if not (value >= bound if relation == ">=" else value <= bound)]
    if wrong:
        sys.exit("\n".join(wrong))


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Ground:
    """A folder with a master's configuration and the keys of its agents."""

    def __init__(self, agents):
        build("Load", "poise-master", "poise")
        self._temporary = tempfile.TemporaryDirectory(prefix="poise-bench.")
        self.folder = self._temporary.name
        self.port = free_port()
        subprocess.run([BUILT / "Load", "prepare", self.folder, str(agents), str(self.port)],
                       check=True)

    def snapshot(self):
        """What the master says of itself and of every agent."""
        return json.loads(subprocess.run(
            [BUILT / "poise", "--socket", self.folder + "/admin.sock", "ls", "-o", "json"],
            check=True, capture_output=True, text=True).stdout)

    def end(self):
        self._temporary.cleanup()


class Master:
    """The real master, its table in memory."""

    def __init__(self, ground):
        self._log = open(ground.folder + "/master.log", "ab")
        self.started_ns = time.monotonic_ns()
        self.process = subprocess.Popen(
            [BUILT / "poise-master", "--config", ground.folder + "/master.yaml"],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)
        self._ground = ground

    def wait_until_it_answers(self):
        deadline = time.monotonic() + 60
        while True:
            try:
                return self._ground.snapshot()
            except subprocess.CalledProcessError as error:
                if self.process.poll() is not None:
                    with open(self._ground.folder + "/master.log", encoding="utf-8") as log:
                        sys.exit("the master ended:\n" + log.read())
                if time.monotonic() > deadline:
                    sys.exit("the master never answered: " + error.stderr)
                time.sleep(0.2)

    def cpu_seconds(self):
        words = pathlib.Path("/proc/%d/stat" % self.process.pid).read_text().rpartition(")")[2]
        user, system = words.split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self):
        for line in pathlib.Path("/proc/%d/status" % self.process.pid).read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("no VmRSS")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._log.close()

    def watch(self, seconds):
        """The share of a core that the master uses from now on for that long, and the most memory."""
        used, began, most = self.cpu_seconds(), time.monotonic(), 0
        while time.monotonic() < began + seconds:
            time.sleep(0.5)
            most = max(most, self.resident_bytes())
        return (self.cpu_seconds() - used) / (time.monotonic() - began), most


class Agents:
    """The process that speaks for all agents."""

    def __init__(self, ground):
        self._process = subprocess.Popen(
            [BUILT / "Load", "fleet", ground.folder, str(ground.port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, command):
        """The answer to a command; some come when something has happened."""
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            sys.exit("the agents ended at \"%s\"" % command)
        return json.loads(line)

    def end(self):
        self._process.stdin.close()
        self._process.wait(timeout=30)


def heard(snapshot):
    """Datagrams that came with an agent's key, whatever became of them."""
    return sum(agent["accepted"] + sum(
        count for name, count in agent["refusals"].items() if name in DROPS)
        for agent in snapshot["agents"])


# Of the counters of an agent these stand for a datagram each; others remark on one that was applied.
DROPS = {"challenged", "range", "duplicate", "late", "bad_mac", "malformed", "too_short"}
