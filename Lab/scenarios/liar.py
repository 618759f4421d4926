"""An agent that claims its server to be idle gets at most twice that server's base share.

Eight servers of 30 requests/s each on wrr, where a share of the weights is a share of the
connections. The agent of r2 says that its core never works; what it says of requests is true. By its
reports r2 could carry many times what the others do.
"""

import time

from cluster import Cluster, end_client
from poise import Poise
from progress import say

CAPACITIES = [30] * 8
LIAR = "r2"
RATE = 100  # twice its share of that is 83 % of what a server carries
TIMES_BASE = 2.0
SETTLE_SECONDS = 15
COUNT_SECONDS = 20


def limit_seconds(_options):
    return SETTLE_SECONDS + COUNT_SECONDS + 120


def arguments(parser):
    parser.add_argument("--scheduler", choices=["wrr", "sed", "wlc"], default="wrr",
                        help="(default wrr)")


def guest(options):
    cluster = Cluster(CAPACITIES, options.seed)
    cluster.make_service(options.scheduler, {server.name: 1 for server in cluster.servers})
    poise = Poise(cluster, options.configuration)
    poise.settings.agent(LIAR, claims_idle=True)
    poise.start()
    client = cluster.client("open", "10.0.0.100:80", str(RATE), str(limit_seconds(options)),
                            str(options.seed))
    settling = watch(cluster, SETTLE_SECONDS)
    before = cluster.requests()
    counting = watch(cluster, COUNT_SECONDS)
    counts = {name: sum(now) - sum(before[name]) for name, now in cluster.requests().items()}
    say("answered %s" % counts)
    busy = cluster.truth(cluster.server(LIAR))["busy_s"]
    load = end_client(client, timeout=60)
    figures = {
        "share": times_base(counts), "weight_share": round(sum(counting) / len(counting), 3),
        "most_weight_share": max(settling + counting), "at_most": TIMES_BASE,
        "connections": counts, "weights": cluster.weights(), "busy_s": round(busy, 1),
        "writes": poise.writes(), "errors": load["errors"], "sent": load["sent"],
        "p99_ms": load["p99_ms"], "late_mean_ms": load["late_mean_ms"],
    }
    say("the liar has %(share)g of its base share, by weight %(weight_share)g" % figures)
    figures["ok"] = (figures["share"] <= TIMES_BASE and
                     figures["most_weight_share"] <= TIMES_BASE and
                     # The lie was told and heard: the law would give it more than its share.
                     figures["weight_share"] > 1.2 and figures["writes"] > 0 and
                     load["errors"] == 0)
    if not figures["ok"]:
        poise.show_logs()
        poise.show_chain(LIAR)
    cluster.stop()
    return figures


def times_base(parts):
    """The liar's part of all, beside the part that each of so many has."""
    return round(parts[LIAR] * len(parts) / sum(parts.values()), 3)


def watch(cluster, seconds):
    """The liar's part of the kernel's weights, twice a second."""
    seen, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        seen.append(times_base(cluster.weights()))
        time.sleep(0.5)
    return seen
