"""What 1,000 TCP checks a second cost the director, by keepalived and by Poise, and agents instead.

One after another in one kernel, with the same servers: keepalived with a TCP_CHECK of each member once a
second, Poise with a tcp check of each, and Poise with an agent for each that reports once a second. The
figures are CPU seconds of the processes over seconds of the clock; `connections` counts what the servers
really accepted. All weights begin equal, so that none is written meanwhile.
"""

import json
import os
import signal
import subprocess
import time

from cluster import Cluster
from ipvs import tables
from netns import within
from poise import Poise, cpu_seconds_of, programs
from progress import say
from runner.places import REPOSITORY, LabError
from settings import ROOT
from waiting import until

PORT = 80
VIP = "10.0.0.101"
SERVICE = "%s:%d" % (VIP, PORT)
NETWORK = "10.2.0.0/16"
WEIGHT = 1000
SETTLE_SECONDS = 10
REPORTS_PORT = 7917

_KEEPALIVED = """\
global_defs {{
  router_id d
  script_user root
  checker_priority 0
}}
virtual_server {vip} {port} {{
  lb_algo wrr
  lb_kind DR
  protocol TCP
  delay_loop 1
{members}}}
"""
_MEMBER = """\
  real_server {address} {port} {{
    weight {weight}
    TCP_CHECK {{
      connect_timeout 1
    }}
  }}
"""


def limit_seconds(options):
    return 4 * (options.secs + SETTLE_SECONDS) + 400


def arguments(parser):
    parser.add_argument("--members", type=int, default=1000, help="(default 1000)")
    parser.add_argument("--secs", type=float, default=20, help="measured of each (default 20)")


def guest(options):
    load_program = os.path.join(REPOSITORY, ".build", options.configuration, "Load")
    if not os.access(load_program, os.X_OK):
        raise LabError("Build first: swift build -c %s --product Load" % options.configuration)
    cluster = Cluster([1000], options.seed)
    (server,) = cluster.servers
    # All of a network are one server.
    cluster.run("c", "ip", "-n", server.name, "route", "add", "local", NETWORK, "dev", "lo")
    cluster.run("c", "ip", "-n", "d", "route", "add", NETWORK, "via", server.address)
    cluster.run("c", "ip", "-n", "d", "addr", "add", VIP + "/32", "dev", "e0")
    addresses = ["10.2.%d.%d" % (number // 250, number % 250 + 1)
                 for number in range(options.members)]

    figures = {"members": options.members, "seconds": options.secs}
    figures["keepalived"] = keepalived(cluster, addresses, options)
    say("keepalived: %(keepalived)s" % figures)
    figures["poise"] = poise_checks(cluster, addresses, options)
    say("Poise: %(poise)s" % figures)
    figures["agents"] = poise_agents(cluster, load_program, options)
    say("Poise with agents: %(agents)s" % figures)
    reference = figures["keepalived"]["cpu_share"]
    figures["ratio"] = round(figures["poise"]["cpu_share"] / reference, 4)
    figures["ratio_with_agents"] = round(figures["agents"]["cpu_share"] / reference, 4)
    expected = options.members * options.secs
    figures["ok"] = (figures["ratio"] <= 1 and figures["ratio_with_agents"] <= 0.2 and
                     figures["poise"]["writes"] == 0 and
                     all(figures[who]["connections"] >= 0.95 * expected
                         for who in ("keepalived", "poise")) and
                     figures["agents"]["reports"] >= 0.95 * expected)
    cluster.stop()
    return figures


def measure(cluster, seconds, processes):
    """Share of the CPU, and connections that the server accepted, from now on for that long."""
    def now():
        return (sum(map(cpu_seconds_of, processes)), accepted(cluster), time.monotonic())

    before = now()
    time.sleep(seconds)
    used, connections, took = (after - then for after, then in zip(now(), before))
    return {"cpu_share": round(used / took, 4), "connections": connections}


def accepted(cluster):
    with within(cluster.servers[0].name), open("/proc/thread-self/net/snmp",
                                               encoding="ascii") as file:
        names, values = (line.split() for line in file if line.startswith("Tcp:"))
    return int(values[names.index("PassiveOpens")])


# keepalived


def keepalived(cluster, addresses, options):
    path = "/run/keepalived.conf"
    with open(path, "w", encoding="ascii") as file:
        file.write(_KEEPALIVED.format(vip=VIP, port=PORT, members="".join(
            _MEMBER.format(address=address, port=PORT, weight=WEIGHT)
            for address in addresses)))
    main = cluster.start("d", "keepalived", "-C", "-n", "-f", path, "-p", "/run/keepalived.pid",
                         "-c", "/run/checkers.pid", stderr=subprocess.DEVNULL)
    until("keepalived has all servers in the table",
          lambda: len(tables()[SERVICE]) == len(addresses), seconds=120, pause=0.5)
    time.sleep(SETTLE_SECONDS)
    with open("/run/checkers.pid", encoding="ascii") as file:
        checkers = int(file.read())
    figures = measure(cluster, options.secs, [main.pid, checkers])
    main.send_signal(signal.SIGTERM)
    main.wait(timeout=60)
    return figures


# Poise


def poise_checks(cluster, addresses, options):
    cluster.ipvsadm(["-C", "-A -t %s -s wrr" % SERVICE] + [
        "-a -t %s -r %s:%d -g -w %d" % (SERVICE, address, PORT, WEIGHT) for address in addresses])
    poise = Poise(cluster, options.configuration)
    poise.settings.services("web", "\n".join([
        "services:", "  web:", "    vip: %s/tcp" % SERVICE, "    checks: [{type: tcp}]",
        "    servers:"] + ["      - {name: m%d, address: %s}" % (number, address)
                           for number, address in enumerate(addresses)] + [""]))
    poise.start_master()
    poise.wait_for_answers()
    until("all checks pass", lambda: all(
        member["checks"][0].get("up") for member in poise.state()["services"][0]["members"]),
        seconds=60, pause=1)
    time.sleep(SETTLE_SECONDS)
    figures = measure(cluster, options.secs, [poise.master_process()])
    figures["writes"] = poise.writes()
    poise.kill_master()
    return figures


def poise_agents(cluster, load_program, options):
    """An agent for each member; Load speaks for all of them, from a process of its own."""
    folder = ROOT + "/load"
    os.makedirs(folder)
    subprocess.run([load_program, "prepare", folder, str(options.members), str(REPORTS_PORT)],
                   check=True)
    cluster.ipvsadm(["-C", *kernel_lines(folder)])
    with open(folder + "/master.yaml", encoding="ascii") as file:
        text = file.read().replace("table: memory", "table: kernel")
    with open(folder + "/master.yaml", "w", encoding="ascii") as file:
        file.write(text)
    log = open(folder + "/master.log", "ab")  # it lives as long as this machine
    master = cluster.start("d", programs(options.configuration)["poise-master"], "--config",
                           folder + "/master.yaml", stdout=log, stderr=log)
    until("the master answers", lambda: os.path.exists(folder + "/admin.sock"), seconds=30)
    agents = cluster.start("d", load_program, "fleet", folder, str(REPORTS_PORT), "1000",
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    time.sleep(2 * SETTLE_SECONDS)
    before = ask(agents, "figures")["sent"]
    figures = measure(cluster, options.secs, [master.pid])
    figures["reports"] = ask(agents, "figures")["sent"] - before
    master.kill()
    agents.kill()
    return figures


def kernel_lines(folder):
    """The services that Load declared, as ipvsadm makes them."""
    lines, service = [], None
    with open(folder + "/services.d/all.yaml", encoding="ascii") as file:
        for line in file:
            words = line.replace(",", " ").replace("}", " ").split()
            if words[0] == "vip:":
                service = words[1].removesuffix("/tcp")
                lines.append("-A -t %s -s sed" % service)
            elif words[0] == "-":
                address = words[words.index("address:") + 1]
                lines.append("-a -t %s -r %s:80 -g -w %d" % (service, address, WEIGHT))
    return lines


def ask(agents, command):
    agents.stdin.write(command + "\n")
    agents.stdin.flush()
    return json.loads(agents.stdout.readline())
