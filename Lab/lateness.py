"""How late a machine does what it should: what a host with too little CPU to give does to it."""

import threading
import time

NAP_SECONDS = 0.05


class Lateness:
    """Takes naps from now on, in a thread of its own, and sees how late it wakes."""

    def __init__(self):
        self._naps, self._late_seconds = 0, 0.0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            wakes = time.monotonic() + NAP_SECONDS
            time.sleep(NAP_SECONDS)
            self._late_seconds += time.monotonic() - wakes
            self._naps += 1

    def mean_ms(self):
        return round(self._late_seconds / max(self._naps, 1) * 1000, 2)
