"""Weights follow capacity, also when it changes; counts of connections follow weights.

Four servers of 10 20 40 80 requests/s on wrr, from equal weights, at 70 % load; r4 is halved in the
middle. Then the load ends, `poise ls` must say what `ipvsadm -Ln` says, and a last client counts
who gets how many connections under the weights that Poise left.
"""

import time

from cluster import Cluster, figures_of, sleep_until
from poise import Poise
from progress import say
from waiting import came_true

CAPACITIES = [10, 20, 40, 80]
HALVED, HALF = "r4", 40
RATE = 75  # 70 % of what is left after the change, so that the queues stay short
SETTLE_SECONDS = 20

# A weight of wrr is a small whole number, so a server of 10 among 150 may be off by one and a bit.
TOLERANCE, STEP = 0.30, 1.25
# The scale that Poise uses on wrr: on a smaller one, such as all 1, STEP would forgive everything.
LEAST_MEAN = 7


def limit_seconds(_options):
    return 2 * SETTLE_SECONDS + 120


def guest(options):
    cluster = Cluster(CAPACITIES, options.seed)
    cluster.make_service("wrr", {server.name: 1 for server in cluster.servers})
    poise = Poise(cluster, options.configuration)
    poise.start()
    client = cluster.client("open", "10.0.0.100:80", str(RATE), str(2 * SETTLE_SECONDS),
                            str(options.seed))
    began = time.monotonic()
    before = settled(cluster, began + SETTLE_SECONDS)
    cluster.set_capacity(cluster.server(HALVED), HALF)
    after = settled(cluster, began + 2 * SETTLE_SECONDS)
    load = figures_of(client, timeout=60)
    figures = {
        "before": against_capacity(before, CAPACITIES),
        "after": against_capacity(after, [*CAPACITIES[:-1], HALF]),
        "errors": load["errors"], "p99_ms": load["p99_ms"],
        "ls_is_ipvsadm": ls_is_ipvsadm(cluster, poise), "writes": poise.writes(),
        "counts": count_connections(cluster, poise),
    }
    say("before %(before)s, after %(after)s" % figures)
    say("connections %(counts)s" % figures)
    figures["ok"] = (figures["writes"] > 0 and sum(after.values()) >= LEAST_MEAN * len(after) and
                     figures["before"]["ok"] and figures["after"]["ok"] and
                     figures["counts"]["ok"] and figures["ls_is_ipvsadm"] and
                     figures["errors"] == 0)
    if not figures["ok"]:
        poise.show_logs()
    cluster.stop()
    return figures


def settled(cluster, end):
    """The mean weights of the five seconds before that moment, by server name."""
    sleep_until(end - 5)
    samples = []
    while time.monotonic() < end:
        samples.append(cluster.weights())
        time.sleep(0.5)
    return {name: sum(sample[name] for sample in samples) / len(samples) for name in samples[0]}


def against_capacity(weights, capacities):
    """Weights beside those that would be right for the capacities."""
    total = sum(weights.values())
    right = {name: capacity * total / sum(capacities)
             for name, capacity in zip(weights, capacities)}
    good = all(abs(weights[name] - right[name]) <= max(STEP, TOLERANCE * right[name])
               for name in weights)
    return {"ok": good, "weights": {name: round(weights[name], 2) for name in weights},
            "right": {name: round(right[name], 2) for name in right}}


def ls_is_ipvsadm(cluster, poise):
    """Whether both say the same weights and connections, once nothing moves any more."""
    def same():
        said = {name: (member["weight"], member["activeConnections"],
                       member["inactiveConnections"])
                for name, member in poise.members().items()}
        return said == cluster.listing()

    return came_true("poise ls says what ipvsadm -Ln says", same, seconds=20)


def count_connections(cluster, poise):
    """Whole rounds of wrr under standing weights: every count is exact."""
    poise.kill_master()
    weights = cluster.weights()
    rounds = 4
    client = cluster.client("seq", "10.0.0.100:80", str(rounds * sum(weights.values())))
    counts = figures_of(client, timeout=60)["servers"]
    return {"ok": counts == {name: rounds * weight for name, weight in weights.items()},
            "weights": weights, "rounds": rounds, "connections": counts}
