"""Inside a machine: the rounds of script/bench apply. apply_guest.py OPTIONS, as a JSON object."""

import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.environ["LAB"])

from runner.places import LABNET, REPOSITORY  # noqa: E402  (found by the line above)

SERVICES, MEMBERS = 10, 100
LOAD = os.path.join(REPOSITORY, ".build/release/Load")


def main(options):
    ipvsadm(["-A -t 10.9.0.%d:80 -s %s" % (service + 1, options["scheduler"])
             for service in range(SERVICES)] + lines("-a", 0))
    found = {"poise": [], "netlink": [], "netlink_gathered": [], "ipvsadm": [], "refused": 0}
    bare = [LABNET, "netlink", str(SERVICES), str(MEMBERS), str(options["rounds"])]
    for turn in range(options["turns"]):
        for name, words in (
                ("poise", [LOAD, "apply", str(SERVICES), str(options["rounds"])]),
                ("netlink", bare), ("netlink_gathered", [*bare, "gather"])):
            rounds = [json.loads(line) for line in subprocess.run(
                words, check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines()]
            # The first one pays for the program's start.
            found[name] += [one["ms"] for one in rounds[1:]]
            found["refused"] += sum(one["refused"] for one in rounds)
            if name == "poise" and any(one["steps"] != SERVICES * MEMBERS for one in rounds):
                sys.exit("ours did not change every destination")
        text = lines("-e", turn)
        began = time.monotonic()
        ipvsadm(text)
        found["ipvsadm"].append(1e3 * (time.monotonic() - began))
    print(json.dumps(found))


def lines(command, turn):
    return ["%s -t 10.9.0.%d:80 -r 10.%d.0.%d:80 -m -w %d"
            % (command, service + 1, 16 + service, member + 1, 1 + (member + turn) % 100)
            for service in range(SERVICES) for member in range(MEMBERS)]


def ipvsadm(text):
    subprocess.run(["ipvsadm", "-R"], input="".join(line + "\n" for line in text), text=True,
                   check=True)


main(json.loads(sys.argv[1]))
