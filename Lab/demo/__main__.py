"""Two worlds under the same arrivals: one with Poise, one with weights that were set once."""

import argparse
import sys
import time

from runner.places import LabError
from runner.programs import build

from .poise import Poise
from .screen import Screen, comparison
from .world import World

# Requests a second; the last one loses half of it a third into the run.
CAPACITIES = [20, 40, 80, 20, 40, 80]
HALVED = 5
RATE = 190
SECONDS = 45
SCHEDULERS = ["wrr", "wlc", "sed"]


def main():
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__)
    parser.add_argument("--keep", action="store_true",
                        help="go on after the comparison, until Ctrl-C")
    parser.add_argument("--scheduler", choices=SCHEDULERS, default=SCHEDULERS[0],
                        help="which one the client plays (default %s)" % SCHEDULERS[0])
    parser.add_argument("--seed", type=int, default=1, help="of arrivals and work (default 1)")
    options = parser.parse_args()
    build()
    opened = []
    try:
        return run(options, opened)
    except LabError as error:
        print("script/demo: %s" % error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        for part in reversed(opened):
            part.stop()


def run(options, opened):
    screen = Screen(options.scheduler, RATE, SECONDS)
    screen.say("Starting six emulated servers twice, six agents and the master on loopback.")
    fed = World("127.0.7", CAPACITIES, options.seed)
    opened.append(fed)
    plain = World("127.0.8", CAPACITIES, options.seed)
    opened.append(plain)
    poise = Poise(fed, options.scheduler)
    opened.append(poise)
    poise.start()
    screen.say("Look for yourself meanwhile: %s --socket %s ls" % (poise.command, poise.socket))
    screen.say("")

    for world in (fed, plain):
        world.start_traffic(RATE, SECONDS, options.scheduler)
    # Set once, and right that day: by what each server carries now.
    plain.set_weights([capacity // 10 for capacity in CAPACITIES])
    halve_at = SECONDS // 3
    shown = 0
    note = ""
    while not (fed.is_over and plain.is_over):
        time.sleep(0.2)
        poise.check_alive()
        members = poise.members()
        if len(members) == len(CAPACITIES):
            fed.set_weights([member["weight"] for member in members])
        second = min(_second(fed), _second(plain))
        if second >= halve_at and not note:
            for world in (fed, plain):
                world.set_capacity(HALVED, CAPACITIES[HALVED] // 2)
            note = "%s lost half its speed at %d s" % (fed.names[HALVED], second)
        if second > shown and len(members) == len(CAPACITIES):
            shown = second
            screen.show(second, members, fed.newest["now"], plain.newest["now"], note)
    for line in comparison(fed.newest["total"], plain.newest["total"]):
        screen.say(line)
    if options.keep:
        screen.say("\nThe master and the agents go on until Ctrl-C.")
        while True:
            time.sleep(3600)
    return 0


def _second(world):
    return world.newest.get("second", 0) if world.newest else 0


if __name__ == "__main__":
    sys.exit(main())
