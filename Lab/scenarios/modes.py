"""Poise makes the services: masq, direct, tunnel and marks, IPv4 and IPv6; counts follow weights.

Three servers that can carry 1, 2 and 4, on wrr, with nothing but `manage: services`: the kernel's table
is empty at the start. One reload leads from each way to the next, and at last to services by firewall
mark, where those by address must go. Each time the table must be what was declared, and a client counts
who gets how many connections: exactly by the weights. Then come services with all else that IPVS
knows; the kernel must tell them as they were declared, so that nothing is written again. At last come
timeouts and sync daemons of both roles, which the kernel must have.
"""

import time

from cluster import VIP, Cluster, figures_of
from poise import Poise
from progress import say
from waiting import came_true
from ways import MODULES as TUNNELS
from ways import VIP6, WAYS, address6, join6, lead_answers

MODULES = [*TUNNELS, "iptable_mangle", "ip6table_mangle", "xt_mark", "ip_vs_pe_sip"]

CAPACITIES = [1, 2, 4]
WEIGHTS = [3, 6, 12]  # of wrr, by those capacities
ROUNDS = 10
MARK = 7
FLAGS = {"masq": "-m", "direct": "-g", "tunnel": "-i"}
ADDRESSED = ["-t %s:80" % VIP, "-t [%s]:80" % VIP6]
MARKED = ["-f %d" % MARK, "-f %d -6" % MARK]

_WHOLE = ("manage: services, leave: 1s, timeouts: {tcp: 600s, tcp_fin: 60s, udp: 40s}, sync: ["
          "{role: master, id: 5, interface: e0, group: 224.0.0.99, ttl: 2, maxlen: 1400}, "
          "{role: backup, id: 5, interface: e0, group: 224.0.0.99}]")

_MORE = """\
services:
  calls:
    vip: 10.0.0.100:5060/udp
    scheduler: mh
    scheduler_flags: [fallback, port]
    persistence: {timeout: 100s, netmask: "255.255.255.0", engine: sip}
    one_packet: true
    servers:
      - {name: r1, address: 10.0.0.11, port: 5061, upper: 100, lower: 80}
      - {name: r2, address: 10.0.0.12, forward: tunnel, tunnel: {type: gue, port: 6080, checksum: remcsum}}
  six:
    vip: "[fd00::100]:0/sctp"
    scheduler: sh
    scheduler_flags: fallback
    persistence: {timeout: 60min, netmask: 64}
    forward: tunnel
    servers:
      - {name: r1, address: "fd00::11"}
      - {name: r2, address: 10.0.0.12}
      - {name: r3, address: "fd00::13", tunnel: {type: gre, checksum: csum}}
"""
# What ipvsadm must say of them, word by word, among other things; thresholds only its list has.
_MORE_WORDS = [
    "-A -u 10.0.0.100:5060 -s mh -p 100 -M 255.255.255.0 --pe sip -o -b mh-fallback,mh-port",
    "-r 10.0.0.11:5061 -m",
    "-r 10.0.0.12:5060 -i --tun-type gue --tun-port 6080 --tun-remcsum",
    "-A --sctp-service [fd00::100]:0 -s sh -p 3600 -M 64 -b sh-fallback",
    "-r [fd00::11]:0 -i", "-r 10.0.0.12:0 -i", "-r [fd00::13]:0 -i --tun-type gre --tun-csum",
    "-> 10.0.0.11:5061 100 80 0 0",
]


def limit_seconds(_options):
    return 300


def guest(options):
    cluster = Cluster(CAPACITIES, options.seed)
    join6(cluster)
    for server in cluster.servers:
        cluster.set_capacity(server, 1e6)  # only the choice counts
    poise = Poise(cluster, options.configuration, "manage: services, leave: 1s")
    figures = {}
    for way in WAYS:
        poise.settings.services("web", declared(cluster, way, ADDRESSED))
        if way == WAYS[0]:
            poise.start_master()
        else:
            poise.reload_master()
        lead_answers(cluster, through_director=way == "masq")
        figures[way] = judge(cluster, way, ADDRESSED)
    for tables, address in (("iptables-legacy", VIP), ("ip6tables-legacy", VIP6)):
        cluster.run("d", tables, "-t", "mangle", "-A", "PREROUTING", "-d", address, "-p", "tcp",
                    "-j", "MARK", "--set-mark", str(MARK))
    poise.settings.services("web", declared(cluster, "direct", MARKED))
    poise.apply()
    lead_answers(cluster, through_director=False)
    figures["fwmark"] = judge(cluster, "direct", MARKED)

    poise.settings.services("web", _MORE)
    poise.apply()
    figures["more"] = is_told_as_declared(cluster, poise)

    # While a sync daemon runs, a service may have no servers of the other family.
    poise.settings.services("web", declared(cluster, "direct", ADDRESSED))
    poise.apply()
    came_true("what the kernel would refuse beside a sync daemon is gone",
              lambda: set(cluster.services()) == set(ADDRESSED), seconds=30)
    poise.settings.ipvs(_WHOLE)
    poise.reload_master()
    figures["whole"] = has_whole(cluster)
    figures["ok"] = all(part["ok"] for part in figures.values())
    if not figures["ok"]:
        say(cluster.table())
        poise.show_logs(lines=60)
    cluster.stop()
    return figures


def declared(cluster, way, names):
    """The file of both services."""
    lines = ["services:"]
    for name, is_six in zip(names, (False, True)):
        vip = VIP6 if is_six else VIP
        lines.append("  web%d:" % (6 if is_six else 4))
        if name.startswith("-f"):
            lines += ["    fwmark: %d" % MARK, "    family: ipv%d" % (6 if is_six else 4)]
        else:
            lines.append("    vip: \"%s:80/tcp\"" % ("[%s]" % vip if is_six else vip))
        lines += ["    scheduler: wrr", "    forward: %s" % way, "    servers:"]
        lines += ["      - {name: %s, address: \"%s\", port: %d, capacity: %d}"
                  % (server.name, address6(server) if is_six else server.address,
                     0 if name.startswith("-f") else 80, capacity)
                  for server, capacity in zip(cluster.servers, CAPACITIES)]
    return "\n".join(lines) + "\n"


def wanted(cluster, way, names):
    """As Cluster.services() has it."""
    port = 0 if names is MARKED else 80
    return {
        name: {
            "%s:%d" % ("[%s]" % address6(server) if is_six else server.address, port):
            (FLAGS[way], weight) for server, weight in zip(cluster.servers, WEIGHTS)}
        for name, is_six in zip(names, (False, True))}


def judge(cluster, way, names):
    """Whether the table is as declared, and the counts are those of the weights."""
    right = wanted(cluster, way, names)
    figures = {"table": came_true("the table has %s by %s" % (" and ".join(names), way),
                                  lambda: cluster.services() == right, seconds=30)}
    exact = {server.name: ROUNDS * weight for server, weight in zip(cluster.servers, WEIGHTS)}
    for family, address in (("v4", VIP + ":80"), ("v6", "[%s]:80" % VIP6)):
        client = cluster.client("seq", address, str(ROUNDS * sum(WEIGHTS)))
        counted = figures_of(client, timeout=60)
        figures[family] = {"ok": counted["servers"] == exact and counted["errors"] == 0,
                           "connections": counted["servers"], "errors": counted["errors"]}
    figures["ok"] = figures["table"] and figures["v4"]["ok"] and figures["v6"]["ok"]
    say("%s %s: %s" % (way, names[0], figures))
    return figures


def has_whole(cluster):
    """Whether the kernel has the timeouts and both sync daemons."""
    def found():
        told = (cluster.run("d", "ipvsadm", "-L", "--timeout")
                + cluster.run("d", "ipvsadm", "-L", "--daemon"))
        return told if all(part in told for part in (
            "600 60 40", "master sync daemon (mcast=e0, syncid=5", "backup sync daemon (mcast=e0",
            "224.0.0.99")) else None

    ok = came_true("timeouts and sync daemons are set", found, seconds=15)
    figures = {"ok": ok, "told": cluster.run("d", "ipvsadm", "-L", "--daemon").splitlines()}
    say("whole: %s" % figures)
    return figures


def is_told_as_declared(cluster, poise):
    """Whether the kernel took all of _MORE, and the master finds it so."""
    def missing():
        text = cluster.table() + cluster.run("d", "ipvsadm", "-L", "-n", "--thresholds")
        held = [set(line.split()) for line in text.splitlines()]
        return [line for line in _MORE_WORDS
                if not any(words >= set(line.split()) for words in held)]

    has_come = came_true("the services with all else are there", lambda: not missing(), seconds=15)
    # What follows from the change comes within two audits, a second apart; after that six ticks are
    # watched in which nothing may be written again.
    time.sleep(2)
    before = len(poise.log())
    time.sleep(3)
    repeated = [line for line in poise.log()[before:]
                if "set up anew" in line or "somebody" in line or "refused" in line]
    figures = {"ok": has_come and not repeated, "missing": missing(), "repeated": repeated[:5]}
    say("all else: %s" % figures)
    return figures
