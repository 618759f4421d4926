"""Where the lab finds things, each named once."""

import os

LAB = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
REPOSITORY = os.path.dirname(LAB)
BIN = os.path.join(LAB, "bin")
INIT = os.path.join(BIN, "init")
LABNET = os.path.join(BIN, "labnet")
SLOW_CLOCK = os.path.join(BIN, "slowclock.so")
STEP_CLOCK = os.path.join(BIN, "stepclock.so")

# Debian's Python: the one that is at the same place inside the machine, whatever PATH says outside.
GUEST_PYTHON = "/usr/bin/python3"
UML = os.environ.get("LAB_UML", "linux.uml")
UML_MODULES = "/usr/lib/uml/modules"


class LabError(Exception):
    """What kept the lab from working, and what to do about it."""
