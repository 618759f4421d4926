"""Each kind of check finds the faults of a real server from Debian in time, and its recovery.

nginx, dnsmasq, aiosmtpd and a monitoring plugin are asked by http, https, dns, udp, smtp, icmp, tcp
and exec. Each pair of a check and a fault is a service of its own, of one server with that fault and
one that is well: r1 refuses, r2 is silent, r3 gives wrong answers, r4 shows a certificate that has
expired, r5 is dead. All faults begin together, and none of them may cost the server that is well
anything. Beside them r4's port of the service without checks stops listening, as its agent says.
"""

import time

from cluster import SERVICE, Cluster
from debian import ADDRESS, FOLDER, SITE, Dnsmasq, Mail, Nginx, make_certificates
from faults import replug, silence, unplug, unsilence
from ipvs import mark, weights_of
from netns import sysctl
from poise import Poise
from progress import say
from waiting import NeverCame, came_true, until

# What makes a server silent.
MODULES = ["iptable_filter", "xt_tcpudp"]
SERVERS = 6
REFUSES, SILENT, WRONG, EXPIRED, DEAD, WELL = ("r%d" % number for number in range(1, 7))
SERVER_OF = {"refused": REFUSES, "silent": SILENT, "wrong": WRONG, "expired": EXPIRED, "dead": DEAD}

INTERVAL_SECONDS, EXEC_INTERVAL_SECONDS = 1, 2
SPARE_SECONDS = 1  # beyond three intervals
AGENT_SECONDS = 1.5
BACK_SECONDS = 20
POLL_SECONDS = 0.02

# A question for the text of SITE, as dns has it, to be sent as it is.
_QUESTION = "".join([r"\x12\x34\x01\0\0\x01\0\0\0\0\0\0", r"\x04site\x04test\0\0\x10\0\x01"])
KINDS = {
    "tcp": ("port: 8080", ["refused", "silent", "dead"]),
    "http": ("port: 8080, path: /health, host: %s, body: ^well" % SITE,
             ["refused", "silent", "wrong"]),
    "https": ("port: 8443, path: /health, host: %s, ca: %s/ca.pem" % (SITE, FOLDER),
              ["refused", "silent", "wrong", "expired"]),
    "dns": ("port: 53, name: %s, answer: %s" % (SITE, ADDRESS), ["refused", "silent", "wrong"]),
    "udp": ('port: 53, send: "%s", expect: well' % _QUESTION, ["refused", "silent", "wrong"]),
    "icmp": ("interval: %ds" % INTERVAL_SECONDS, ["silent"]),
    "smtp": ("port: 25", ["refused", "silent", "wrong"]),
    "exec": ("port: 8080, interval: %ds, timeout: 1900ms, user: nobody, command: "
             "[/usr/lib/nagios/plugins/check_http, -I, '{address}', -p, '{port}', -u, /health, "
             "-s, well, -t, 1]" % EXEC_INTERVAL_SECONDS, ["refused", "silent", "wrong"]),
}


class Pair:
    """A check and a fault: a service of its own."""

    def __init__(self, mark, kind, fault, cluster):
        self.mark, self.kind, self.fault = mark, kind, fault
        self.name = "%s-%s" % (kind, fault)
        self.bad = cluster.server(SERVER_OF[fault])
        self.well = cluster.server(WELL)
        interval = EXEC_INTERVAL_SECONDS if kind == "exec" else INTERVAL_SECONDS
        self.limit = 3 * interval + SPARE_SECONDS

    def kernel_lines(self):
        return ["-A -f %d -s sed" % self.mark] + [
            "-a -f %d -r %s -g -w 1" % (self.mark, server.address)
            for server in (self.bad, self.well)]

    def yaml(self):
        return "\n".join([
            "  %s:" % self.name, "    fwmark: %d" % self.mark, "    checks:",
            "      - {type: %s, %s}" % (self.kind, KINDS[self.kind][0]), "    servers:",
            *("      - {name: %s, address: %s, port: 0}" % (server.name, server.address)
              for server in (self.bad, self.well)), ""])


def limit_seconds(_options):
    return 240


def guest(options):
    cluster = Cluster([50] * SERVERS, options.seed)
    cluster.make_service("sed", {server.name: 1 for server in cluster.servers})
    pairs = [Pair(number, kind, fault, cluster) for number, (kind, fault) in enumerate(
        ((kind, fault) for kind, (_, faults) in KINDS.items() for fault in faults), start=1)]
    cluster.ipvsadm([line for pair in pairs for line in pair.kernel_lines()])
    # Which groups may ping is a setting of each namespace.
    sysctl("d", net__ipv4__ping_group_range="0 2147483647")
    make_certificates([server.address for server in cluster.servers])
    programs = {server.name: start_programs(cluster, server) for server in cluster.servers}
    poise = Poise(cluster, options.configuration)
    poise.settings.services("written", "services:\n" + "".join(pair.yaml() for pair in pairs))
    poise.start()
    try:
        figures = run(cluster, pairs, programs, poise)
    except NeverCame:
        poise.show_logs()
        show(poise, pairs)
        raise
    if not figures["ok"]:
        poise.show_logs()
        show(poise, pairs)
    cluster.stop()
    return figures


def start_programs(cluster, server):
    kinds = [Nginx] if server.name == EXPIRED else [Nginx, Dnsmasq, Mail]
    programs = [kind(cluster, server) for kind in kinds]
    for program in programs:
        program.start()
    return programs


def run(cluster, pairs, programs, poise):
    until("all checks pass", lambda: all_pass(poise, pairs), seconds=60)
    say("all checks pass")
    began = spoil(cluster, programs)
    found = measure(pairs, began)
    say("found after %s" % found)
    texts = {pair.name: text_of(poise, pair) for pair in pairs}
    well_kept = all(weights_of(mark(pair.mark))[pair.well.address] > 0 for pair in pairs)
    mend(cluster, programs)
    mended = time.monotonic()
    back = came_true("all are back",
                     lambda: all(weights_of(mark(pair.mark))[pair.bad.address] > 0 for pair in pairs),
                     BACK_SECONDS)
    back_s = round(time.monotonic() - mended, 2) if back else None
    stopped = time.monotonic()
    cluster.kill_server(cluster.server(EXPIRED))
    by_agent = out_after(cluster.server(EXPIRED), stopped)
    late = {pair.name: found[pair.name] for pair in pairs
            if found[pair.name] is None or found[pair.name] > pair.limit}
    return {
        "found_s": found, "late": late, "said": texts, "well_kept": well_kept, "back_s": back_s,
        "by_agent_s": by_agent,
        "ok": (not late and well_kept and back and by_agent is not None
               and by_agent <= AGENT_SECONDS),
    }


def spoil(cluster, programs):
    """All faults, one right after the other; when each of them began."""
    began = {}
    for fault, name in SERVER_OF.items():
        began[fault] = time.monotonic()
        server = cluster.server(name)
        if fault == "refused":
            for program in programs[name]:
                program.stop()
        elif fault == "silent":
            silence(server)
        elif fault == "wrong":
            for program in programs[name]:
                program.restart(wrong=True)
        elif fault == "expired":
            programs[name][0].restart(certificate="expired")
        else:
            unplug(server)
    return began


def mend(cluster, programs):
    for program in programs[REFUSES]:
        program.start()
    unsilence(cluster.server(SILENT))
    for program in [*programs[WRONG], *programs[EXPIRED]]:
        program.restart()
    replug(cluster.server(DEAD))


def measure(pairs, began):
    """Seconds from each fault to the weight 0; none where that was waited for in vain."""
    found = {pair.name: None for pair in pairs}
    end = time.monotonic() + max(pair.limit for pair in pairs) + 5
    while time.monotonic() < end and None in found.values():
        for pair in pairs:
            if found[pair.name] is None and weights_of(mark(pair.mark))[pair.bad.address] == 0:
                found[pair.name] = round(time.monotonic() - began[pair.fault], 2)
        time.sleep(POLL_SECONDS)
    return found


def out_after(server, since):
    """Seconds until the service without checks has it at 0."""
    try:
        until("%s is out, by its agent" % server.name,
              lambda: weights_of(SERVICE)[server.address] == 0, 10, POLL_SECONDS)
    except NeverCame as error:
        say(str(error))
        return None
    return round(time.monotonic() - since, 2)


# What the kernel and the master say


def members_of(state, pair):
    service = next(one for one in state["services"] if one["name"] == pair.name)
    return {member["server"]: member for member in service["members"]}


def all_pass(poise, pairs):
    state = poise.state()
    return all(check.get("up") for pair in pairs
               for member in members_of(state, pair).values() for check in member["checks"])


def text_of(poise, pair):
    return members_of(poise.state(), pair)[pair.bad.name]["checks"][0].get("text")


def show(poise, pairs):
    state = poise.state()
    for pair in pairs:
        for member in members_of(state, pair).values():
            say("%s %s weight %s %s %s" % (
                pair.name, member["server"], member["weight"], member["reason"]["code"],
                member["checks"]))
