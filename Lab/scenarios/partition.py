"""The director loses half of its servers, then all: it takes out a third at most, and all come back.

Eight servers that work all the time; the cables of four are pulled, later those of the rest, and at last
all are put back. What the director can reach must serve on, the table must never be emptied, and a
minute later every server has a weight again, with no word from anybody.
"""

import time

from cluster import SERVICE, Cluster, figures_of
from faults import replug, unplug
from ipvs import weights_of
from poise import Poise
from progress import say
from waiting import came_true, until

CAPACITIES = [30] * 8
RATE = 60
CHECKS = "checks: [{type: tcp}]"
MOST_OUT = 2  # a third of eight
BACK_SECONDS = 60
POLL_SECONDS = 0.1


def limit_seconds(options):
    return 2 * options.secs + BACK_SECONDS + 150


def arguments(parser):
    parser.add_argument("--secs", type=float, default=40,
                        help="without half, and again without all (default 40)")


def guest(options):
    cluster = Cluster(CAPACITIES, options.seed)
    cluster.make_service("sed", {server.name: 1 for server in cluster.servers})
    poise = Poise(cluster, options.configuration)
    poise.settings.web(CHECKS)
    poise.start()
    until("all checks pass", lambda: states(poise) == [True] * len(CAPACITIES), seconds=30)

    lost, kept = cluster.servers[:4], cluster.servers[4:]
    for server in lost:
        unplug(server)
    say("half is lost")
    before = answered(cluster, kept)
    client = cluster.client("open", SERVICE, str(RATE), str(options.secs), str(options.seed))
    half = watch(options.secs)
    figures_of(client, timeout=60)
    served = answered(cluster, kept) - before
    half_states = states(poise)
    say("without half: %s" % half)

    for server in kept:
        unplug(server)
    say("all are lost")
    whole = watch(options.secs)
    all_states = states(poise)
    say("without all: %s" % whole)

    for server in cluster.servers:
        replug(server)
    began = time.monotonic()
    back = came_true("every server has a weight, and its check passes",
                     lambda: all(states(poise)) and min(weights_of(SERVICE).values()) > 0,
                     BACK_SECONDS)
    back_s = round(time.monotonic() - began, 2)
    poise.wait_for_reports()
    load = figures_of(cluster.client("open", SERVICE, str(RATE), "10", str(options.seed)),
                      timeout=60)
    figures = {
        "half": half, "all": whole, "served_by_the_rest": served, "back_s": back_s,
        "errors_after": load["errors"], "sent_after": load["sent"],
        "late_mean_ms": load["late_mean_ms"],
    }
    figures["ok"] = (
        half_states == [False] * 4 + [True] * 4 and all_states == [False] * 8 and
        1 <= half["most_out"] <= MOST_OUT and whole["most_out"] <= MOST_OUT and
        half["fewest_of_the_rest"] > 0 and whole["fewest"] > 0 and
        whole["missing"] == half["missing"] == 0 and
        served > 0 and back and load["errors"] == 0 and load["sent"] > 0)
    if not figures["ok"]:
        poise.show_logs()
    cluster.stop()
    return figures


def watch(seconds):
    """What the kernel held meanwhile."""
    seen, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        seen.append(weights_of(SERVICE))
        time.sleep(POLL_SECONDS)
    rest = ["10.0.0.%d" % number for number in range(15, 19)]
    return {
        "most_out": max(sum(weight == 0 for weight in weights.values()) for weights in seen),
        # Servers with a weight, and servers that are not in the table.
        "fewest": min(sum(weight > 0 for weight in weights.values()) for weights in seen),
        "missing": max(len(CAPACITIES) - len(weights) for weights in seen),
        "fewest_of_the_rest": min(weights.get(address, 0) for weights in seen for address in rest),
        "at_last": seen[-1],
    }


def answered(cluster, servers):
    return sum(cluster.truth(server)["answered"] for server in servers)


def states(poise):
    """Of each server's check whether it is up; None where that is not known."""
    members = poise.state()["services"][0]["members"]
    return [member["checks"][0].get("up") for member in members]
