"""A server that answers errors at once, and so looks idle, gets nearly nothing, and comes back.

Eight servers of 30 requests/s each. r8 answers every request with an error for a while: quickly, so
that a scheduler that goes by connections sends it more than anybody, and no check of a port sees it.
Then it works again. Each scheduler has a machine of its own; mh goes by the client's address, so
there the clients have many.
"""

import time

from choices import add_choices
from cluster import CLIENTS, Cluster, end_client
from poise import Poise, programs
from progress import say
from undisturbed import run_undisturbed
from waiting import NeverCame, until

CAPACITIES = [30] * 8
RATE = 170  # 71 % of what there is, 81 % of what is left
# Of equals that are idle sed takes the one that was added last.
FAILING = "r8"
SCHEDULERS = ["sed", "wlc", "wrr", "mh"]
SETTLE_SECONDS = 15
# What the error gate may take to see it.
NOTICE_SECONDS = 5
BAD_SHARE = 0.01
BACK_SECONDS, PATIENCE_SECONDS = 45, 75
BACK_SHARE = 0.5
POLL_SECONDS = 0.25


def limit_seconds(options):
    return SETTLE_SECONDS + NOTICE_SECONDS + options.secs + PATIENCE_SECONDS + 120


def arguments(parser):
    parser.add_argument("--secs", type=float, default=40,
                        help="of failure that are judged, after the first %d (default 40)"
                        % NOTICE_SECONDS)
    add_choices(parser, "--schedulers", SCHEDULERS)


# Outside


def host(options, boot):
    programs(options.configuration)  # missing ones are better missed now than in a minute
    runs = {}
    for options.scheduler in options.schedulers:
        runs[options.scheduler] = run_undisturbed(options, boot)
    return {"ok": all(run.pop("ok") for run in runs.values()), "bad_share_at_most": BAD_SHARE,
            "back_s_at_most": BACK_SECONDS, "runs": runs}


# Inside


def guest(options):
    cluster = Cluster(CAPACITIES, options.seed)
    cluster.make_service(options.scheduler, {server.name: 1 for server in cluster.servers})
    poise = Poise(cluster, options.configuration)
    poise.start()
    client = cluster.client("open", "10.0.0.100:80", str(RATE),
                            str(limit_seconds(options)), str(options.seed),
                            *([CLIENTS] if options.scheduler == "mh" else []))
    time.sleep(SETTLE_SECONDS)

    failing = cluster.server(FAILING)
    say("%s: %s fails, at %s" % (options.scheduler, FAILING, cluster.weights()))
    before = cluster.requests()
    cluster.set_failing(failing, True)
    time.sleep(NOTICE_SECONDS)
    noticed = cluster.requests()
    time.sleep(options.secs)
    cluster.set_failing(failing, False)
    works = time.monotonic()
    after = cluster.requests()
    say("%s works again, at %s" % (FAILING, cluster.weights()))

    back = back_after(cluster, works)
    load = end_client(client, timeout=60)
    figures = {
        "bad_share": bad_share(noticed, after), "bad_share_at_first": bad_share(before, noticed),
        "back_s": back, "weights": cluster.weights(), "writes": poise.writes(),
        "errors_elsewhere": load["errors"] - cluster.requests()[FAILING][1],
        "sent": load["sent"], "p99_ms": load["p99_ms"], "late_mean_ms": load["late_mean_ms"],
    }
    say("%(bad_share).4f of all bad, back after %(back_s)s s" % figures)
    figures["ok"] = (figures["bad_share"] <= BAD_SHARE and
                     back is not None and back <= BACK_SECONDS and
                     figures["errors_elsewhere"] == 0 and
                     # It did fail, under load.
                     noticed[FAILING][1] > 0 and load["sent"] > 0)
    if not figures["ok"]:
        poise.show_logs()
        poise.show_chain(FAILING)
    cluster.stop()
    return figures


def bad_share(earlier, later):
    """Of all requests that were answered in between."""
    good, bad = (sum(later[name][kind] - earlier[name][kind] for name in later)
                 for kind in (0, 1))
    return round(bad / (good + bad), 5)


def back_after(cluster, works):
    """Seconds until the server has more than half of what its equals have; None if it never has."""
    def is_back():
        weights = cluster.weights()
        return weights[FAILING] > BACK_SHARE * sum(weights.values()) / len(weights)

    left = works + PATIENCE_SECONDS - time.monotonic()
    try:
        until("%s is back in service" % FAILING, is_back, left, POLL_SECONDS)
    except NeverCame as error:
        say(str(error))
        return None
    return round(time.monotonic() - works, 2)
