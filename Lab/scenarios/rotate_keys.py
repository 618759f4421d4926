"""Keys change in every order, half way and back, and nobody falls silent; a revoked one ends.

Real agents, a real master, real commands; no load. Meanwhile the master is asked ten times a
second how old each agent's newest report is. Each order has an agent of its own, all at the same
time; then one agent's key is revoked by the command and one's by hand, and the master's own key
changes.
"""

import threading
import time

from cluster import Cluster
from poise import Poise
from progress import say
from waiting import until
from watch import Watch

INTERVAL_SECONDS = 0.5
# Two intervals, and what the question itself takes.
GAP_SECONDS = 1.1
# Where the agent is restarted too, which takes a part of one more: it is fresh for three intervals.
RESTARTED_GAP_SECONDS = 3 * INTERVAL_SECONDS
# When the master drops the key in use, it asks the agent by another one; should that be lost, it asks
# again after a second. Mostly nothing shows of it; a member is stale after 5.
DROPPED_GAP_SECONDS = 2
REVOKED_SECONDS = 1
# Two reports, one of which may be on its way.
HEARD_SECONDS = 2.0
# An agent with several keys tries a newer one every 5 s.
TRY_SECONDS = 6
# Of ten a second: with fewer, what happened in between was not seen.
LEAST_POLLS = 7
# What would be wrong here. The others are of members without load, or just restarted.
BAD_REASONS = {"stale", "duplicate_identity"}


def limit_seconds(_options):
    return 240


def guest(options):
    cluster = Cluster([40] * 8, options.seed)
    cluster.make_service("sed", {server.name: 1 for server in cluster.servers})
    poise = Poise(cluster, options.configuration)
    poise.start()
    watch = Watch(poise)
    orders = agents_keys(poise, watch)
    revoked = {
        "by_command": revoke(poise, "r1", by_command), "by_hand": revoke(poise, "r2", by_hand),
    }
    orders.update(masters_key(poise, watch))
    for name, seen in {**orders, **revoked}.items():
        say("%s: %s" % (name, seen))
    polls, late_ms = watch.stop()
    figures = {
        "orders": orders, "revoked": revoked, "polls_per_second": polls, "late_worst_ms": late_ms,
        "ok": (polls > LEAST_POLLS and all(seen["ok"] for seen in orders.values()) and
               # Heard until then, and not since.
               all(-HEARD_SECONDS < seen["last_accepted_s"] < REVOKED_SECONDS
                   and seen["refused"] > 0
                   for seen in revoked.values())),
    }
    if not figures["ok"]:
        poise.show_logs()
    cluster.stop()
    return figures


# The agents' keys


def agents_keys(poise, watch):
    """Every order at the same time; what was seen of each one's agent."""
    rotations = [Rotation(poise, watch, "r%d" % number) for number in range(1, 7)]
    orders = [Rotation.director_first, Rotation.agent_first, Rotation.director_takes_back,
              Rotation.agent_takes_back, Rotation.agent_takes_back_in_use,
              Rotation.director_takes_back_in_use]
    watch.begin()
    threads = [threading.Thread(target=rotation.run, args=[order])
               for rotation, order in zip(rotations, orders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = {}
    for rotation, order in zip(rotations, orders):
        if rotation.trouble:
            raise rotation.trouble
        bound = RESTARTED_GAP_SECONDS
        if order is Rotation.director_takes_back:
            bound = GAP_SECONDS
        elif order is Rotation.director_takes_back_in_use:
            bound = DROPPED_GAP_SECONDS
        seen[order.__name__] = judge(watch.end([rotation.name]), bound)
    return seen


def judge(seen, bound):
    good = seen["oldest_report_s"] <= bound and not BAD_REASONS & set(seen["reasons"])
    return {**seen, "at_most_s": bound, "ok": good}


class Rotation:
    """One agent, and the orders in which its key may change."""

    def __init__(self, poise, watch, name):
        self._poise = poise
        self._watch = watch
        self.name = name
        self._old, self._new = watch.key(name), poise.settings.new_agent_key(name + ".new")
        self.trouble = None

    def run(self, order):
        try:
            order(self)
        except Exception as error:  # to be raised where it is seen
            self.trouble = error

    def director_first(self):
        self._director("rotate", self.name, self._new)
        self._agent("new", "old")
        self._uses(self._new)
        self._director("rotate", self.name, "--finish")
        self._agent("new")
        self._settles_on(self._new)

    def agent_first(self):
        self._agent("new", "old")
        self._settles_on(self._old)
        self._director("rotate", self.name, self._new)
        self._uses(self._new)
        self._director("rotate", self.name, "--finish")
        self._settles_on(self._new)

    def director_takes_back(self):
        self._director("rotate", self.name, self._new)
        self._director("rotate", self.name, "--finish", refused=True)
        self._settles_on(self._old)
        self._director("rotate", self.name, "--undo")
        self._settles_on(self._old)

    def agent_takes_back(self):
        self._agent("new", "old")
        self._settles_on(self._old)
        self._agent("old")
        self._settles_on(self._old)

    def agent_takes_back_in_use(self):
        self._director("rotate", self.name, self._new)
        self._agent("new", "old")
        self._settles_on(self._new)
        self._agent("old")
        self._settles_on(self._old)
        self._director("rotate", self.name, "--undo")
        self._settles_on(self._old)

    def director_takes_back_in_use(self):
        self._director("rotate", self.name, self._new)
        self._agent("new", "old")
        self._settles_on(self._new)
        self._director("rotate", self.name, "--undo")
        self._uses(self._old)
        self._settles_on(self._old)

    def _agent(self, *ages):
        files = {"old": self.name, "new": self.name + ".new"}
        self._poise.settings.agent(self.name, keys=[files[age] for age in ages])
        self._poise.restart_agent(self.name)

    def _director(self, *words, refused=False):
        status, said = self._poise.keys(*words)
        if status != (5 if refused else 0):
            raise AssertionError("poise agent %s: status %d: %s" % (" ".join(words), status, said))

    def _uses(self, key):
        until("%s reports with %s" % (self.name, key), lambda: self._watch.key(self.name) == key)

    def _settles_on(self, key):
        time.sleep(4 * INTERVAL_SECONDS)
        self._uses(key)


# The master's key


def masters_key(poise, watch):
    """From the old one to both, back, to both again and to the new one."""
    settings = poise.settings
    old, new = settings.master_key, settings.new_master_key("master.new")
    # r4 and r5 stay out of it: the fourth start in a minute would look like two processes.
    agents_first, director_first = ["r3", "r7"], ["r6", "r8"]
    seen = {}

    def give(names, keys):
        for name in names:
            settings.agent(name, master_keys=keys)
            poise.restart_agent(name)

    def stage(name, keys, seconds, then=lambda: None, bound=GAP_SECONDS):
        watch.begin()
        settings.master(keys)
        poise.reload_master()
        then()
        time.sleep(seconds)
        seen[name] = judge(watch.end(agents_first + director_first), bound)

    give(agents_first, [new, old])
    # Two were restarted just now.
    stage("master_with_both", ["master.new", "master"], TRY_SECONDS, bound=RESTARTED_GAP_SECONDS)
    # The first two agents use the new one by now.
    stage("master_taken_back_in_use", ["master"], DROPPED_GAP_SECONDS,
          bound=DROPPED_GAP_SECONDS)
    stage("master_with_both_again", ["master.new", "master"], TRY_SECONDS,
          lambda: give(director_first, [new]), bound=RESTARTED_GAP_SECONDS)
    stage("master_with_new", ["master.new"], 4 * INTERVAL_SECONDS)
    return seen


# A revoked key


def revoke(poise, name, remove):
    """Takes that agent's key away: how long after that was a report still taken?

    Counts from the moment that remove() returns; later reports must have been refused.
    """
    before = poise.state()
    since = remove(poise, name)
    time.sleep(2.5)
    after = poise.state()
    asked = time.monotonic()
    age = next(member["reportAgeSeconds"] for member in after["services"][0]["members"]
               if member["server"] == name)
    return {"last_accepted_s": round(asked - age - since, 3), "age_s": round(age, 2),
            "refused": (after["refusals"].get("unknown_locator", 0)
                        - before["refusals"].get("unknown_locator", 0))}


def by_command(poise, name):
    """The moment when the command was done, which is when the master had read its files."""
    status, said = poise.keys("rm", name)
    if status != 0:
        raise RuntimeError("poise agent rm ended with status %d: %s" % (status, said))
    return time.monotonic()


def by_hand(poise, name):
    """The moment when the master was asked to read its files."""
    poise.settings.forget_agent(name)
    asked = time.monotonic()
    poise.reload_master()
    return asked
