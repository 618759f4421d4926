"""Eight unequal servers, one halved at a third of the time: latency with and without Poise.

Capacities 10 20 40 80 10 20 40 80 requests/s, an open loop of 210 requests/s, r8 down to 40 after a
third. Each policy has a machine of its own, with the same arrivals and the same work:

- equal: the same weight for all, for ever
- oracle: weights by true capacity, changed by hand at the moment of the change
- poise: from equal weights; nobody tells it a capacity

mh goes by the client's address, so there the clients have many.
"""

import os
import time

from choices import add_choices
from cluster import CLIENTS, Cluster, figures_of, sleep_until
from poise import Poise, programs
from progress import say
from undisturbed import LATE_MS, run_undisturbed

CAPACITIES = [10, 20, 40, 80, 10, 20, 40, 80]
HALVED, HALF = "r8", 40
RATE = 210
POLICIES = ["wrr-equal", "wlc-equal", "sed-equal", "mh-equal",
            "wrr-oracle", "wlc-oracle", "sed-oracle", "mh-oracle",
            "poise-wrr", "poise-wlc", "poise-sed", "poise-mh"]

# Mean p99 of the first over mean p99 of the second: at most so much in a run of 45 s and more, and
# in a shorter one, where finding the capacities takes up much of the time. None: only reported.
BOUNDS = [("poise-sed", "sed-oracle", 1.2, None), ("poise-sed", "wlc-equal", 0.7, 1.0),
          ("poise-sed", "sed-equal", 1.0, 1.0),
          ("poise-wlc", "wlc-oracle", 1.1, None), ("poise-wlc", "wlc-equal", 1.0, 1.0),
          ("poise-wrr", "wrr-oracle", 1.5, None), ("poise-wrr", "wrr-equal", 0.5, 0.5),
          ("poise-mh", "mh-oracle", None, None), ("poise-mh", "mh-equal", 0.5, None)]
SHORT_SECONDS = 45


def limit_seconds(options):
    return options.secs + 120


def arguments(parser):
    def numbers(text):
        return [int(word) for word in text.split(",")]

    parser.add_argument("--seeds", type=numbers, metavar="1,2,3", help="several instead of --seed")
    parser.add_argument("--secs", type=float, default=60, help="of load (default 60)")
    add_choices(parser, "--policies", POLICIES)


# Outside


def host(options, boot):
    seeds = options.seeds or [options.seed]
    if any(policy.startswith("poise") for policy in options.policies):
        programs(options.configuration)  # missing ones are better missed now than in an hour
    short = options.secs < SHORT_SECONDS
    verdict = judge(measure(options, boot, seeds), short)
    if verdict["worked"] and not verdict["ok"] and short:
        # A stall of the host that is too short to make the client late on average is long beside 20 s.
        options.slow *= 2
        print("A bound was passed. All of it once more, on a clock that goes %g times slower."
              % options.slow, flush=True)
        first = verdict["ratios"]
        verdict = {**judge(measure(options, boot, seeds), short), "first_ratios": first}
    disturbed = sorted(policy for policy, run in verdict.get("runs", {}).items()
                       if any(one["late_mean_ms"] > LATE_MS
                              for one in run.get("by_seed", {"": run}).values()))
    return {**verdict, "seeds": seeds, "secs": options.secs, "disturbed": disturbed,
            "load_average": round(os.getloadavg()[0], 2)}


def measure(options, boot, seeds):
    """The figures of each policy by seed, or of one that ended badly under the key None."""
    runs = {policy: {} for policy in options.policies}
    for seed in seeds:
        for policy in options.policies:
            options.seed, options.policy = seed, policy
            figures = run_undisturbed(options, boot, compared=True)
            if not figures.pop("ok"):
                return {None: {"policy": policy, **figures}}
            runs[policy][str(seed)] = figures
    options.seed = seeds[0]
    return runs


def judge(runs, short):
    """Joins the runs of all seeds, and holds them against the bounds."""
    if None in runs:
        return {"ok": False, "worked": False, **runs[None]}
    joined = {policy: join(by_seed) for policy, by_seed in runs.items()}
    ratios, within = {}, True
    for ours, theirs, full_bound, short_bound in BOUNDS:
        if ours in joined and theirs in joined:
            ratio = joined[ours]["p99_ms"] / max(joined[theirs]["p99_ms"], 0.01)
            bound = short_bound if short else full_bound
            ratios["%s/%s" % (ours, theirs)] = {"is": round(ratio, 3), "at_most": bound}
            within = within and (bound is None or ratio <= bound)
    ours = [run for policy, run in joined.items() if policy.startswith("poise")]
    # A master that wrote nothing would still look well on a scheduler that needs no help.
    worked = all(run["writes"] > 0 and run["errors"] == 0 for run in ours)
    return {"ok": within and worked, "worked": worked, "runs": joined, "ratios": ratios}


def join(by_seed):
    """Means of what is a latency, sums of what is a count; with the single runs if several."""
    if len(by_seed) == 1:
        return next(iter(by_seed.values()))
    joined = {}
    for key in ("p50_ms", "p90_ms", "p99_ms"):
        joined[key] = round(sum(run[key] for run in by_seed.values()) / len(by_seed), 2)
    for key in ("errors", "sent", "writes"):
        joined[key] = sum(run[key] for run in by_seed.values())
    return {**joined, "by_seed": by_seed}


# Inside


def guest(options):
    words = options.policy.split("-")
    with_poise = words[0] == "poise"
    scheduler = words[1] if with_poise else words[0]
    oracle = words[1] == "oracle"
    cluster = Cluster(CAPACITIES, options.seed)
    cluster.make_service(scheduler, {
        server.name: server.capacity if oracle else 1 for server in cluster.servers})
    poise = Poise(cluster, options.configuration) if with_poise else None
    if poise:
        poise.start()
    say("%s, seed %d: %g s of load" % (options.policy, options.seed, options.secs))
    client = cluster.client("open", "10.0.0.100:80", str(RATE), str(options.secs),
                            str(options.seed), *([CLIENTS] if scheduler == "mh" else []))
    sleep_until(time.monotonic() + options.secs / 3)
    cluster.set_capacity(cluster.server(HALVED), HALF)
    if oracle:
        cluster.set_weight(cluster.server(HALVED), HALF)
    figures = figures_of(client, timeout=options.secs + 60)
    figures["writes"] = poise.writes() if poise else int(oracle)
    if poise:
        figures["cpu_seconds"] = poise.cpu_seconds()
    figures["weights"] = cluster.weights()
    figures["ok"] = True
    say("p50 %(p50_ms)g ms, p99 %(p99_ms)g ms, %(errors)d errors of %(sent)d, %(writes)d writes"
        % figures)
    cluster.stop()
    return figures
