"""Builds the lab's own C programs when a source is newer than they are."""

import glob
import os
import subprocess

from .places import BIN, INIT, LAB, LABNET, LabError

# Static: they run in any root, and starting them costs little in a machine where each exec is dear.
COMPILE = ["gcc", "-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror", "-static"]


def build():
    """Brings bin/init and bin/labnet up to date."""
    os.makedirs(BIN, exist_ok=True)
    labnet = os.path.join(LAB, "labnet")
    _build(INIT, [os.path.join(LAB, "init.c")], [])
    _build(LABNET, sorted(glob.glob(labnet + "/*.c")), glob.glob(labnet + "/*.h"))


def _build(program, sources, headers):
    newest = max(os.path.getmtime(path) for path in sources + headers)
    if os.path.exists(program) and os.path.getmtime(program) >= newest:
        return
    # Beside, then renamed: two labs that start at once never run half a program.
    fresh = "%s.%d" % (program, os.getpid())
    try:
        subprocess.run([*COMPILE, "-o", fresh, *sources, "-lm"], check=True)
    except FileNotFoundError:
        raise LabError("The lab needs gcc: run script/bootstrap.") from None
    except subprocess.CalledProcessError:
        raise LabError("The lab's program %s does not compile." % program) from None
    os.rename(fresh, program)
