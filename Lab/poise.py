"""Poise in the cluster: real programs, an agent on each real server, the master on the director."""

import json
import os
import signal
import subprocess
import sys

from admin import snapshot
from netns import within
from runner.places import REPOSITORY, LabError
from settings import ROOT, SOCKET, Settings
from waiting import NeverCame, until


def programs(configuration):
    """The paths of the built programs, by name.

    The agent is the static one that is shipped; `configuration` chooses the others, among which is
    the same agent as a program that libraries can be preloaded into.
    """
    found = {
        "poise-agent": os.path.join(REPOSITORY, ".build/agent/poise-agent"),
        "dynamic agent": os.path.join(REPOSITORY, ".build", configuration, "poise-agent"),
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

    def __init__(self, cluster, configuration, ipvs="manage: weights"):
        self._cluster = cluster
        self._programs = programs(configuration)
        self._agents = {}
        self._master = None
        self.settings = Settings(cluster, self._programs, ipvs)

    # Life and death

    def start(self, clocks=None):
        """Master and agents; returns when the master has a fresh report of every server.

        `clocks`, by server name, are the wall clocks of those that have their own.
        """
        for server in self._cluster.servers:
            self.start_agent(server.name, (clocks or {}).get(server.name))
        self.start_master()
        self.wait_for_reports()

    def start_master(self):
        self._master = self._start("d", "master", "poise-master", ROOT + "/master.yaml")

    def start_agent(self, name, clock=None):
        self._agents[name] = self._start(
            name, name, "dynamic agent" if clock else "poise-agent", "%s/%s.conf" % (ROOT, name),
            clock.environment if clock else None)

    def master_process(self):
        return self._master.pid

    def agent_process(self, name):
        return self._agents[name].pid

    def _start(self, namespace, name, program, configuration, environment=None):
        with open("%s/%s.log" % (ROOT, name), "ab") as log:
            return self._cluster.start(
                namespace, self._programs[program], "--config", configuration,
                stdout=log, stderr=log, env=environment)

    def restart_agent(self, name):
        """As its service manager does it: SIGTERM, and a new one when it is gone."""
        self._agents[name].terminate()
        self._agents[name].wait(timeout=10)
        self.start_agent(name)

    def reload_master(self):
        """SIGHUP; it reads its files soon after."""
        self._master.send_signal(signal.SIGHUP)

    def apply(self):
        """What a person does whose files take out much: looks at the plan, and confirms that change."""
        planned = json.loads(self.poise("plan", "-o", "json"))
        self.poise("apply", "--confirm", planned["hash"])

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

    def wait_for_answers(self):
        """Until the master answers people."""
        return until("the master answers", self.state, seconds=30)

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
        members = self.state()["services"][0]["members"]
        return len(members) == len(self._cluster.servers) and all(
            member.get("reportAgeSeconds") is not None and member.get("weight") is not None
            for member in members)

    # What it says

    def keys(self, *words):
        """`poise agent ...`, with the master's files; its exit status and what it said."""
        with within("d"):
            ended = subprocess.run(
                [self._programs["poise"], "agent", *words, "--config", ROOT + "/master.yaml"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True)
        return ended.returncode, ended.stdout

    def command(self, *words):
        """The command line of `poise WORDS`."""
        return [self._programs["poise"], *words, "--socket", SOCKET]

    def poise(self, *words):
        """Standard output of the command line."""
        # Its trouble goes to whoever waits: while the master starts there is some, as there should.
        return self._cluster.run("d", *self.command(*words), stderr=subprocess.PIPE)

    def state(self):
        """All that it knows, from the socket: quick enough to ask ten times a second."""
        return snapshot(SOCKET)

    def members(self):
        """Of the one service, by server name, as the command line prints them."""
        listed = json.loads(self.poise("ls", "-o", "json"))
        return {member["server"]: member for member in listed["services"][0]["members"]}

    def writes(self):
        """Weights written since the master's start."""
        return self.state()["master"]["writes"]

    def cpu_seconds(self):
        """What the master, and all agents together, have used of the machine's one CPU."""
        return {"master": cpu_seconds_of(self._master.pid),
                "agents": round(sum(cpu_seconds_of(agent.pid)
                                    for agent in self._agents.values()), 2)}

    def log(self):
        """The lines that the master said."""
        with open(ROOT + "/master.log", encoding="utf-8", errors="replace") as log:
            return log.read().splitlines()

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


def cpu_seconds_of(process):
    """What a process, by its number, has used so far."""
    with open("/proc/%d/stat" % process, encoding="utf-8") as file:
        words = file.read().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")  # user and system


def _kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()
