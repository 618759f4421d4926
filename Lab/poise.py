"""Poise in the cluster: real programs, an agent on each real server, the master on the director.

Configuration and keys are made anew in each machine, below /run/poise, where nothing was before.
"""

import json
import os
import re
import signal
import subprocess
import sys

from runner.places import REPOSITORY, LabError
from waiting import NeverCame, until

ROOT = "/run/poise"
SOCKET = ROOT + "/admin.sock"
MASTER = "10.0.0.1:7817"

_MASTER_YAML = """\
version: 1
key: master.key
agents: agents
listen:
  reports: "{master}"
  admin: {socket}
ipvs:
  manage: weights
"""

_SERVICE_YAML = """\
services:
  web:
    vip: 10.0.0.100:80/tcp
    servers:
"""

_AGENT_CONF = """\
[agent]
key = {root}/{name}.key
interval = 500ms
master = {master} {master_key}

[host]
source = prometheus
prometheus = http://{address}:80/metrics
cpu-busy = emulated_busy_seconds_total
runnable = emulated_runnable_seconds_total
cores = emulated_cores

[service web]
port = 80
prometheus = http://{address}:80/metrics
requests = emulated_requests_total
errors = emulated_errors_total
in-flight = emulated_in_flight
"""


def programs(configuration):
    """The paths of the built programs, by name.

    The agent is the static one that is shipped; `configuration` chooses the other two.
    """
    found = {
        "poise-agent": os.path.join(REPOSITORY, ".build/agent/poise-agent"),
        "poise-master": os.path.join(REPOSITORY, ".build", configuration, "poise-master"),
        "poise": os.path.join(REPOSITORY, ".build", configuration, "poise"),
    }
    missing = sorted(path for path in found.values() if not os.access(path, os.X_OK))
    if missing:
        raise LabError("Build first, by script/build --configuration %s; not there: %s."
                       % (configuration, ", ".join(missing)))
    return found


class Poise:
    """One master and its agents. Make it when the cluster and its virtual service are there."""

    def __init__(self, cluster, configuration):
        self._cluster = cluster
        self._programs = programs(configuration)
        self._agents = {}
        self._master = None
        os.makedirs(ROOT + "/agents", exist_ok=True)
        os.makedirs(ROOT + "/services.d", exist_ok=True)
        master_key = self._keygen("poise-master", "master")
        for server in cluster.servers:
            _write("agents/%s.pub" % server.name, self._keygen("poise-agent", server.name) + "\n")
            _write(server.name + ".conf", _AGENT_CONF.format(
                root=ROOT, name=server.name, address=server.address, master=MASTER,
                master_key=master_key))
        _write("master.yaml", _MASTER_YAML.format(master=MASTER, socket=SOCKET))
        _write("services.d/web.yaml", _SERVICE_YAML + "".join(
            "      - {name: %s, address: %s}\n" % (server.name, server.address)
            for server in cluster.servers))

    def _keygen(self, program, name):
        printed = subprocess.run([self._programs[program], "keygen", "%s/%s.key" % (ROOT, name)],
                                 check=True, stdout=subprocess.PIPE, text=True).stdout
        return re.search(r"poise-pk1-\S+", printed).group()

    # Life and death

    def start(self):
        """Master and agents; returns when the master has a fresh report of every server."""
        for server in self._cluster.servers:
            self.start_agent(server.name)
        self.start_master()
        self.wait_for_reports()

    def start_master(self):
        self._master = self._start("d", "master", "poise-master", ROOT + "/master.yaml")

    def start_agent(self, name):
        self._agents[name] = self._start(name, name, "poise-agent", "%s/%s.conf" % (ROOT, name))

    def _start(self, namespace, name, program, configuration):
        with open("%s/%s.log" % (ROOT, name), "ab") as log:
            return self._cluster.start(
                namespace, self._programs[program], "--config", configuration,
                stdout=log, stderr=log)

    def kill_agent(self, name):
        """SIGKILL: it says no goodbye."""
        _kill(self._agents[name])

    def kill_master(self):
        _kill(self._master)

    def pause_agents(self):
        """SIGSTOP: they live, and say nothing."""
        for agent in self._agents.values():
            agent.send_signal(signal.SIGSTOP)

    def resume_agents(self):
        for agent in self._agents.values():
            agent.send_signal(signal.SIGCONT)

    def wait_for_snapshot(self):
        """Until the master answers people."""
        return until("the master answers", self.snapshot, seconds=30)

    def wait_for_reports(self):
        """Until every member has a report, and the kernel's destination, in the master's eyes."""
        try:
            until("the master has reports of all servers", self._all_reported, seconds=30)
        except (NeverCame, LabError):
            self.show_logs()
            raise

    def _all_reported(self):
        if self._master.poll() is not None:
            raise LabError("poise-master ended with status %s" % self._master.returncode)
        members = self.members().values()
        return len(members) == len(self._cluster.servers) and all(
            member.get("reportAgeSeconds") is not None and member.get("weight") is not None
            for member in members)

    # What it says

    def poise(self, *words):
        """Standard output of the command line."""
        # Its trouble goes to whoever waits: while the master starts there is some, as there should.
        return self._cluster.run("d", self._programs["poise"], "--socket", SOCKET, *words,
                                 stderr=subprocess.PIPE)

    def snapshot(self):
        return json.loads(self.poise("ls", "-o", "json"))

    def members(self):
        """Of the one service, by server name."""
        return {member["server"]: member for member in self.snapshot()["services"][0]["members"]}

    def writes(self):
        """Weights written since the master's start."""
        return self.snapshot()["master"]["writes"]

    def cpu_seconds(self):
        """What the master, and all agents together, have used of the machine's one CPU."""
        return {"master": _cpu_seconds(self._master),
                "agents": round(sum(map(_cpu_seconds, self._agents.values())), 2)}

    def show_logs(self, lines=15):
        """What the master and the agents said last, on standard error."""
        for name in ["master", *self._agents]:
            with open("%s/%s.log" % (ROOT, name), encoding="utf-8", errors="replace") as log:
                for line in log.read().splitlines()[-lines:]:
                    print("%s: %s" % (name, line), file=sys.stderr)

    def show_chain(self, server):
        """How the weight of a server came about, and what the server itself knows; the same way."""
        print(self.poise("explain", "web/" + server), file=sys.stderr)
        print(self._cluster.truth(self._cluster.server(server)), file=sys.stderr)


def _write(name, text):
    with open(os.path.join(ROOT, name), "w", encoding="utf-8") as file:
        file.write(text)


def _cpu_seconds(process):
    with open("/proc/%d/stat" % process.pid, encoding="utf-8") as file:
        words = file.read().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")  # user and system


def _kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()
