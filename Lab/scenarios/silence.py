"""All reports are blocked: no weight is written any more, and the traffic goes on.

Four servers of 20 40 80 40 requests/s, with nobody's reports reaching the master from one moment
on. Then r4 falls to a quarter of its speed, which nobody can know: the weights must stand. When
reports come through again the master must follow that. sed and wlc look at the connections and send
r4 less themselves, so no request may fail there; with weights that stand, wrr and mh cannot, and what
waits at r4 for longer than the client does is only counted.
"""

import time

from cluster import CLIENTS, Cluster, end_client
from faults import block_reports, unblock_reports
from poise import Poise
from progress import say
from waiting import came_true, until

CAPACITIES = [20, 40, 80, 40]
SLOWED, QUARTER = "r4", 10
RATE = 125  # 70 % of what there is, 83 % once r4 is slow
SETTLE_SECONDS = 12
# The oldest report that counts is 5 s old.
HOLD_SECONDS = 8
SILENT_SECONDS = 15
LOOK_AT_CONNECTIONS = ["sed", "wlc"]
FOLLOW_SECONDS = 15


def limit_seconds(_options):
    return SETTLE_SECONDS + HOLD_SECONDS + SILENT_SECONDS + FOLLOW_SECONDS + 120


def arguments(parser):
    parser.add_argument("--scheduler", choices=["sed", "wlc", "wrr", "mh"], default="sed",
                        help="(default sed)")


def guest(options):
    cluster = Cluster(CAPACITIES, options.seed)
    cluster.make_service(options.scheduler, {server.name: 1 for server in cluster.servers})
    poise = Poise(cluster, options.configuration)
    poise.start()
    client = cluster.client("open", "10.0.0.100:80", str(RATE), str(limit_seconds(options)),
                            str(options.seed),
                            *([CLIENTS] if options.scheduler == "mh" else []))
    time.sleep(SETTLE_SECONDS)

    block_reports(cluster)
    blocked = time.monotonic()
    hold = until("the whole service holds", lambda: held(poise), HOLD_SECONDS)
    held_after = round(time.monotonic() - blocked, 2)
    say("after %g s: %s" % (held_after, hold["text"]))
    before, writes, answered = cluster.table(), poise.writes(), cluster.requests()
    cluster.set_capacity(cluster.server(SLOWED), QUARTER)
    tables, holds = watch(cluster, poise, SILENT_SECONDS)
    writes_held, served = poise.writes() - writes, rates(answered, cluster.requests())

    unblock_reports(cluster)
    follows = came_true("weights are written again", lambda: poise.writes() > writes + writes_held,
                        FOLLOW_SECONDS)
    load = end_client(client, timeout=60)
    figures = {
        "held_after_s": held_after, "hold": hold["code"], "held_always": holds == {True},
        "writes_before": writes, "writes_held": writes_held,
        "table_same": tables == {before}, "served_per_second": served, "follows": follows,
        "errors": load["errors"], "sent": load["sent"], "p99_ms": load["p99_ms"],
        "late_mean_ms": load["late_mean_ms"],
    }
    figures["ok"] = (writes > 0 and writes_held == 0 and figures["table_same"] and
                     figures["held_always"] and min(served.values()) > 0 and follows and
                     (load["errors"] == 0 or options.scheduler not in LOOK_AT_CONNECTIONS))
    if not figures["ok"]:
        poise.show_logs()
    cluster.stop()
    return figures


def held(poise):
    """Why the whole service holds; None while it does not."""
    return poise.state()["services"][0].get("hold")


def watch(cluster, poise, seconds):
    """The different tables of the kernel in that time, and whether the service held."""
    tables, holds, end = set(), set(), time.monotonic() + seconds
    while time.monotonic() < end:
        tables.add(cluster.table())
        holds.add(held(poise) is not None)
        time.sleep(0.25)
    return tables, holds


def rates(earlier, later):
    """Requests answered by each server, a second of the silence."""
    return {name: round((later[name][0] - earlier[name][0]) / SILENT_SECONDS, 1)
            for name in later}
