"""Inside a machine: runs one scenario. guest.py NAME OPTIONS, the options as a JSON object.

What it prints goes to the person who waits; the last line is RESULT and the figures.
"""

import importlib
import json
import sys
import traceback
from types import SimpleNamespace

from lateness import Lateness


def main(name, options):
    scenario = importlib.import_module("scenarios." + name.replace("-", "_"))
    lateness = Lateness()
    try:
        figures = scenario.guest(SimpleNamespace(**json.loads(options)))
    except Exception as error:  # whatever it was, the judge outside must read of it
        traceback.print_exc()
        figures = {"ok": False, "error": "%s: %s" % (type(error).__name__, error)}
    # A client knows better, since it is late where it matters.
    figures.setdefault("late_mean_ms", lateness.mean_ms())
    print("RESULT " + json.dumps(figures), flush=True)
    return 0 if figures.get("ok") else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
