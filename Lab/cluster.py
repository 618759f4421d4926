"""The cluster inside a machine: a client, a director, real servers, and IPVS between them.

One bridge joins the namespaces c (10.0.0.2), d (10.0.0.1) and r1, r2, ... (10.0.0.11, .12, ...).
Behind c are the addresses of many clients, for schedulers that go by them.
The virtual service is 10.0.0.100:80 by direct routing: every real server has that address on its
loopback, and keeps silent about it.
"""

import http.client
import json
import subprocess
import time

from netns import sysctl, within
from runner.places import LABNET
from waiting import until

VIP = "10.0.0.100"
SERVICE = VIP + ":80"
CLIENTS = "10.1.0.0/16"


class RealServer:
    def __init__(self, number, capacity):
        self.name = "r%d" % number
        self.address = "10.0.0.%d" % (10 + number)
        self.capacity = capacity  # requests per second, at the start

    @property
    def destination(self):
        return self.address + ":80"


class Cluster:
    """Namespaces and emulated servers; `capacities` in requests per second, one a server."""

    def __init__(self, capacities, seed):
        self.servers = [RealServer(i, capacity) for i, capacity in enumerate(capacities, start=1)]
        self._processes = []
        self._seed = seed
        self._serving = {}
        self._make_namespaces()
        for server in self.servers:
            self.start_server(server)
        for server in self.servers:
            until("server %s answers" % server.name, lambda: self.truth(server))

    def _make_namespaces(self):
        hosts = {"c": "10.0.0.2", "d": "10.0.0.1"}
        hosts.update((server.name, server.address) for server in self.servers)
        # One exec for all links and one for each namespace: each costs 20 to 100 ms here.
        links = ["link add br0 type bridge", "link set br0 up"]
        for name in hosts:
            links += ["netns add " + name,
                      "link add v%s type veth peer name e0 netns %s" % (name, name),
                      "link set v%s master br0 up" % name]
        _ip([], links)
        for name, address in hosts.items():
            lines = ["link set lo up", "addr add %s/24 dev e0" % address, "link set e0 up"]
            lines.append("route add local %s dev lo" % CLIENTS if name == "c" else
                         "route add %s via %s" % (CLIENTS, hosts["c"]))
            if name == "d":
                lines.append("addr add %s/32 dev e0" % VIP)
            if name.startswith("r"):
                sysctl(name, net__ipv4__conf__all__arp_ignore=1,
                       net__ipv4__conf__all__arp_announce=2)
                lines.append("addr add %s/32 dev lo" % VIP)
            _ip(["-n", name], lines)
        # Mode 3: a client's port that comes back is scheduled anew. With the default of 1 and few
        # clients about 9 % of connections would follow an old entry instead of the weights.
        sysctl("d", net__ipv4__ip_forward=1, net__ipv4__vs__conn_reuse_mode=3)

    def server(self, name):
        return next(server for server in self.servers if server.name == name)

    # Processes

    def start(self, namespace, *words, **options):
        """A process there, ended with the cluster if not before."""
        with within(namespace):
            process = subprocess.Popen(words, **{"stdin": subprocess.DEVNULL, **options})
        self._processes.append(process)
        return process

    def run(self, namespace, *words, **options):
        """A process there that must succeed; its standard output."""
        with within(namespace):
            return subprocess.run(words, check=True, text=True, stdout=subprocess.PIPE,
                                  **options).stdout

    def client(self, *words):
        """Starts a client in c; its figures come from figures_of()."""
        return self.start("c", LABNET, *words, stdout=subprocess.PIPE, text=True)

    def stop(self):
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            process.wait()

    def ip(self, namespace, lines):
        """Lines of `ip -batch` there."""
        _ip(["-n", namespace], lines)

    # Emulated servers

    def start_server(self, server):
        # Seeded by scenario and name, so every policy meets the same sequence of work.
        self._serving[server.name] = self.start(
            server.name, LABNET, "serve", server.name, "80", str(server.capacity),
            str(self._seed))

    def kill_server(self, server):
        """SIGKILL: from now on its port refuses."""
        self._serving[server.name].kill()
        self._serving[server.name].wait()

    def get(self, server, path):
        """The body of a page of a server, asked by its own address."""
        with within("c"):
            connection = http.client.HTTPConnection(server.address, 80, timeout=3)
            connection.connect()
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def truth(self, server):
        """What the server itself knows: capacity, in_flight, arrived, answered, errors, ..."""
        return json.loads(self.get(server, "/load"))

    def requests(self):
        """Of each server by its name, so far: answered, and answered with an error."""
        truths = {server.name: self.truth(server) for server in self.servers}
        return {name: (truth["answered"], truth["errors"]) for name, truth in truths.items()}

    def set_capacity(self, server, capacity):
        self.get(server, "/cap/%g" % capacity)

    def set_failing(self, server, fails):
        """From now on it answers every request with an error, at once; or no longer."""
        self.get(server, "/fail/%d" % fails)

    # IPVS

    def make_service(self, scheduler, weights):
        """The virtual service with all real servers, at once; weights by server name."""
        lines = ["-A -t %s -s %s" % (SERVICE, scheduler)]
        lines += ["-a -t %s -r %s -g -w %d" % (SERVICE, server.destination, weights[server.name])
                  for server in self.servers]
        self.ipvsadm(lines)

    def set_weight(self, server, weight):
        self.ipvsadm(
            ["-e -t %s -r %s -g -w %d" % (SERVICE, server.destination, weight)])

    def ipvsadm(self, lines):
        """Commands, all by one ipvsadm."""
        self.run("d", "ipvsadm", "-R", input="".join(line + "\n" for line in lines))

    def table(self):
        """The kernel's table as `ipvsadm -Sn` writes it."""
        return self.run("d", "ipvsadm", "-S", "-n")

    def services(self):
        """All services: by name, as in "-t 10.0.0.100:80" or "-f 7 -6", the (forwarding, weight) of
        each destination, as in {"10.0.0.11:80": ("-g", 1)}."""
        found = {}
        for line in self.table().splitlines():
            words = line.split()
            if words[0] == "-A":
                name = " ".join(words[1:3] + [word for word in words if word == "-6"])
                found[name] = {}
            elif words[0] == "-a":
                way = next(word for word in words if word in ("-g", "-m", "-i"))
                found[name][words[words.index("-r") + 1]] = (
                    way, int(words[words.index("-w") + 1]))
        return found

    def weights(self):
        """The weights that the kernel holds, by server name."""
        names = {server.destination: server.name for server in self.servers}
        found = {}
        for line in self.table().splitlines():
            words = line.split()
            if words[0] == "-a":
                found[names[words[words.index("-r") + 1]]] = int(words[words.index("-w") + 1])
        return found

    def listing(self):
        """What `ipvsadm -Ln` shows: (weight, active, inactive) by server name."""
        names = {server.destination: server.name for server in self.servers}
        rows = (line.split() for line in self.run("d", "ipvsadm", "-L", "-n").splitlines())
        return {names[row[1]]: tuple(int(word) for word in row[3:6])
                for row in rows if row[0] == "->" and row[1] in names}


def figures_of(client, timeout):
    """Waits for a client to end; what its last line says."""
    output, _ = client.communicate(timeout=timeout)
    return json.loads(output.splitlines()[-1])


def end_client(client, timeout):
    """Ends a client that lasts before its time; its figures, when its questions are answered."""
    client.terminate()
    return figures_of(client, timeout)


def _ip(options, lines):
    subprocess.run(["ip", *options, "-batch", "-"], check=True, text=True,
                   input="".join(line + "\n" for line in lines))


def sleep_until(moment):
    """Sleeps until that moment of time.monotonic()."""
    time.sleep(max(0, moment - time.monotonic()))
