"""A bad path from agents to master and back: nothing is removed, weights are as on a good one.

Two machines under the same load: four servers of 60 120 240 120 requests/s on sed. In one of them
every datagram between agents and master, either way, is lost with a chance of 20 %, 200 ms late,
now and then doubled or so late that it comes after those that were sent after it. Clients notice
nothing of that.
"""

import time

from cluster import Cluster, figures_of
from faults import datagrams, spoil_reports
from poise import Poise, programs
from progress import say
from undisturbed import run_undisturbed

CAPACITIES = [60, 120, 240, 120]
RATE = 378  # 70 % of what there is
FAULTS = {"loss": 20, "delay_ms": 200, "jitter_ms": 50, "duplicate": 10, "late": 10, "late_ms": 700}
SETTLE_SECONDS = 20
INTERVAL_SECONDS = 0.5
STALE_SECONDS = 5
# Mean weights of the machine with faults beside the one without, both as shares of their sum: the
# sum means nothing to a scheduler, and floats within the dead band. Chance alone makes 1 to 2 %.
TOLERANCE = 0.05
# The share of the reports made: a tenth comes late and is refused, a fifth of the rest is lost.
LEAST_APPLIED, MOST_APPLIED = 0.55, 0.9


def limit_seconds(options):
    return SETTLE_SECONDS + options.secs + 120


def arguments(parser):
    parser.add_argument("--secs", type=float, default=35,
                        help="over which weights are averaged (default 35)")
    parser.add_argument("--noise", action="store_true",
                        help="also a second run without faults, to see what chance alone does")


# Outside


def host(options, boot):
    programs(options.configuration)  # missing ones are better missed now than in a minute
    return run_undisturbed(options, lambda options: both(options, boot))


def both(options, boot):
    """Both machines, and what they come to."""
    runs = {}
    for name in ["lossy", "good", *(["again"] if options.noise else [])]:
        options.faults = name == "lossy"
        runs[name] = boot(options)
        if not runs[name].pop("ok"):
            return {"ok": False, "run": name, **runs[name]}
    good, lossy = runs["good"], runs["lossy"]
    applied = lossy["applied_share"]
    figures = {"runs": runs, "late_mean_ms": max(run["late_mean_ms"] for run in runs.values()),
               "shares_differ": differ(lossy, good, "shares"),
               "weights_differ": differ(lossy, good, "weights"), "at_most": TOLERANCE}
    if options.noise:
        figures["noise"] = differ(runs["again"], good, "shares")
    figures["ok"] = (
        max(map(abs, figures["shares_differ"].values())) <= TOLERANCE and
        # There is something to compare: weights were written, and differ as the servers do.
        all(run["writes"] > 0 and max(run["shares"].values()) > 1.5 * min(run["shares"].values())
            for run in (good, lossy)) and
        # The faults were there, and nowhere in the run without them.
        LEAST_APPLIED < applied < MOST_APPLIED and good["applied_share"] > 0.95 and
        all(lossy["refusals"].get(reason, 0) > 0 for reason in ("late", "duplicate")) and
        not any(good["refusals"].get(reason, 0) for reason in ("late", "duplicate")))
    return figures


def differ(run, other, what):
    """By how much each server's is above or below that of the other run, as a share of it."""
    return {name: round(run[what][name] / value - 1, 4) for name, value in other[what].items()}


# Inside


def guest(options):
    cluster = Cluster(CAPACITIES, options.seed)
    cluster.make_service("sed", {server.name: 1 for server in cluster.servers})
    if options.faults:
        spoil_reports(cluster, **FAULTS)
    poise = Poise(cluster, options.configuration)
    poise.start()
    say("%s path, seed %d" % ("lossy" if options.faults else "good", options.seed))
    client = cluster.client("open", "10.0.0.100:80", str(RATE),
                            str(SETTLE_SECONDS + options.secs), str(options.seed))
    settling = watch(cluster, poise, SETTLE_SECONDS)
    before = poise.state()
    began = time.monotonic()
    seen = watch(cluster, poise, options.secs)
    after = poise.state()
    seconds = time.monotonic() - began
    load = figures_of(client, timeout=60)
    whole = settling["tables"] + seen["tables"]
    means = {name: sum(table[name] for table in seen["tables"]) / len(seen["tables"])
             for name in set.intersection(*map(set, whole))}
    figures = {
        "weights": {name: round(mean, 1) for name, mean in sorted(means.items())},
        "shares": {name: round(mean / sum(means.values()), 5)
                   for name, mean in sorted(means.items())},
        "samples": len(seen["tables"]),
        "removed": sorted({server.name for server in cluster.servers} - set(means)),
        "least_weight": min(min(table.values()) for table in whole),
        "oldest_report_s": max(settling["oldest_report_s"], seen["oldest_report_s"]),
        "applied_share": round((applied(after) - applied(before)) * INTERVAL_SECONDS
                               / (seconds * len(cluster.servers)), 3),
        "refusals": after["refusals"],
        "writes": after["master"]["writes"],
        "errors": load["errors"], "sent": load["sent"], "p99_ms": load["p99_ms"],
        "late_mean_ms": load["late_mean_ms"],
    }
    if options.faults:
        figures["datagrams"] = datagrams(cluster)
    figures["ok"] = (not figures["removed"] and figures["least_weight"] > 0 and
                     figures["oldest_report_s"] < STALE_SECONDS and load["errors"] == 0)
    say("weights %(weights)s, %(applied_share)g of the reports applied" % figures)
    if not figures["ok"]:
        poise.show_logs()
    cluster.stop()
    return figures


def watch(cluster, poise, seconds):
    """Weights of the kernel, twice a second, and the oldest report that the master went by."""
    tables, oldest, end = [], 0, time.monotonic() + seconds
    while time.monotonic() < end:
        tables.append(cluster.weights())
        oldest = max([oldest, *(member["reportAgeSeconds"]
                                for member in poise.state()["services"][0]["members"])])
        time.sleep(0.5)
    return {"tables": tables, "oldest_report_s": round(oldest, 2)}


def applied(state):
    return sum(agent["accepted"] for agent in state["agents"])
