"""The run of script/bench configuration, here or inside a machine; its options as a JSON object."""

import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.environ["LAB"])

from admin import ask, snapshot  # noqa: E402  (found by the line above)
from runner.places import REPOSITORY  # noqa: E402

BUILT = os.path.join(REPOSITORY, ".build/release")
RELOADS = 7
TICK = os.sysconf("SC_CLK_TCK")


class Run:
    def __init__(self, options):
        self.options = options
        self.folder = tempfile.mkdtemp(prefix="poise-bench.")
        self.socket = self.folder + "/admin.sock"
        subprocess.run(
            [BUILT + "/Load", "configure", self.folder, str(options["services"]),
             str(options["members"]), "kernel" if options["kernel"] else "memory"], check=True)

    def start(self):
        """Milliseconds until the first tick is over, which makes all of the table."""
        # As a service manager hears it; to ask for a snapshot would take as long as all the rest.
        heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        heard.bind(self.folder + "/notify")
        heard.settimeout(120)
        wanted = b"of %d members" % (self.options["services"] * self.options["members"])
        began = time.monotonic()
        with open(self.folder + "/master.log", "wb") as log:
            self.master = subprocess.Popen(
                [BUILT + "/poise-master", "--config", self.folder + "/master.yaml"], stdout=log,
                stderr=log, env={**os.environ, "NOTIFY_SOCKET": self.folder + "/notify"})
        while wanted not in heard.recv(4096):
            pass
        took = 1e3 * (time.monotonic() - began)
        if self.members() != self.options["services"] * self.options["members"]:
            with open(self.folder + "/master.log", encoding="utf-8") as log:
                sys.exit("the table is not whole:\n" + log.read()[-4000:])
        # Else the socket's buffer would fill up in time.
        threading.Thread(target=drain, args=(heard,), daemon=True).start()
        return took

    def members(self):
        """How many the table has."""
        return sum(member.get("weight") is not None
                   for service in snapshot(self.socket)["services"]
                   for member in service["members"])

    def reload(self, number):
        """Milliseconds from the request until the master has taken one more server."""
        with open(self.folder + "/services.d/0.yaml", "a", encoding="utf-8") as file:
            # The last service of the file gets it.
            file.write("      - {name: new%d, address: 10.7.0.%d}\n" % (number, number + 1))
        began = time.monotonic()
        answer = ask(self.socket, "POST", "/api/v1/reload")
        took = 1e3 * (time.monotonic() - began)
        if answer.get("refused"):
            sys.exit("the reload was refused: %s" % answer)
        self.options["added"] = number + 1
        return took

    def cpu_seconds(self):
        words = pathlib.Path("/proc/%d/stat" % self.master.pid).read_text(
            encoding="utf-8").rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / TICK

    def resident(self):
        for line in pathlib.Path("/proc/%d/status" % self.master.pid).read_text(
                encoding="utf-8").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return None

    def steady(self, seconds):
        time.sleep(3)
        used, began = self.cpu_seconds(), time.monotonic()
        time.sleep(seconds)
        return (self.cpu_seconds() - used) / (time.monotonic() - began)

    def end(self):
        self.master.kill()
        self.master.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def drain(heard):
    heard.settimeout(None)
    while True:
        heard.recv(4096)


def main(options):
    run = Run(options)
    try:
        figures = {"load": round(run.start(), 1)}
        figures["steady_cpu"] = round(run.steady(options["secs"]), 4)
        figures["reload"] = round(statistics.median(map(run.reload, range(RELOADS))), 1)
        figures["rss_bytes"] = run.resident()
        # A snapshot is of the tick before.
        time.sleep(2)
        members = run.members()
        if members != options["services"] * options["members"] + RELOADS:
            sys.exit("the reloads were not taken: %d members" % members)
    finally:
        run.end()
    print(json.dumps(figures))


main(json.loads(sys.argv[1]))
