"""What Poise reads in a machine: keys and configuration, made anew below /run/poise each time.

A private key is named here as its file is; a public one is its text.
"""

import os
import re
import subprocess

ROOT = "/run/poise"
SOCKET = ROOT + "/admin.sock"
MASTER = "10.0.0.1:7817"

_MASTER_YAML = """\
version: 1
key: [{keys}]
agents: agents
listen:
  reports: "{master}"
  admin: {socket}
ipvs: {{{ipvs}}}
state: state
journal:
  folder: journal
  size: 4MiB
"""

_SERVICE_YAML = """\
services:
  web:
    vip: 10.0.0.100:80/tcp
{more}    servers:
"""

_AGENT_CONF = """\
[agent]
{keys}
interval = 500ms
run-folder = {folder}
master = {master} {master_keys}

[host]
source = prometheus
prometheus = http://{address}:80/metrics
cpu-busy = {busy}
runnable = {runnable}
cores = emulated_cores

[service web]
port = 80
prometheus = http://{address}:80/metrics
requests = emulated_requests_total
errors = emulated_errors_total
in-flight = emulated_in_flight
"""


class Settings:
    """Files for one master and an agent on each server; `programs` make the keys.

    `ipvs` is what stands below that key of the master's file.
    """

    def __init__(self, cluster, programs, ipvs="manage: weights"):
        self._cluster = cluster
        self._ipvs = ipvs
        self._programs = programs
        os.makedirs(ROOT + "/agents", exist_ok=True)
        os.makedirs(ROOT + "/services.d", exist_ok=True)
        self.master_key = self.new_master_key("master")
        for server in cluster.servers:
            _write("agents/%s.pub" % server.name, self.new_agent_key(server.name) + "\n")
            self.agent(server.name)
        self.master(["master"])
        self.web()

    def ipvs(self, text):
        """What stands below that key of the master's file from now on."""
        self._ipvs = text
        self.master(["master"])

    def new_agent_key(self, name):
        """Makes a private key of that name; the public one."""
        return self._keygen("poise-agent", name)

    def new_master_key(self, name):
        return self._keygen("poise-master", name)

    def _keygen(self, program, name):
        printed = subprocess.run([self._programs[program], "keygen", "%s/%s.key" % (ROOT, name)],
                                 check=True, stdout=subprocess.PIPE, text=True).stdout
        return re.search(r"poise-pk1-\S+", printed).group()

    def agent(self, name, keys=None, master_keys=None, claims_idle=False):
        """Private keys of its own and public ones of the master, each the newest first.

        Without them those that it began with. `claims_idle`: it says that its server does nothing.
        """
        # They share the machine's /run, and each listens in its folder.
        folder = "%s/run/%s" % (ROOT, name)
        os.makedirs(folder, exist_ok=True)
        _write(name + ".conf", _AGENT_CONF.format(
            folder=folder,
            # A figure that never changes is a core that never works.
            busy="emulated_up" if claims_idle else "emulated_busy_seconds_total",
            runnable="emulated_up" if claims_idle else "emulated_runnable_seconds_total",
            keys="\n".join("key = %s/%s.key" % (ROOT, key) for key in keys or [name]),
            address=self._cluster.server(name).address, master=MASTER,
            master_keys=" ".join(master_keys or [self.master_key])))

    def master(self, keys):
        """Its private keys, the newest first."""
        _write("master.yaml", _MASTER_YAML.format(
            keys=", ".join(key + ".key" for key in keys), master=MASTER, socket=SOCKET,
            ipvs=self._ipvs))

    def web(self, *more):
        """The virtual service with all servers, and further keys of it, a line each."""
        _write("services.d/web.yaml", _SERVICE_YAML.format(
            more="".join("    %s\n" % line for line in more)) + "".join(
                "      - {name: %s, address: %s}\n" % (server.name, server.address)
                for server in self._cluster.servers))

    def services(self, name, text):
        """A file of services beside that of web; its name is to come after that in the alphabet."""
        _write("services.d/%s.yaml" % name, text)

    def forget_agent(self, name):
        """Removes its public keys, as a person without `poise` does it."""
        os.remove("%s/agents/%s.pub" % (ROOT, name))


def _write(name, text):
    with open(os.path.join(ROOT, name), "w", encoding="utf-8") as file:
        file.write(text)
