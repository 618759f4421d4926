"""How old the newest report of each agent gets, asked of the master ten times a second."""

import threading
import time


class Watch:
    """Asks from now on until stop(), in a thread of its own."""

    def __init__(self, poise):
        self._poise = poise
        self._state = poise.state()
        self._began = time.monotonic()
        self._polls, self._latest_seconds = 0, 0
        self._ages = {}
        self._reasons = {}
        self._lock = threading.Lock()
        self._is_over = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._is_over:
            asked = time.monotonic()
            state = self._poise.state()
            with self._lock:
                self._state = state
                self._polls += 1
                for member in state["services"][0]["members"]:
                    name, age = member["server"], member["reportAgeSeconds"]
                    self._ages[name] = max(self._ages.get(name, 0), age)
                    self._reasons.setdefault(name, set()).add(member["reason"]["code"])
            pause = max(0, asked + 0.1 - time.monotonic())
            answered = time.monotonic()
            time.sleep(pause)
            late = time.monotonic() - answered - pause
            self._latest_seconds = max(self._latest_seconds, late)

    def key(self, name):
        """The public key that an agent's newest report was made with."""
        return next(agent for agent in self._state["agents"] if agent["name"] == name)["keyInUse"]

    def begin(self):
        """Forgets what it saw."""
        with self._lock:
            self._ages, self._reasons = {}, {}

    def end(self, names):
        """Of these agents since begin(): the oldest newest report, and all reasons of weights."""
        if not self._thread.is_alive():
            raise RuntimeError("the master does not answer any more")
        with self._lock:
            return {"oldest_report_s": round(max(self._ages[name] for name in names), 2),
                    "reasons": sorted(set.union(*(self._reasons[name] for name in names)))}

    def stop(self):
        """How often a second it asked, and by how many ms it once woke too late for it."""
        seconds = time.monotonic() - self._began
        self._is_over = True
        self._thread.join()
        return round(self._polls / seconds, 1), round(self._latest_seconds * 1000, 2)
