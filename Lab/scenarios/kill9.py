"""SIGKILL of the master at random moments loses no acknowledged order and no connection.

Four servers under a load of short connections, 200 held ones, and a person who drains r1 to r3, sets
weights and ends orders all the time. The master is killed again and again: while it starts, while it
takes an order, while it writes weights. Afterwards every order that was acknowledged lives or has
ended as it was acknowledged; a server that was at 0 by an order stays there through every death; the
kernel always has all four servers, and one with a weight at least.
"""

import random
import threading
import time

from cluster import CLIENTS, SERVICE, Cluster, end_client
from crowd import Crowd
from netns import within
from orders import Ledger
from poise import Poise
from progress import say
from settings import SOCKET
from waiting import came_true, until

CAPACITIES = [80, 80, 80, 80]
DRAINABLE = ["r1", "r2", "r3"]  # somebody stays
RATE = 30
HELD, PING_MS = 200, 4000
# Beyond the time that a start takes: the longest life of a master that is to be killed.
LIFE_SECONDS = 0.7
POLL_SECONDS = 0.05
MOST_LIVING = 12


def arguments(parser):
    parser.add_argument("--kills", type=int, default=200, help="how many (default 200)")


def limit_seconds(options):
    return load_seconds(options) + 120


def load_seconds(options):
    return options.kills * 4 + 120


def guest(options):
    dice = random.Random(options.seed)
    cluster = Cluster(CAPACITIES, options.seed)
    cluster.make_service("sed", {server.name: 1 for server in cluster.servers})
    poise = Poise(cluster, options.configuration)
    poise.start()
    crowd = Crowd(cluster, SERVICE, HELD, PING_MS)
    load = cluster.client("open", SERVICE, str(RATE), str(load_seconds(options)),
                          str(options.seed), CLIENTS)
    ledger = Ledger(SOCKET)
    witness = Witness(cluster, ledger)
    person = Person(ledger, random.Random(options.seed + 1))
    began = time.monotonic()
    early = kill_often(poise, ledger, dice, options.kills)
    seconds = time.monotonic() - began
    person.stop()

    poise.start_master()
    until("the last master lists its orders", lambda: ledger.check() or True, seconds=60)
    is_right = came_true("the table is as the living orders say",
                         lambda: is_as_ordered(witness.newest(), ledger.living()), seconds=30)
    ledger.check()
    samples = witness.stop()
    ended, held = end_client(load, timeout=60), crowd.end()
    figures = {
        "kills": options.kills, "killed_before_an_answer": early, "seconds": round(seconds, 1),
        "acknowledged": ledger.acknowledged, "unanswered": ledger.unanswered,
        "lists_compared": ledger.checks, "living_at_end": len(ledger.living()),
        "table_as_ordered": is_right, "faults": ledger.faults[:8] + witness.faults[:8],
        "table_samples": samples, "zeros_through_deaths": witness.zeros,
        "held_broken": held["broken"] + held["refused"], "errors": ended["errors"],
        "sent": ended["sent"], "late_mean_ms": ended["late_mean_ms"],
    }
    # Without orders, answers that never came and zeros to keep, nothing was tried.
    is_tried = (ledger.acknowledged >= options.kills / 2 and ledger.unanswered > 0 and
                ledger.checks >= options.kills / 4 and witness.zeros > 0)
    figures["ok"] = (is_tried and is_right and not figures["faults"] and
                     figures["held_broken"] == 0 and held["open"] == HELD and
                     figures["errors"] == 0)
    if not figures["ok"]:
        poise.show_logs()
    cluster.stop()
    return figures


def kill_often(poise, ledger, dice, kills):
    """Kills, and starts a successor at once; how many died before they answered anybody."""
    early, start_seconds = 0, 1.0
    for number in range(kills):
        poise.kill_master()
        poise.start_master()
        began = time.monotonic()
        dies = began + dice.uniform(0, start_seconds + LIFE_SECONDS)
        has_answered = False
        while time.monotonic() < dies:
            if not has_answered:
                try:
                    ledger.check()
                    has_answered = True
                    # It is no fault of a master that the machine is slow, or quicker than once.
                    start_seconds = min(2.0, time.monotonic() - began)
                except OSError:
                    pass
            time.sleep(min(POLL_SECONDS, max(0, dies - time.monotonic())))
        early += not has_answered
        if number % 20 == 19:
            say("killed %d; %d orders acknowledged, %d calls without an answer" % (
                number + 1, ledger.acknowledged, ledger.unanswered))
    poise.kill_master()
    return early


def is_as_ordered(weights, living):
    """Whether drained servers have 0, those with a weight just that, and the others any."""
    drained = {order["server"] for order in living.values() if order["action"] == "drain"}
    wanted = {order["server"]: order["weight"] for order in living.values()
              if order["action"] == "weight"}
    return all(
        weight == 0 if name in drained else
        weight == wanted[name] if name in wanted else weight > 0
        for name, weight in weights.items())


class Person(threading.Thread):
    """Gives and ends orders, one after the other, whether a master answers or not."""

    def __init__(self, ledger, dice):
        super().__init__(daemon=True)
        self._ledger, self._dice, self._is_over = ledger, dice, False
        self.start()

    def run(self):
        number = 0
        while not self._is_over:
            number += 1
            living = sorted(self._ledger.living())
            if living and self._dice.random() < len(living) / MOST_LIVING:
                done = self._ledger.end(self._dice.choice(living))
            else:
                done = self._ledger.give(self._order("kill9 %d" % number))
            # A dead master refuses at once; nobody asks it a thousand times a second.
            time.sleep(self._dice.uniform(0, 0.15) if done else 0.05)

    def _order(self, reason):
        server = self._dice.choice(DRAINABLE)
        if self._dice.random() < 0.6:
            return {"action": "drain", "server": server, "reason": reason, "force": False}
        return {"action": "weight", "server": server, "service": "web", "reason": reason,
                "weight": self._dice.randrange(500, 2000), "force": False}

    def stop(self):
        self._is_over = True
        self.join(timeout=10)


class Witness(threading.Thread):
    """Looks at the kernel's table all the time, dead master or not."""

    def __init__(self, cluster, ledger):
        super().__init__(daemon=True)
        self._names = {server.address: server.name for server in cluster.servers}
        self._ledger = ledger
        self._is_over, self._samples, self._newest = False, 0, {}
        self._at_zero = {}  # server: the drains that hold it there
        self.faults, self.zeros = [], 0
        self.start()

    def run(self):
        with within("d"):
            while not self._is_over:
                # Of the orders before and after, those that live both times did so meanwhile.
                before = self._drained()
                weights = self._read()
                after = self._drained()
                self._judge(weights, {name: before[name] & after.get(name, set())
                                      for name in before})
                self._newest = weights
                self._samples += 1
                time.sleep(POLL_SECONDS)

    def _drained(self):
        drained = {}
        for number, order in self._ledger.living().items():
            if order["action"] == "drain":
                drained.setdefault(order["server"], set()).add(number)
        return drained

    def _read(self):
        """The weights by server, of this thread's namespace."""
        weights = {}
        with open("/proc/thread-self/net/ip_vs", encoding="ascii") as file:
            for line in file:
                words = line.split()
                if words[:1] == ["->"] and words[1] != "RemoteAddress:Port":
                    octets = [str(int(words[1][at:at + 2], 16)) for at in (0, 2, 4, 6)]
                    weights[self._names[".".join(octets)]] = int(words[3])
        return weights

    def _judge(self, weights, drained):
        if set(weights) != set(self._names.values()) or not any(weights.values()):
            self.faults.append("the table was %s" % weights)
        for name, weight in weights.items():
            holding = self._at_zero.get(name, set()) & drained.get(name, set())
            if weight > 0 and holding:
                self.faults.append("%s went to %d while order %s held it at 0" % (
                    name, weight, sorted(holding)))
            if weight == 0 and drained.get(name):
                self.zeros += not holding
                self._at_zero[name] = drained[name]
            else:
                self._at_zero.pop(name, None)

    def newest(self):
        return self._newest

    def stop(self):
        """How many times it looked."""
        self._is_over = True
        self.join(timeout=10)
        return self._samples
