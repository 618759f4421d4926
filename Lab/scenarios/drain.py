"""A drained server gets no new connection and breaks none, and `--wait` returns when they are gone.

Four servers, 1,000 held connections and a load of short ones. r1 is drained with --wait: the held
connections of r1 go on until half of them, and then the rest, hang up. r2 has a deadline that it
cannot meet, three servers may be drained and the fourth may not, and ready gives each its weight
back.
"""

import json
import subprocess
import time

from cluster import CLIENTS, SERVICE, Cluster, end_client, figures_of
from crowd import Crowd
from poise import Poise
from progress import say
from waiting import came_true, until

CAPACITIES = [80, 80, 80, 80]
DRAINED, LATE = "r1", "r2"
HELD = 1000
PING_MS = 5000
RATE = 60
# With direct routing the kernel sees only the clients' side, and keeps an entry for so long after
# its last packet: 2 minutes unless told otherwise.
FIN_SECONDS = 4
STAND_SECONDS = 12  # while all hold on
NEW = 200  # connections that must all go elsewhere
# From the last hang-up to the return of --wait: the kernel's time, and two questions of the program.
MOST_AFTER_SECONDS = FIN_SECONDS + 5
MOST_SECONDS = 240  # of load, which ends earlier


def limit_seconds(_options):
    return MOST_SECONDS + 120


def guest(options):
    cluster = Cluster(CAPACITIES, options.seed)
    cluster.run("d", "ipvsadm", "--set", "900", str(FIN_SECONDS), "300")
    cluster.make_service("sed", {server.name: 1 for server in cluster.servers})
    poise = Poise(cluster, options.configuration)
    poise.start()
    crowd = Crowd(cluster, SERVICE, HELD, PING_MS)
    say("held connections: %s" % crowd.first["servers"])
    load = cluster.client("open", SERVICE, str(RATE), str(MOST_SECONDS), str(options.seed), CLIENTS)
    try:
        parts = [drain(cluster, poise, crowd), refusals(cluster, poise, crowd),
                 ready(cluster, poise)]
    except Exception:
        poise.show_logs()
        raise
    is_right = all([part.pop("is_right") for part in parts])
    figures = {key: value for part in parts for key, value in part.items()}
    ended, held = end_client(load, timeout=60), crowd.end()
    figures.update({
        "held": crowd.first["open"], "held_broken": held["broken"] + held["refused"],
        "held_moved": held["moved"], "pings": held["pings"], "longest_ms": held["longest_ms"],
        "errors": ended["errors"], "sent": ended["sent"], "late_mean_ms": ended["late_mean_ms"],
    })
    figures["ok"] = (figures["held"] == HELD and figures["held_broken"] == 0 and
                     figures["held_moved"] == 0 and figures["errors"] == 0 and
                     is_right)
    if not figures["ok"]:
        poise.show_logs()
    cluster.stop()
    return figures


def drain(cluster, poise, crowd):
    """r1 with --wait, from 1,000 held connections to none of its own."""
    began = time.monotonic()
    waiting = start(cluster, poise, "drain", DRAINED, "--reason", "new kernel", "--wait")
    until("%s has weight 0" % DRAINED, lambda: cluster.weights()[DRAINED] == 0, pause=0.05)
    zero_after = time.monotonic() - began
    # What was under way comes to its end.
    until("the short connections of %s are over" % DRAINED,
          lambda: connections(cluster, DRAINED) == crowd.first["servers"][DRAINED], seconds=40)
    seen = watch(cluster, poise, STAND_SECONDS)
    new = figures_of(cluster.client("seq", SERVICE, str(NEW), CLIENTS), timeout=120)
    standing = crowd.figures()

    crowd.leave(DRAINED, standing["servers"][DRAINED] // 2)
    # Until the kernel has forgotten those that left: a wait that counted only them would be over.
    time.sleep(FIN_SECONDS + 3)
    waits_at_half = waiting.poll() is None
    half = connections(cluster, DRAINED)
    crowd.leave(DRAINED, HELD)
    left_at = time.monotonic()
    printed, said = waiting.communicate(timeout=120)
    after = time.monotonic() - left_at
    left = connections(cluster, DRAINED)
    say("drained: %s" % printed.strip())
    print(said, end="")
    return {
        "zero_after_s": round(zero_after, 2), "weights_while_held": sorted(seen),
        "held_by_drained": crowd.first["servers"][DRAINED],
        "held_while_drained": standing["servers"].get(DRAINED, 0), "new_elsewhere": new["servers"],
        "left_at_half": half, "waits_at_half": waits_at_half, "wait_status": waiting.returncode,
        "wait_returned_after_s": round(after, 2), "left_at_return": left,
        "is_right": (seen == {0} and new["errors"] == 0 and DRAINED not in new["servers"] and
                     standing["servers"].get(DRAINED) == crowd.first["servers"][DRAINED] and
                     waits_at_half and half > 0 and waiting.returncode == 0 and left == 0 and
                     "are left" in said and after <= MOST_AFTER_SECONDS),
    }


def refusals(cluster, poise, crowd):
    """One that is too late, and one too many."""
    late = run(cluster, poise, "drain", "web/" + LATE, "--reason", "late", "--wait", "--timeout",
               "3s")
    third = run(cluster, poise, "drain", "r3", "--reason", "third", "--for", "10m")
    last = run(cluster, poise, "drain", "r4", "--reason", "too many")
    weights = cluster.weights()
    return {"late_status": late, "third_status": third, "last_status": last,
            "weights_at_last": weights, "held_by_late": crowd.figures()["servers"][LATE],
            "is_right": (late, third, last) == (6, 0, 5) and weights["r4"] > 0 and
            weights["r3"] == weights[LATE] == weights[DRAINED] == 0}


def ready(cluster, poise):
    """All come back, and serve."""
    statuses = [run(cluster, poise, "ready", name) for name in (DRAINED, LATE, "r3")]
    back = came_true("all have a weight again",
                     lambda: all(weight > 0 for weight in cluster.weights().values()))
    served = came_true("%s serves again" % DRAINED,
                       lambda: connections(cluster, DRAINED) > 0, seconds=30)
    left = json.loads(poise.poise("orders", "-o", "json"))["orders"]
    return {"ready_statuses": statuses, "all_back": back, "orders_left": len(left),
            "is_right": statuses == [0, 0, 0] and back and served and not left}


def watch(cluster, poise, seconds):
    """The different weights of r1 in that time; what `poise` says of it must be the kernel's."""
    seen, end = set(), time.monotonic() + seconds
    while time.monotonic() < end:
        seen.add(cluster.weights()[DRAINED])
        member = poise.members()[DRAINED]
        if member["weight"] != 0 or not member.get("orders"):
            seen.add("poise ls says %s" % member)
        time.sleep(0.5)
    return seen


def connections(cluster, name):
    """That the kernel has of a server, active and inactive."""
    return sum(cluster.listing()[name][1:])


def start(cluster, poise, *words):
    return cluster.start("d", *poise.command(*words), stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True)


def run(cluster, poise, *words):
    """The exit status of a command; what it said goes to the person who waits."""
    process = start(cluster, poise, *words)
    printed, said = process.communicate(timeout=60)
    say("poise %s: %s %s" % (" ".join(words), process.returncode, (printed + said).strip()))
    return process.returncode
