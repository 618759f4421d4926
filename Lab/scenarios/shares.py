"""On mh and sh, which go by the client's address, the weights written are the shares served.

Four servers of 20 40 80 40 requests/s, from equal weights, and clients of many addresses. Poise finds
weights under load; then it is killed, they stand, and thousands of new clients with an address each
count who gets how many connections. Each scheduler has a machine of its own.
"""

import time

from choices import add_choices
from cluster import CLIENTS, Cluster, end_client, figures_of
from poise import Poise, programs
from progress import say
from undisturbed import run_undisturbed

CAPACITIES = [20, 40, 80, 40]
RATE = 110  # 60 %: what goes by addresses does not spare a server that is busy
SCHEDULERS = ["mh", "sh"]
# What is served beside what the weights say. The least share, a ninth of so many, is off by 3 % by
# chance alone.
CONNECTIONS = 8000
TOLERANCE = {"mh": 0.1, "sh": 0.5}
# sh has so many places to fill; weights above that leave the last servers without any.
PLACES = 256
# The heaviest beside the lightest, which would be 4 if the law knew all.
LEAST_SPREAD = 2.0
# mh builds its table anew at each write: at most one batch in this time.
BATCH_SECONDS = 5
POLL_SECONDS = 0.25


def limit_seconds(options):
    return options.secs + 180


def arguments(parser):
    parser.add_argument("--secs", type=float, default=40,
                        help="of load before the count (default 40)")
    add_choices(parser, "--schedulers", SCHEDULERS)


# Outside


def host(options, boot):
    programs(options.configuration)  # missing ones are better missed now than in a minute
    runs = {}
    for options.scheduler in options.schedulers:
        runs[options.scheduler] = run_undisturbed(options, boot)
    return {"ok": all(run.pop("ok") for run in runs.values()), "runs": runs}


# Inside


def guest(options):
    cluster = Cluster(CAPACITIES, options.seed)
    cluster.make_service(options.scheduler, {server.name: 1 for server in cluster.servers})
    poise = Poise(cluster, options.configuration)
    poise.start()
    client = cluster.client("open", "10.0.0.100:80", str(RATE), str(limit_seconds(options)),
                            str(options.seed), CLIENTS)
    changes = watch(cluster, options.secs)
    load = end_client(client, timeout=60)
    writes = poise.writes()
    poise.kill_master()

    weights = cluster.weights()
    for server in cluster.servers:
        cluster.set_capacity(server, 1e6)  # only the choice counts now
    counter = cluster.client("seq", "10.0.0.100:80", str(CONNECTIONS), CLIENTS)
    count = figures_of(counter, timeout=120)
    served = beside_weights(count["servers"], weights)
    gaps = [later - earlier for earlier, later in zip(changes, changes[1:])]
    figures = {
        "weights": weights, "connections": count["servers"], "served_beside_weights": served,
        "at_most_off": TOLERANCE[options.scheduler], "writes": writes, "changes": len(changes),
        "least_between_changes_s": round(min(gaps), 2) if gaps else None,
        "errors": load["errors"] + count["errors"], "sent": load["sent"], "p99_ms": load["p99_ms"],
        "late_mean_ms": load["late_mean_ms"],
    }
    say("%(weights)s served as %(served_beside_weights)s of that" % figures)
    figures["ok"] = (max(abs(share - 1) for share in served.values())
                     <= TOLERANCE[options.scheduler] and
                     max(weights.values()) >= LEAST_SPREAD * min(weights.values()) and
                     is_fit(options.scheduler, weights, gaps) and
                     writes > 0 and figures["errors"] == 0)
    if not figures["ok"]:
        poise.show_logs()
    cluster.stop()
    return figures


def beside_weights(connections, weights):
    """The share of the connections that each got, beside its share of the weights."""
    whole, total = sum(connections.values()), sum(weights.values())
    return {name: round(connections.get(name, 0) / whole / (weight / total), 3)
            for name, weight in weights.items()}


def is_fit(scheduler, weights, gaps):
    """Whether the scheduler can bear such weights, as often as they were written."""
    if scheduler == "sh":
        return sum(weights.values()) <= PLACES
    # A poll sees a change later than it was, by two polls at most on a busy machine.
    return min(gaps, default=BATCH_SECONDS) >= BATCH_SECONDS - 2 * POLL_SECONDS


def watch(cluster, seconds):
    """The moments when the kernel's weights changed."""
    moments, last, end = [], cluster.weights(), time.monotonic() + seconds
    while time.monotonic() < end:
        weights = cluster.weights()
        if weights != last:
            moments.append(time.monotonic())
            last = weights
        time.sleep(POLL_SECONDS)
    return moments
