"""Builds the lab's own C programs when a source is newer than they are."""

import glob
import os
import subprocess

from .places import BIN, INIT, LAB, LABNET, SLOW_CLOCK, STEP_CLOCK, LabError

COMPILE = ["gcc", "-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror"]
# Static programs run in any root, and start quickly in a machine where each exec is dear.
STATIC, PRELOADED = ["-static"], ["-shared", "-fPIC"]


def build():
    """Brings bin/ up to date."""
    os.makedirs(BIN, exist_ok=True)
    labnet = os.path.join(LAB, "labnet")
    _build(INIT, STATIC, [os.path.join(LAB, "init.c")])
    _build(SLOW_CLOCK, PRELOADED, [os.path.join(LAB, "slowclock.c")])
    _build(STEP_CLOCK, PRELOADED, [os.path.join(LAB, "stepclock.c")])
    _build(LABNET, STATIC, sorted(glob.glob(labnet + "/*.c")), glob.glob(labnet + "/*.h"))


def _build(program, kind, sources, headers=()):
    newest = max(os.path.getmtime(path) for path in [*sources, *headers])
    if os.path.exists(program) and os.path.getmtime(program) >= newest:
        return
    # Beside, then renamed: two labs that start at once never run half a program.
    fresh = "%s.%d" % (program, os.getpid())
    try:
        subprocess.run([*COMPILE, *kind, "-o", fresh, *sources, "-lm"], check=True)
    except FileNotFoundError:
        raise LabError("The lab needs gcc: run script/bootstrap.") from None
    except subprocess.CalledProcessError:
        raise LabError("The lab's program %s does not compile." % program) from None
    os.rename(fresh, program)
