"""One set of emulated servers and the traffic on it; the demo runs two under the same arrivals."""

import json
import os
import socket
import subprocess
import threading

from runner.places import LABNET, LabError


def free_port():
    """A port that is free on every loopback address now."""
    with socket.socket() as probe:
        probe.bind(("0.0.0.0", 0))
        return probe.getsockname()[1]


class World:
    """Servers r1, r2, ... on ADDRESS.11, ADDRESS.12, ..., and a client that balances over them."""

    def __init__(self, network, capacities, seed):
        self._seed = seed
        self.port = free_port()
        self.names = ["r%d" % (index + 1) for index in range(len(capacities))]
        self.addresses = ["%s.%d" % (network, 11 + index) for index in range(len(capacities))]
        self.capacities = list(capacities)
        self.newest = None
        self._client = None
        self._processes = [
            subprocess.Popen(
                [LABNET, "serve", name, "%s:%d" % (address, self.port), str(capacity), str(seed)],
                stdout=subprocess.DEVNULL)
            for name, address, capacity in zip(self.names, self.addresses, capacities)]

    def start_traffic(self, rate, seconds, scheduler):
        """Open-loop Poisson arrivals: the same for every world with the same seed."""
        self._client = subprocess.Popen(
            [LABNET, "balance", "--rate", str(rate), "--secs", str(seconds), "--seed",
             str(self._seed), "--scheduler", scheduler,
             *("%s:%d" % (address, self.port) for address in self.addresses)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._processes.append(self._client)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self._client.stdout:
            self.newest = json.loads(line)

    @property
    def is_over(self):
        return self._client is not None and self._client.poll() is not None

    def set_weights(self, weights):
        """What the scheduler uses from the next request on."""
        try:
            self._client.stdin.write("w %s\n" % " ".join(str(weight) for weight in weights))
            self._client.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass  # The traffic has ended.

    def set_capacity(self, index, capacity):
        """Changes what a server carries, at once."""
        self.capacities[index] = capacity
        subprocess.run(
            [LABNET, "get", "%s:%d" % (self.addresses[index], self.port), "/cap/%d" % capacity],
            check=True, stdout=subprocess.DEVNULL)

    def stop(self):
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()


def check_built(paths):
    """Raises when a program is not there."""
    missing = sorted(path for path in paths if not os.access(path, os.X_OK))
    if missing:
        raise LabError("Build first, by script/build; not there: %s." % ", ".join(missing))
