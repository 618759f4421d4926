"""Waiting for something to become true, instead of sleeping and hoping."""

import http.client
import subprocess
import time

from progress import say


class NeverCame(Exception):
    """Something did not become true in time."""


def until(what, test, seconds=15.0, pause=0.1):
    """Calls test() until it gives something true, and returns that. Its troubles count as no."""
    deadline = time.monotonic() + seconds
    trouble = None
    while time.monotonic() < deadline:
        try:
            answer = test()
            if answer:
                return answer
        except (OSError, ValueError, LookupError, http.client.HTTPException,
                subprocess.CalledProcessError) as error:
            trouble = "%s %s" % (error, getattr(error, "stderr", None) or "")
        time.sleep(pause)
    raise NeverCame("Not within %g s: %s%s" % (
        seconds, what, "; the last trouble was: %s" % trouble if trouble else ""))


def came_true(what, test, seconds=15.0):
    """The same for a judge: False, and a line for the person who waits, if it never came."""
    try:
        return bool(until(what, test, seconds))
    except NeverCame as error:
        say(str(error))
        return False
