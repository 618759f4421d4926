"""A wall clock that is stepped by a year, one server's or everybody's, has no effect.

Four servers of 40 80 160 40 requests/s on wrr, under a load that is quite even, so that no weight
moves by itself. r2's clock alone goes a year ahead, then a year behind; then the clock of the whole
machine, which is that of the director and of all other servers, goes a year ahead and back.
"""

import time

from cluster import Cluster, figures_of
from poise import Poise
from progress import say
from settings import ROOT
from stepclock import OwnClock

CAPACITIES = [40, 80, 160, 40]
# Those that are right for the capacities, on the scale that Poise uses on wrr.
WEIGHTS = {"r1": 4, "r2": 8, "r3": 16, "r4": 4}
RATE = 208  # 65 % of what there is
STEPPED = "r2"
YEAR_SECONDS = 365 * 24 * 3600
SETTLE_SECONDS = 6
# In each step an agent also proves anew that its reports are of now: it does so after 4 s.
STEP_SECONDS = 6
INTERVAL_SECONDS = 0.5


def limit_seconds(_options):
    return SETTLE_SECONDS + 5 * STEP_SECONDS + 120


def guest(options):
    # Seed 0: no work and no moment is left to chance.
    cluster = Cluster(CAPACITIES, seed=0)
    cluster.make_service("wrr", WEIGHTS)
    poise = Poise(cluster, options.configuration)
    clock = OwnClock(ROOT + "/own.clock")
    poise.start({STEPPED: clock})
    steps = [
        ("calm", lambda: None),
        ("one_ahead", lambda: clock.step(YEAR_SECONDS)),
        ("one_behind", lambda: clock.step(-YEAR_SECONDS)),
        ("all_ahead", lambda: step_machine(YEAR_SECONDS)),
        ("all_back", lambda: step_machine(-YEAR_SECONDS)),
    ]
    client = cluster.client("open", "10.0.0.100:80", str(RATE),
                            str(SETTLE_SECONDS + len(steps) * (STEP_SECONDS + 1)), "0")
    time.sleep(SETTLE_SECONDS)
    seen = {}
    for name, step in steps:
        before = poise.state()
        step()
        seen[name] = watch(cluster, poise, before)
        say("%s: %s" % (name, seen[name]))
    load = figures_of(client, timeout=60)
    figures = {
        "steps": seen, "own_clock": clock.is_of(poise.agent_process(STEPPED)),
        "errors": load["errors"], "p99_ms": load["p99_ms"], "late_mean_ms": load["late_mean_ms"],
    }
    figures["ok"] = (figures["own_clock"] and load["errors"] == 0 and
                     all(is_without_effect(step) for step in seen.values()))
    if not figures["ok"]:
        poise.show_logs()
    cluster.stop()
    return figures


def step_machine(seconds):
    time.clock_settime(time.CLOCK_REALTIME, time.time() + seconds)


def watch(cluster, poise, before):
    """What is to be seen after a step: weights twice a second, ages, and what was counted."""
    tables, oldest, following, began = [], 0, True, time.monotonic()
    while time.monotonic() < began + STEP_SECONDS:
        tables.append(cluster.weights())
        members = poise.state()["services"][0]["members"]
        oldest = max([oldest, *(member["reportAgeSeconds"] for member in members)])
        # A weight that is held, and does not follow load, has no chain.
        following = following and all(member.get("chain") for member in members)
        time.sleep(INTERVAL_SECONDS)
    after, seconds = poise.state(), time.monotonic() - began
    reports = {agent["name"]: agent["accepted"] - then["accepted"]
               for agent, then in zip(after["agents"], before["agents"])}
    return {
        "weights": tables[-1],
        "furthest": max(abs(table[name] - WEIGHTS[name]) for table in tables for name in WEIGHTS),
        "writes": after["master"]["writes"] - before["master"]["writes"],
        "oldest_report_s": round(oldest, 2), "following": following,
        "least_applied_share": round(min(reports.values()) * INTERVAL_SECONDS / seconds, 3),
        "refusals": {name: count - before["refusals"].get(name, 0)
                     for name, count in after["refusals"].items()
                     if count > before["refusals"].get(name, 0)},
        "year": time.gmtime().tm_year,
    }


def is_without_effect(step):
    # A weight may go to and fro between neighbours, where the host's other work shifts the load;
    # a step's length is no whole number of intervals.
    return (step["furthest"] <= 1 and not step["refusals"] and step["following"] and
            step["oldest_report_s"] <= 2 * INTERVAL_SECONDS and step["least_applied_share"] > 0.8)
