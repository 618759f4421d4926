"""Somebody else writes the table of services that Poise makes: all of it is put back, under load.

Four servers under load; every 13 seconds another hand: `ipvsadm -C`, a weight of 0, another scheduler,
another way to forward, a server less, the service gone, a server more. Each time the table must be as
declared within three seconds, with weights as they were (but for the one that was deleted alone, which
comes back slowly, as every server does that was away for a tick), and the clients' errors must be those
of the moments in between. A service that Poise did not make is left alone all the time; it too is gone
after -C, and Poise does not make it. (Row 9 of the failures: a table that is cleared.)
"""

import json
import time

from cluster import SERVICE, Cluster, end_client
from poise import Poise
from progress import say
from waiting import came_true, until

MODULES = ["ip_vs_rr"]

CAPACITIES = [20, 40, 80, 40, 40]
DECLARED = 4  # the fifth is in the cluster, and not in the service
RATE = 100
SETTLE_SECONDS = 20
# Poise lets somebody have their way who changes a service more than five times in a minute.
PAUSE_SECONDS = 13
LIMIT_SECONDS = 3
LEAVE_SECONDS = 4
NAME = "-t " + SERVICE
STRANGER = "-t 10.0.0.100:8080"
# Weights go on following load meanwhile, and the scale of wrr is small.
MOST_MOVED = 0.35
# Of all: what is asked in the moments without a service or with a dead way is lost.
MOST_ERRORS = 0.06

_SERVICE_YAML = """\
services:
  web:
    vip: 10.0.0.100:80/tcp
    scheduler: wrr
    forward: direct
    servers:
"""


def limit_seconds(_options):
    return SETTLE_SECONDS + 9 * (PAUSE_SECONDS + LIMIT_SECONDS) + 120


def guest(options):
    cluster = Cluster(CAPACITIES, options.seed)
    servers = cluster.servers[:DECLARED]
    poise = Poise(cluster, options.configuration,
                  "manage: services, leave: %ds" % LEAVE_SECONDS)
    poise.settings.services("web", _SERVICE_YAML + "".join(
        "      - {name: %s, address: %s}\n" % (server.name, server.address)
        for server in servers))
    stranger = ["-A %s -s rr" % STRANGER, "-a %s -r 10.0.0.11:8080 -m -w 0" % STRANGER]
    cluster.ipvsadm(stranger)
    for server in servers:
        poise.start_agent(server.name)
    poise.start_master()
    until("the service is there and heard of", lambda: all(
        member.get("reportAgeSeconds") is not None and member.get("weight") is not None
        for member in poise.state()["services"][0]["members"]), seconds=30)
    client = cluster.client("open", SERVICE, str(RATE), str(limit_seconds(options)),
                            str(options.seed))
    time.sleep(SETTLE_SECONDS)

    figures, untouched = {}, True
    for deed, lines in deeds(servers, cluster.servers[DECLARED]).items():
        before = weights(cluster)
        # Of the way to forward and the scheduler ipvsadm wants the rest, too.
        cluster.ipvsadm([line.replace("WEIGHT", str(before[servers[0].destination]))
                         for line in lines])
        began = time.monotonic()
        is_back = came_true("%s is undone" % deed, lambda: is_whole(cluster, servers),
                            seconds=LIMIT_SECONDS)
        took = time.monotonic() - began
        if deed == "delete":
            before.pop(servers[2].destination)
        moved = how_far(before, weights(cluster)) if is_back else None
        figures[deed] = {"ok": is_back and moved <= MOST_MOVED, "back_s": round(took, 2),
                         "moved": moved}
        say("%s: %s" % (deed, figures[deed]))
        held = cluster.services()
        if deed == "clear":
            untouched &= STRANGER not in held
            cluster.ipvsadm(stranger)
        else:
            untouched &= held.get(STRANGER) == {"10.0.0.11:8080": ("-m", 0)}
        time.sleep(max(0, began + PAUSE_SECONDS - time.monotonic()))
    stays = set(cluster.services()[NAME]) == {server.destination for server in servers}
    load = end_client(client, timeout=60)
    told = [line for line in poise.log() if "somebody" in line]
    result = {"deeds": figures, "stranger_untouched": untouched, "added_server_gone": stays,
              "told": len(told), "sent": load["sent"], "errors": load["errors"],
              "p99_ms": load["p99_ms"], "late_mean_ms": load["late_mean_ms"]}
    result["ok"] = (all(one["ok"] for one in figures.values()) and untouched and stays and
                    len(told) >= len(figures) and
                    load["errors"] <= MOST_ERRORS * load["sent"])
    if not result["ok"]:
        say(cluster.table())
        say(json.dumps(result))
        poise.show_logs(lines=60)
    cluster.stop()
    return result


def deeds(servers, stranger):
    """What the other hand does, by name, as lines of ipvsadm."""
    first, second, third = (server.destination for server in servers[:3])
    return {
        "clear": ["-C"],
        "zero": ["-e %s -r %s -g -w 0" % (NAME, second)],
        "scheduler": ["-E %s -s rr" % NAME],
        "forward": ["-e %s -r %s -m -w WEIGHT" % (NAME, first)],
        "delete": ["-d %s -r %s" % (NAME, third)],
        "delete_service": ["-D %s" % NAME],
        "add": ["-a %s -r %s -g -w 1" % (NAME, stranger.destination)],
    }


def weights(cluster):
    return {name: weight for name, (_, weight) in cluster.services().get(NAME, {}).items()}


def is_whole(cluster, servers):
    """As declared; a server too many may still have connections, but gets none."""
    held = cluster.services().get(NAME, {})
    ours = {server.destination for server in servers}
    return ("-A %s -s wrr" % NAME in cluster.table() and ours <= set(held) and
            all(held[name][0] == "-g" and held[name][1] > 0 for name in ours) and
            all(weight == 0 for name, (_, weight) in held.items() if name not in ours))


def how_far(before, after):
    """The most that a weight moved, beside the mean."""
    mean = sum(before.values()) / len(before)
    return round(max(abs(after[name] - weight) / mean for name, weight in before.items()), 3)
