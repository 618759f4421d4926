"""Ends every process of a machine, also when the runner itself was killed.

A machine is one session: its kernel, the kernel's own threads and one process for each
address space. Killing the kernel alone would leave the others behind.
"""

import os
import shutil
import signal
import time


def _members(session):
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % entry, encoding="utf-8", errors="replace") as file:
                text = file.read()
        except OSError:
            continue  # it ended while we looked
        state, _, _, its_session = text[text.rindex(")") + 2 :].split()[:4]
        if int(its_session) == session and state != "Z":
            yield int(entry)


def end_session(session):
    """Kills until nobody is left; a process may be forking while we read the list."""
    for _ in range(100):
        members = list(_members(session))
        if not members:
            return
        for member in members:
            try:
                os.kill(member, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.02)


class Guardian:
    """A process that outlives a runner killed outright, and tidies up in its place.

    It waits on a pipe whose other end only the runner holds. A byte means all is well; an end
    without one means the runner is gone.
    """

    def __init__(self, session, directory):
        read_end, self._write_end = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            try:
                self._watch(read_end, session, directory)
            finally:
                os._exit(0)
        os.close(read_end)

    @staticmethod
    def _watch(read_end, session, directory):
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        os.closerange(0, read_end)
        os.closerange(read_end + 1, 4096)
        if os.read(read_end, 1) == b"":
            end_session(session)
            shutil.rmtree(directory, ignore_errors=True)

    def dismiss(self):
        """The runner has tidied up by itself."""
        os.write(self._write_end, b".")
        os.close(self._write_end)
        os.waitpid(self._process, 0)
