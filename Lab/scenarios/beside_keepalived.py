"""A real keepalived owns the services and checks; Poise keeps the weights, and they do not fight.

Four servers under load on wlc. keepalived makes the service, checks each server once a second, and ends
nothing. In the first minute one server dies and comes back: keepalived takes it out and puts it in with
the weight of its file. In the second keepalived reads its file again with another weight for a server.
With more minutes, one more server dies that keepalived leaves in with weight 0 (`inhibit_on_failure`),
which Poise must not raise, and an unchanged file is read again. A conflicting write is one by Poise over
a weight that it did not write itself: at most one a minute. What keepalived wrote over weights of Poise is
counted, too (`by_keepalived`): its operator's reload and its checks. (Row 10 of the failures: keepalived
owns the services.)
"""

import re
import signal
import time

from cluster import VIP, Cluster, end_client
from poise import Poise
from progress import say
from waiting import came_true, until

CAPACITIES = [20, 40, 80, 40]
RATE = 90
REMOVED, REWEIGHED, INHIBITED = "r2", "r3", "r4"
CONFIGURED = 10
FOLDER = "/run/keepalived"
# Half a second to check, a second between checks, and a tick.
DOWN_SECONDS = 5
POLL_SECONDS = 0.2
# A dead server is asked until keepalived has noticed.
MOST_ERRORS = 0.05

_FILE = """\
global_defs {
    enable_script_security
    script_user root
}
virtual_server %(vip)s 80 {
    delay_loop 1
    lvs_sched wlc
    lvs_method DR
    protocol TCP
%(servers)s}
"""
_SERVER = """\
    real_server %(address)s 80 {
        weight %(weight)d
        %(inhibit)s
        TCP_CHECK {
            connect_timeout 1
            retry 0
            delay_before_retry 1
        }
    }
"""


def limit_seconds(options):
    return 60 * options.minutes + 180


def arguments(parser):
    parser.add_argument("--minutes", type=int, default=10,
                        help="that both work beside each other, 2 at least (default 10)")


def guest(options):
    cluster = Cluster(CAPACITIES, options.seed)
    keepalived = Keepalived(cluster)
    until("keepalived made the service",
          lambda: len(cluster.weights()) == len(CAPACITIES), seconds=30)
    poise = Poise(cluster, options.configuration)
    poise.start()
    client = cluster.client("open", VIP + ":80", str(RATE), str(limit_seconds(options)),
                            str(options.seed))
    watch = Watch(cluster)
    began = time.monotonic()
    figures = {}
    for second, act in plan(cluster, keepalived, watch, figures, options.minutes):
        watch.until(began + second)
        act()
    watch.until(began + 60 * options.minutes)
    writes = poise.writes()
    load = end_client(client, timeout=60)
    keepalived.process.poll()
    ours, theirs = watch.conflicts(poise.log())
    result = {
        "minutes": options.minutes, **figures, "conflicting_writes": len(ours),
        "conflicts": ours[:20], "by_keepalived": theirs[:20], "writes": writes, "sent": load["sent"],
        "errors": load["errors"], "p99_ms": load["p99_ms"], "late_mean_ms": load["late_mean_ms"],
        "weights": cluster.weights(), "keepalived_lives": keepalived.process.returncode is None,
    }
    result["ok"] = (all(figures.values()) and len(ours) <= options.minutes and
                    writes > 0 and result["keepalived_lives"] and
                    len(result["weights"]) == len(CAPACITIES) and
                    all(result["weights"].values()) and
                    load["errors"] <= MOST_ERRORS * load["sent"])
    say(result)
    if not result["ok"]:
        keepalived.show()
        poise.show_logs(lines=60)
    cluster.stop()
    return result


def plan(cluster, keepalived, watch, figures, minutes):
    """What happens when, in seconds."""
    def die(name):
        cluster.kill_server(cluster.server(name))

    def come_back(name):
        cluster.start_server(cluster.server(name))

    def is_out(name):
        figures["removed_is_out"] = came_true(
            "keepalived took %s out" % name, lambda: name not in cluster.weights(),
            DOWN_SECONDS)

    def is_in(name, figure):
        figures[figure] = came_true(
            "%s is back" % name, lambda: cluster.weights().get(name, 0) > 0, 15)

    def reweigh():
        keepalived.write({REWEIGHED: 2 * CONFIGURED})
        keepalived.reload()

    def stays_zero():
        watch.begin(INHIBITED)

    def stayed_zero():
        # It has its 0 from both: the agent says that its port is gone, too.
        seen = watch.seen[3:]
        figures["zero_respected"] = bool(seen) and not any(seen)

    acts = [(15, lambda: die(REMOVED)), (15 + DOWN_SECONDS, lambda: is_out(REMOVED)),
            (35, lambda: come_back(REMOVED)), (45, lambda: is_in(REMOVED, "removed_is_back")),
            (75, reweigh)]
    if minutes >= 4:
        acts += [(135, lambda: die(INHIBITED)), (135 + DOWN_SECONDS, stays_zero),
                 (155, stayed_zero), (155.5, lambda: come_back(INHIBITED)),
                 (170, lambda: is_in(INHIBITED, "inhibited_is_back")),
                 (200, keepalived.reload)]
    return acts


class Keepalived:
    """The real one, on the director, for its checks and services only."""

    def __init__(self, cluster):
        self._cluster = cluster
        cluster.run("d", "mkdir", "-p", FOLDER)
        self.write({})
        with open(FOLDER + "/log", "ab") as log:
            self.process = cluster.start(
                "d", "keepalived", "--dont-fork", "--log-console", "--check",
                "--use-file", FOLDER + "/keepalived.conf", "--pid", FOLDER + "/pid",
                "--checkers_pid", FOLDER + "/checkers", stdout=log, stderr=log)

    def write(self, weights):
        """Its file, with these weights by name and the usual one for the others."""
        servers = "".join(
            _SERVER % {"address": server.address,
                       "weight": weights.get(server.name, CONFIGURED),
                       "inhibit": "inhibit_on_failure" if server.name == INHIBITED else ""}
            for server in self._cluster.servers)
        with open(FOLDER + "/keepalived.conf", "w", encoding="ascii") as file:
            file.write(_FILE % {"vip": VIP, "servers": servers})

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def show(self):
        with open(FOLDER + "/log", encoding="utf-8", errors="replace") as log:
            for line in log.read().splitlines()[-20:]:
                say("keepalived: " + line)


class Watch:
    """The weights in the kernel, five times a second."""

    def __init__(self, cluster):
        self._cluster = cluster
        self._name = None
        self.seen = []
        self.changes = []  # (server, from, to), as they were seen
        self._last = cluster.weights()

    def begin(self, name):
        self._name, self.seen = name, []

    def until(self, end):
        while time.monotonic() < end:
            held = self._cluster.weights()
            if self._name:
                self.seen.append(held.get(self._name, 0))
            for name, weight in held.items():
                if self._last.get(name, 0) != weight:
                    self.changes.append((name, self._last.get(name, 0), weight))
            self._last = held
            time.sleep(POLL_SECONDS)

    def conflicts(self, log):
        """Weights that Poise, and that keepalived wrote over the other's: Poise says what it wrote."""
        written, last, ours, theirs = set(), {}, [], []
        for line in log:
            for name, before, after in re.findall(r"(r\d+) (\d+)→(\d+)", line):
                # The first one takes over what was there.
                if name in last and last[name] != int(before):
                    ours.append("%s %s→%s" % (name, before, after))
                last[name] = int(after)
                written.add((name, int(after)))
        for name, before, after in self.changes:
            # Weight 0 of a server that is gone is no weight of Poise's.
            if (name, after) not in written and (name, before) in written and before > 0:
                theirs.append("%s %d→%d" % (name, before, after))
        return ours, theirs
