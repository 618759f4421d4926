"""The run of script/bench configuration, here or inside a machine; its options as a JSON object."""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.environ["LAB"])

from admin import NoAnswer, ask, snapshot  # noqa: E402  (found by the line above)
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
        """Milliseconds until all is in the table."""
        began = time.monotonic()
        with open(self.folder + "/master.log", "wb") as log:
            self.master = subprocess.Popen(
                [BUILT + "/poise-master", "--config", self.folder + "/master.yaml"], stdout=log,
                stderr=log)
        while not self.is_whole():
            if self.master.poll() is not None or time.monotonic() > began + 120:
                with open(self.folder + "/master.log", encoding="utf-8") as log:
                    sys.exit("the master has no table:\n" + log.read()[-4000:])
        return 1e3 * (time.monotonic() - began)

    def is_whole(self):
        try:
            services = snapshot(self.socket)["services"]
        except (OSError, NoAnswer):
            time.sleep(0.02)
            return False
        wanted = self.options["services"] * self.options["members"]
        return sum(member.get("weight") is not None
                   for service in services for member in service["members"]) == wanted

    def reload(self, number):
        """Milliseconds from the request until the master has taken one more server."""
        with open(self.folder + "/services.d/0.yaml", "a", encoding="utf-8") as file:
            # The last service of the file gets it.
            file.write("      - {name: r%d, address: 10.7.0.%d}\n" % (number, number + 1))
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


def main(options):
    run = Run(options)
    try:
        figures = {"load": round(run.start(), 1)}
        figures["steady_cpu"] = round(run.steady(options["secs"]), 4)
        figures["reload"] = round(statistics.median(map(run.reload, range(RELOADS))), 1)
        figures["rss_bytes"] = run.resident()
        members = sum(len(service["members"]) for service in snapshot(run.socket)["services"])
        if members != options["services"] * options["members"] + RELOADS:
            sys.exit("the reloads were not taken: %d members" % members)
    finally:
        run.end()
    print(json.dumps(figures))


main(json.loads(sys.argv[1]))
