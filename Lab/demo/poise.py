"""Poise on loopback: real agents, the real master, its table in memory."""

import os
import re
import shutil
import subprocess
import tempfile
import time

from admin import snapshot
from runner.places import REPOSITORY, LabError

from .world import check_built, free_port

_MASTER = """\
version: 1
key: master.key
agents: agents
listen:
  reports: "127.0.0.1:{port}"
  admin: {root}/admin.sock
ipvs:
  manage: weights
  table: memory
state: state
journal:
  folder: journal
"""

_AGENT = """\
[agent]
key = {root}/{name}.key
interval = 500ms
master = 127.0.0.1:{master_port} {master_key}

[host]
source = prometheus
prometheus = http://{address}:{port}/metrics
cpu-busy = emulated_busy_seconds_total
runnable = emulated_runnable_seconds_total
cores = emulated_cores

[service web]
prometheus = http://{address}:{port}/metrics
requests = emulated_requests_total
errors = emulated_errors_total
in-flight = emulated_in_flight
"""


class Poise:
    """An agent for each server of a world, and one master."""

    def __init__(self, world, scheduler):
        self._agent = os.path.join(REPOSITORY, ".build/agent/poise-agent")
        self._master = os.path.join(REPOSITORY, ".build/debug/poise-master")
        self.command = os.path.join(REPOSITORY, ".build/debug/poise")
        check_built([self._agent, self._master, self.command])
        self.root = tempfile.mkdtemp(prefix="poise-demo.")
        self._processes = {}
        os.mkdir(self.root + "/agents")
        os.mkdir(self.root + "/services.d")
        port = free_port()
        key = self._keygen(self._master, "master")
        for name, address in zip(world.names, world.addresses):
            self._write("agents/%s.pub" % name, self._keygen(self._agent, name) + "\n")
            self._write(name + ".conf", _AGENT.format(
                root=self.root, name=name, master_port=port, master_key=key, address=address,
                port=world.port))
        self._write("master.yaml", _MASTER.format(port=port, root=self.root))
        self._write(
            "services.d/web.yaml",
            "services:\n  web:\n    vip: 127.0.0.10:%d/tcp\n    scheduler: %s\n    servers:\n"
            % (world.port, scheduler)
            + "".join("      - {name: %s, address: %s}\n" % pair
                      for pair in zip(world.names, world.addresses)))
        self._names = world.names

    @property
    def socket(self):
        return self.root + "/admin.sock"

    def _keygen(self, program, name):
        printed = subprocess.run(
            [program, "keygen", "%s/%s.key" % (self.root, name)], check=True,
            stdout=subprocess.PIPE, text=True).stdout
        return re.search(r"poise-pk1-\S+", printed).group()

    def _write(self, name, text):
        with open(os.path.join(self.root, name), "w", encoding="utf-8") as file:
            file.write(text)

    def start(self):
        """Returns when the master has heard every agent."""
        for name in self._names:
            self._start(name, self._agent, name + ".conf")
        master = self._start("master", self._master, "master.yaml")
        deadline = time.monotonic() + 20
        while not all(member.get("reportAgeSeconds") is not None for member in self.members()):
            if master.poll() is not None or time.monotonic() > deadline:
                raise LabError("The master heard no agents; it said:\n" + self._log("master"))
            time.sleep(0.1)

    def _start(self, name, program, configuration):
        with open("%s/%s.log" % (self.root, name), "wb") as log:
            process = subprocess.Popen(
                [program, "--config", "%s/%s" % (self.root, configuration)], stdout=log, stderr=log)
        self._processes[name] = process
        return process

    def _log(self, name):
        with open("%s/%s.log" % (self.root, name), encoding="utf-8", errors="replace") as log:
            return log.read()[-2000:]

    def members(self):
        """The members of the one service as the admin API shows them; none before it answers."""
        try:
            return snapshot(self.socket)["services"][0]["members"]
        except OSError:
            return [{}]

    def check_alive(self):
        """Raises when the master or an agent ended: figures without them would be false."""
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise LabError("%s ended with status %d; it said:\n%s"
                               % (name, process.returncode, self._log(name)))

    def stop(self):
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.root, ignore_errors=True)
