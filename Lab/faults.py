"""Faults on the way between agents and master, both ways, and on nothing else; or of a whole server.

The kernel's netem sits in a class of its own of each interface, and a filter sends it the datagrams
from and to the master's port. Clients, servers' pages and the rest of the network do not notice.
"""

import os
import subprocess

from netns import within
from settings import MASTER

_PORT = int(MASTER.rpartition(":")[2])
_FOLDER = "/run/lab"

# A table of netem holds deviations from the delay in units of 1/8192 of its spread.
_UNIT = 8192


def spoil_reports(cluster, loss, delay_ms, jitter_ms, duplicate, late, late_ms):
    """From now on, for every datagram of the report path on its own.

    - loss: lost with this chance, in percent
    - delay_ms, jitter_ms: delayed by this, more or less by up to that
    - duplicate: sent twice, in percent, each of the two with a delay of its own
    - late, late_ms: of every hundred so many have that much more delay, so that they arrive after
      datagrams that were sent after them
    """
    _write_table(jitter_ms / late_ms, late)
    _tc("d", _lines(loss, delay_ms, late_ms, duplicate, "sport"))
    for server in cluster.servers:
        _tc(server.name, _lines(loss, delay_ms, late_ms, duplicate, "dport"))


def block_reports(cluster):
    """From now on no datagram leaves an agent: the servers live, and the master hears nothing."""
    for server in cluster.servers:
        _tc(server.name, ["qdisc add dev e0 root handle 1: prio bands 4",
                          "qdisc add dev e0 parent 1:4 handle 4: netem loss 100%",
                          _filter("dport")])


def unblock_reports(cluster):
    for server in cluster.servers:
        _tc(server.name, ["qdisc del dev e0 root"])


def silence(server):
    """From now on it takes nothing from the director but the answers to its agent's reports."""
    director = MASTER.rpartition(":")[0]
    _iptables(server, "-A", "INPUT", "-s", director, "-p", "udp", "--sport", str(_PORT),
              "-j", "ACCEPT")
    _iptables(server, "-A", "INPUT", "-s", director, "-j", "DROP")


def unsilence(server):
    _iptables(server, "-F", "INPUT")


def unplug(server):
    """Its cable is pulled: nobody hears of it, and it hears of nobody."""
    subprocess.run(["ip", "link", "set", "v" + server.name, "down"], check=True)


def replug(server):
    subprocess.run(["ip", "link", "set", "v" + server.name, "up"], check=True)


def _iptables(server, *words):
    # The machine's kernel has no nf_tables.
    with within(server.name):
        subprocess.run(["iptables-legacy", "-w", *words], check=True)


def _write_table(jitter, late):
    """The delays that netem draws from: about 0 for most, about 1 for those that come late."""
    steps = 1000
    os.makedirs(_FOLDER, exist_ok=True)
    with open(_FOLDER + "/late.dist", "w", encoding="ascii") as file:
        for step in range(steps):
            base = 1 if step < steps * late / 100 else 0
            # 7919 and the number of steps have no common factor: every place is taken once.
            place = step * 7919 % steps / (steps - 1)
            file.write("%d\n" % round(_UNIT * (base + jitter * (2 * place - 1))))


def _lines(loss, delay_ms, spread_ms, duplicate, side):
    # No priority leads to the fourth band; only the filter does.
    return ["qdisc add dev e0 root handle 1: prio bands 4",
            "qdisc add dev e0 parent 1:4 handle 4: netem limit 10000 delay %gms %gms "
            "distribution late loss %g%% duplicate %g%%" % (delay_ms, spread_ms, loss, duplicate),
            _filter(side)]


def _filter(side):
    return ("filter add dev e0 parent 1: protocol ip u32 match ip protocol 17 0xff "
            "match ip %s %d 0xffff flowid 1:4" % (side, _PORT))


def _tc(namespace, lines):
    subprocess.run(["tc", "-n", namespace, "-batch", "-"], check=True, text=True,
                   input="".join(line + "\n" for line in lines),
                   env={**os.environ, "TC_LIB_DIR": _FOLDER})


def datagrams(cluster):
    """What became of the datagrams of the report path so far, both ways together."""
    sums = {"passed": 0, "lost": 0}
    for namespace in ["d", *(server.name for server in cluster.servers)]:
        words = subprocess.run(["tc", "-n", namespace, "-s", "qdisc", "show", "dev", "e0", "handle",
                                "4:"], check=True, text=True, stdout=subprocess.PIPE).stdout.split()
        sums["passed"] += int(words[words.index("pkt") - 1])
        sums["lost"] += int(words[words.index("(dropped") + 1].rstrip(","))
    return sums
