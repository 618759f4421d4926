"""Runs one command in a machine: python3 -m runner [-t SECONDS] [-v] [--] COMMAND..."""

import argparse
import sys

from .machine import LOST_STATUS, Machine
from .places import REPOSITORY, LabError
from .programs import build
from .streams import fill_standard_streams, pass_on


def main():
    parser = argparse.ArgumentParser(prog="runner", description=__doc__)
    parser.add_argument("-t", "--limit", type=float, default=300, help="seconds; then status 124")
    parser.add_argument("-e", "--env", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--slow", type=float, default=1, help="how long one of its seconds lasts")
    parser.add_argument("-v", "--verbose", action="store_true", help="show the kernel's messages")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    words = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not words:
        parser.error("no command given")
    try:
        build()
        machine = Machine(words, limit=options.limit, shown=[REPOSITORY], slow=options.slow,
                          verbose=options.verbose,
                          environment=dict(pair.split("=", 1) for pair in options.env))
        return machine.run(pass_on)
    except LabError as error:
        print("lab: %s" % error, file=sys.stderr)
        return LOST_STATUS


if __name__ == "__main__":
    fill_standard_streams()
    sys.exit(main())
