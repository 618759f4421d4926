"""The runner's own test: statuses, arguments, streams, limit, panic, and nothing left behind."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time

from .machine import LIMIT_STATUS, LOST_STATUS
from .places import LAB
from .programs import build


class SelfTest:
    """Runs machines with a temporary directory of their own, so leftovers are theirs."""

    def __init__(self, directory):
        self.directory = directory
        self.failed = []

    def check(self, what, found, wanted):
        right = found == wanted
        print("%s: %s%s" % ("ok" if right else "FAIL", what,
                            "" if right else ": found %r, wanted %r" % (found, wanted)), flush=True)
        if not right:
            self.failed.append(what)

    def words(self, *words):
        return [sys.executable, "-m", "runner", *words]

    def environment(self, **more):
        return {**os.environ, "TMPDIR": self.directory, "PYTHONPATH": LAB,
                "PYTHONDONTWRITEBYTECODE": "1", **more}

    def run(self, *words, **environment):
        return subprocess.run(self.words(*words), env=self.environment(**environment),
                              capture_output=True, text=True, check=False)

    def processes(self):
        """Those that name our directory: machines do, on their kernel's command line."""
        found = []
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/cmdline" % entry, "rb") as file:
                    if self.directory.encode() in file.read():
                        found.append(int(entry))
            except OSError:
                pass
        return found


def main():
    build()
    with tempfile.TemporaryDirectory(prefix="poise-selftest.") as directory:
        test = SelfTest(directory)
        _streams(test)
        _limits(test)
        _slow(test)
        _killed(test)
        test.check("no directory is left", os.listdir(directory), [])
        test.check("no process is left", test.processes(), [])
    print("RESULT " + json.dumps({"scenario": "selftest", "ok": not test.failed,
                                  "failed": test.failed}))
    return 1 if test.failed else 0


def _streams(test):
    script = ('echo "$1|$2|$WORD"; echo trouble >&2; echo x > /etc/poise-lab-litter; '
              'seq 20000; exit 7')
    ran = test.run("-e", "WORD=by environment", "--", "/bin/sh", "-c", script, "sh", "a", "b c")
    lines = ran.stdout.splitlines()
    test.check("the status is the command's", ran.returncode, 7)
    test.check("words and environment arrive", lines[:1], ["a|b c|by environment"])
    test.check("every line comes back", lines[1:], [str(i) for i in range(1, 20001)])
    test.check("the streams are two", ran.stderr, "trouble\n")
    test.check("nothing is written to the host", os.path.exists("/etc/poise-lab-litter"), False)
    test.check("a command that is not there",
               test.run("--", "/no/such/command").returncode, 127)
    closed = subprocess.run(["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh",
                             *test.words("--", "/bin/sh", "-c", "exit 3")],
                            env=test.environment(), check=False)
    test.check("closed streams do no harm", closed.returncode, 3)


def _limits(test):
    began = time.monotonic()
    ran = test.run("-t", "4", "--", "/bin/sleep", "100")
    test.check("the limit ends a machine", ran.returncode, LIMIT_STATUS)
    test.check("and soon", time.monotonic() - began < 30, True)
    ran = test.run("--", "/bin/sh", "-c", "echo c > /proc/sysrq-trigger")
    test.check("a panic is a lost machine", ran.returncode, LOST_STATUS)
    test.check("that shows its console", "lab: console:" in ran.stderr, True)
    ran = test.run("--", "/bin/true", LAB_UML="/bin/false")
    test.check("a machine that does not boot is lost", ran.returncode, LOST_STATUS)
    ran = test.run("--", "/bin/true", LAB_UML="/no/such/kernel")
    test.check("so is one without a kernel", ran.returncode, LOST_STATUS)
    test.check("which says what to do", "script/bootstrap" in ran.stderr, True)


def _slow(test):
    began = time.monotonic()
    ran = test.run("--slow", "3", "--", "/bin/sh", "-c", "sleep 2; cut -d. -f1 /proc/uptime")
    passed = time.monotonic() - began
    test.check("a slower clock lets the host go ahead", passed >= 6, True)
    test.check("and the machine not know", int(ran.stdout or 99) <= passed / 3, True)


def _killed(test):
    statuses = {signal.SIGTERM: 128 + signal.SIGTERM, signal.SIGKILL: -signal.SIGKILL}
    for number, wanted in statuses.items():
        runner = subprocess.Popen(
            test.words("--", "/bin/sh", "-c", "echo here; exec sleep 100"),
            env=test.environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        runner.stdout.readline()
        runner.send_signal(number)
        test.check("signal %d ends the runner" % number, runner.wait(), wanted)
        runner.stdout.close()
        deadline = time.monotonic() + 10
        while (test.processes() or os.listdir(test.directory)) and time.monotonic() < deadline:
            time.sleep(0.1)
        test.check("and its machine", test.processes(), [])
