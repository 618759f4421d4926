"""An agent that claims its server to be idle gets at most twice that server's base share.

Eight servers of 30 requests/s each; what is judged is the share of the connections, which on wrr is
that of the weights, while sed gives its heaviest server some more. The agent of r2 says that its
core never works; what it says of requests is true. By its reports r2 could carry many times what the
others do. The base share is what it began with, and then the average of its share over ten minutes,
as docs/decisions/0010 has it; the judge keeps its own.
"""

import time

from cluster import CLIENTS, Cluster, end_client
from poise import Poise
from progress import say

CAPACITIES = [30] * 8
LIAR = "r2"
RATE = 100  # twice its share of that is 83 % of what a server carries
TIMES_BASE = 2.0
BASE_SECONDS = 600
SETTLE_SECONDS = 15
COUNT_SECONDS = 20


def limit_seconds(_options):
    return SETTLE_SECONDS + COUNT_SECONDS + 120


def arguments(parser):
    parser.add_argument("--scheduler", choices=["wrr", "sed", "wlc", "mh"], default="wrr",
                        help="(default wrr)")


def guest(options):
    cluster = Cluster(CAPACITIES, options.seed)
    cluster.make_service(options.scheduler, {server.name: 1 for server in cluster.servers})
    poise = Poise(cluster, options.configuration)
    poise.settings.agent(LIAR, claims_idle=True)
    poise.start()
    client = cluster.client("open", "10.0.0.100:80", str(RATE), str(limit_seconds(options)),
                            str(options.seed),
                            *([CLIENTS] if options.scheduler == "mh" else []))
    base = Base(cluster)
    base.watch(SETTLE_SECONDS)
    before = cluster.requests()
    base.watch(COUNT_SECONDS)
    counts = {name: sum(now) - sum(before[name]) for name, now in cluster.requests().items()}
    busy = cluster.truth(cluster.server(LIAR))["busy_s"]
    load = end_client(client, timeout=60)
    figures = {
        "share_by_base": round(share(counts) / base.share, 3), "at_most": TIMES_BASE,
        "share_by_first_base": round(share(counts) / base.first, 3),
        "most_weight_by_base": round(base.most, 3), "base": round(base.share, 4),
        "connections": counts, "weights": cluster.weights(), "busy_s": round(busy, 1),
        "writes": poise.writes(), "errors": load["errors"], "sent": load["sent"],
        "p99_ms": load["p99_ms"], "late_mean_ms": load["late_mean_ms"],
    }
    say("the liar has %(share_by_base)g of its base share, %(share_by_first_base)g of the first"
        % figures)
    figures["ok"] = (figures["share_by_base"] <= TIMES_BASE and
                     # The lie was told and heard: the law would give it more than its share.
                     base.most > 1.2 and figures["writes"] > 0 and load["errors"] == 0)
    if not figures["ok"]:
        poise.show_logs()
        poise.show_chain(LIAR)
    cluster.stop()
    return figures


def share(parts):
    """The liar's part of all."""
    return parts[LIAR] / sum(parts.values())


class Base:
    """The liar's base share, from its part of the kernel's weights, asked twice a second."""

    def __init__(self, cluster):
        self._cluster = cluster
        self.first = self.share = share(cluster.weights())
        self.most = 0  # of the weights, beside the base of that moment

    def watch(self, seconds):
        last, end = time.monotonic(), time.monotonic() + seconds
        while time.monotonic() < end:
            now, held = time.monotonic(), share(self._cluster.weights())
            self.share += (held - self.share) * (now - last) / BASE_SECONDS
            self.most, last = max(self.most, held / self.share), now
            time.sleep(0.5)
