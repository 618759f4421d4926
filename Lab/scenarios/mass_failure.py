"""All checks fail at once while every server works: traffic goes on, and nobody is taken out for long.

Six servers whose checks ask another port than clients do. That port stops on all of them in one moment,
as a shared database makes it, and later listens again. No client may notice any of this.
"""

import time

from cluster import SERVICE, Cluster, end_client
from ipvs import weights_of
from poise import Poise
from progress import say
from runner.places import LABNET
from waiting import came_true, until

CAPACITIES = [30] * 6
RATE = 90  # half of what there is, so that one server less is no matter
CHECKED_PORT = "81"
CHECKS = "checks: [{type: http, port: %s}]" % CHECKED_PORT
SETTLE_SECONDS = 10
FAIL_SECONDS, PANIC_WITHIN_SECONDS = 20, 8
BACK_SECONDS = 15
POLL_SECONDS = 0.1


def limit_seconds(_options):
    return SETTLE_SECONDS + FAIL_SECONDS + BACK_SECONDS + 150


def guest(options):
    cluster = Cluster(CAPACITIES, options.seed)
    cluster.make_service("sed", {server.name: 1 for server in cluster.servers})
    sides = start_sides(cluster)
    poise = Poise(cluster, options.configuration)
    poise.settings.web(CHECKS)
    poise.start()
    until("all checks pass", lambda: states(poise) == [True] * len(CAPACITIES), seconds=30)
    client = cluster.client("open", SERVICE, str(RATE), str(limit_seconds(options)),
                            str(options.seed))
    time.sleep(SETTLE_SECONDS)

    say("all checks begin to fail, at %s" % weights_of(SERVICE))
    for side in sides:
        side.kill()
    failed = time.monotonic()
    seen, alarms = [], set()
    while time.monotonic() < failed + FAIL_SECONDS:
        out = sum(weight == 0 for weight in weights_of(SERVICE).values())
        seen.append((time.monotonic() - failed, out))
        alarms.add(alarm(poise))
        time.sleep(POLL_SECONDS)
    failing = states(poise)
    most_out = max(out for _, out in seen)
    out_for_s = round(sum(POLL_SECONDS for _, out in seen if out), 1)
    late_out = sum(out for moment, out in seen if moment > PANIC_WITHIN_SECONDS)
    say("at most %d out, alarms %s, now %s" % (most_out, alarms, weights_of(SERVICE)))

    sides = start_sides(cluster)
    back = came_true("checks pass, and the alarm is over",
                     lambda: states(poise) == [True] * len(CAPACITIES) and not alarm(poise),
                     BACK_SECONDS)
    load = end_client(client, timeout=60)
    figures = {
        "most_out": most_out, "out_for_s": out_for_s, "out_after_panic": late_out,
        "alarms": sorted(filter(None, alarms)), "back": back, "sent": load["sent"],
        "errors": load["errors"], "p99_ms": load["p99_ms"], "late_mean_ms": load["late_mean_ms"],
    }
    figures["ok"] = (failing == [False] * len(CAPACITIES) and most_out <= 1 and late_out == 0 and
                     "panic" in alarms and back and load["errors"] == 0 and load["sent"] > 0)
    if not figures["ok"]:
        poise.show_logs()
        say("states %s" % states(poise))
    cluster.stop()
    return figures


def start_sides(cluster):
    """On each server what its check asks."""
    return [cluster.start(server.name, LABNET, "serve", server.name, CHECKED_PORT)
            for server in cluster.servers]


def service(poise):
    return poise.state()["services"][0]


def alarm(poise):
    return (service(poise).get("alarm") or {}).get("code")


def states(poise):
    """Of each server's check whether it is up; None where that is not known."""
    return [member["checks"][0].get("up") for member in service(poise)["members"]]
