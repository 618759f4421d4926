"""script/lab: runs a scenario in machines, and says how it went in one last line."""

import argparse
import contextlib
import fcntl
import importlib
import json
import os
import pkgutil
import sys
import tempfile

import scenarios
from undisturbed import run_undisturbed

from .machine import Machine
from .places import GUEST_PYTHON, LAB, LABNET, REPOSITORY, LabError
from .programs import build
from .streams import fill_standard_streams, pass_on


def names():
    return sorted(module.name.replace("_", "-")
                  for module in pkgutil.iter_modules(scenarios.__path__))


def load(name):
    return importlib.import_module("scenarios." + name.replace("-", "_"))


def summary(module):
    return module.__doc__.splitlines()[0]


def parser():
    top = argparse.ArgumentParser(
        prog="script/lab",
        description="Runs a scenario against the IPVS of a real kernel, in User-Mode Linux. "
        "The last line is RESULT and a JSON object with \"scenario\", \"ok\" and its figures; "
        "the exit status is 0 only if ok. Needs no root; what it needs, script/bootstrap installs.")
    commands = top.add_subparsers(dest="command", required=True, metavar="SCENARIO")
    commands.add_parser("list", help="name the scenarios, one a line")
    commands.add_parser("build", help="only build the lab's own programs; print where labnet is")
    commands.add_parser("selftest", help="test the machine runner itself (about 30 s)")
    for name in names():
        module = load(name)
        one = commands.add_parser(name, help=summary(module), description=module.__doc__)
        one.add_argument("--seed", type=int, default=1, help="of arrivals and work (default 1)")
        one.add_argument("--configuration", choices=["debug", "release"], default="debug",
                         help="which build of poise-master and poise (default debug)")
        one.add_argument("--slow", type=float, default=1, metavar="FACTOR",
                         help="let a second of the machine last FACTOR seconds: for a host with "
                         "little CPU to give (default 1)")
        one.add_argument("--verbose", action="store_true", help="show the kernel's messages")
        if hasattr(module, "arguments"):
            module.arguments(one)
    return top


class Boot:
    """Boots a machine for a scenario's guest half and returns its figures."""

    def __init__(self, name, module):
        self._name = name
        self._module = module
        self._line = b""
        self._result = None

    def __call__(self, options):
        self._result = None
        with one_at_a_time():
            return self._run(options)

    def _run(self, options):
        machine = Machine(
            [GUEST_PYTHON, os.path.join(LAB, "guest.py"), self._name, json.dumps(vars(options))],
            limit=self._module.limit_seconds(options), shown=shown(), slow=options.slow,
            verbose=options.verbose, modules=getattr(self._module, "MODULES", ()),
            environment={"PYTHONDONTWRITEBYTECODE": "1"})
        status = machine.run(self._output)
        if self._result is None:
            return {"ok": False, "error": "the machine gave no result (status %d)" % status}
        return self._result

    def _output(self, number, data):
        if number == 2:
            return pass_on(2, data)
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            if line.startswith(b"RESULT "):
                self._result = json.loads(line[len(b"RESULT ") :])
            else:
                pass_on(1, line + b"\n")


@contextlib.contextmanager
def one_at_a_time():
    """Two machines with figures to measure would measure each other: the second waits."""
    # One file for each user: a file of another's would not open.
    path = os.path.join(tempfile.gettempdir(), "poise-lab-%d.lock" % os.getuid())
    with open(path, "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("lab: waiting for another lab on this host to end", file=sys.stderr, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def shown():
    """The repository, and where its build directories really are if they are links."""
    builds = [os.path.join(REPOSITORY, name) for name in os.listdir(REPOSITORY)
              if name.startswith(".build")]
    return {REPOSITORY, *(os.path.realpath(path) for path in builds)}


def run_scenario(options):
    module = load(options.command)
    boot = Boot(options.command, module)
    try:
        build()
        host = getattr(module, "host", run_undisturbed)
        figures = host(options, boot)
    except LabError as error:
        print("lab: %s" % error, file=sys.stderr)
        figures = {"ok": False, "error": str(error)}
    result = {"scenario": options.command, "ok": bool(figures.pop("ok", False)),
              "seed": options.seed, **figures}
    print("RESULT " + json.dumps(result), flush=True)
    return 0 if result["ok"] else 1


def main():
    fill_standard_streams()
    options = parser().parse_args()
    if options.command == "list":
        for name in names():
            print("%-12s %s" % (name, summary(load(name))))
        return 0
    if options.command == "build":
        build()
        print(LABNET)
        return 0
    if options.command == "selftest":
        from . import selftest
        return selftest.main()
    return run_scenario(options)
