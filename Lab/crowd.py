"""Clients that hold connections to the virtual service, and leave when they are told."""

import json
import subprocess

from cluster import CLIENTS
from runner.places import LABNET


class Crowd:
    """`count` connections that stay, each pinged every `interval_ms`; made when all are there."""

    def __init__(self, cluster, target, count, interval_ms):
        self._process = cluster.start(
            "c", LABNET, "crowd", target, str(count), str(interval_ms), CLIENTS,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.first = self._answer()

    def _answer(self):
        return json.loads(self._process.stdout.readline())

    def _ask(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._answer()

    def figures(self):
        """As of now: open, broken, moved, left, pings, longest_ms, and `servers`, who has how many."""
        return self._ask("figures")

    def leave(self, server, count):
        """So many of those that this server has hang up; the figures after that."""
        return self._ask("leave %s %d" % (server, count))

    def end(self):
        """The figures at the end; then all hang up."""
        figures = self.figures()
        self._process.stdin.close()
        self._process.wait(timeout=30)
        return figures
