"""One User-Mode Linux machine that runs one command and is gone.

Its root is the host's, with everything written kept in memory; /tmp, /run and /dev are its own.
Needs neither root nor any setting of the host.
"""

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from . import modules
from .places import INIT, SLOW_CLOCK, UML, LabError
from .sessions import Guardian, end_session

LIMIT_STATUS = 124  # the command took too long
LOST_STATUS = 126  # the machine ended without the command's status: no boot, panic, killed
# and 128 + N: this runner was told to end by signal N; all else is the command's own status

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class _Told(Exception):
    def __init__(self, number):
        super().__init__(number)
        self.number = number


class Machine:
    """What to run, and what of the host it may see beside the root.

    - words: the command
    - limit: seconds, on its own clock, until it is ended
    - slow: how many seconds of the host one of its seconds lasts
    - shown: host directories below /tmp, /run or /dev that the machine shall see, read-only
    - modules: of the kernel, beside those that every machine has
    """

    def __init__(self, words, limit=300.0, memory="512M", shown=(), environment=None,
                 slow=1.0, verbose=False, modules=()):
        self.words = words
        self.limit = limit
        self.slow = slow
        self.memory = memory
        self.shown = shown
        self.environment = environment or {}
        self.verbose = verbose
        self.modules = modules

    def run(self, output):
        """Boots, runs, tidies up; calls output(1 or 2, bytes) as they come. Returns the status."""
        if shutil.which(UML) is None:
            raise LabError(
                "No %s: run script/bootstrap, which installs user-mode-linux." % UML)
        directory = tempfile.mkdtemp(prefix="poise-lab.")
        try:
            self._write_orders(directory)
            return self._boot(directory, output)
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def _write_orders(self, directory):
        # By files, since a kernel command line holds 4 KB at most.
        environment = {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb",
                       **self.environment}
        orders = {
            "modules": "".join(file + "\n" for file in modules.load_order(self.modules)),
            "modroot": modules.directory(),
            "shown": "".join(path + "\n" for path in sorted(set(self.shown), key=len)),
            "argv": "".join(word + "\0" for word in self.words),
            "env": "".join("%s=%s\0" % pair for pair in environment.items()),
            "cwd": os.getcwd(),
        }
        for name, text in orders.items():
            with open(os.path.join(directory, name), "wb") as file:
                file.write(os.fsencode(text))

    def _boot(self, directory, output):
        # Standard output, standard error, and the console: pipes, since the kernel polls them.
        pipes = [os.pipe() for _ in range(3)]
        (out, out_end), (err, err_end), (console, console_end) = pipes
        words = [
            UML, "rootfstype=hostfs", "root=/dev/root", "ro", "mem=" + self.memory,
            "init=" + INIT, "LABRUN=" + directory, "uml_dir=" + directory, "umid=lab",
            "con=null", "con0=null,fd:1", "ssl=null",
            "ssl0=null,fd:%d" % out_end, "ssl1=null,fd:%d" % err_end,
            "panic=-1", "noreboot",
        ] + ([] if self.verbose else ["quiet"])
        # The guest's memory is an unlinked file in TMPDIR.
        environment = {"PATH": PATH, "HOME": directory, "TMPDIR": _place_for_memory(self.memory)}
        if self.slow > 1:
            environment.update(LD_PRELOAD=SLOW_CLOCK, SLOW_CLOCK=str(self.slow))
        kernel = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=console_end, stderr=console_end,
            pass_fds=(out_end, err_end), start_new_session=True,
            env=environment)
        for _, write_end in pipes:
            os.close(write_end)
        _hurry(kernel.pid)
        guardian = Guardian(kernel.pid, directory)
        log = _Log(echo=self.verbose)
        try:
            ended_by = self._follow(kernel, {out: lambda data: output(1, data),
                                             err: lambda data: output(2, data),
                                             console: log.take})
        finally:
            for read_end, _ in pipes:
                os.close(read_end)
            guardian.dismiss()
        if ended_by is not None:
            return ended_by
        try:
            with open(os.path.join(directory, "status"), encoding="ascii") as file:
                return int(file.read())
        except (FileNotFoundError, ValueError):
            log.show()
            print("lab: the machine was lost: it ended without a status (kernel %s)"
                  % kernel.returncode, file=sys.stderr)
            return LOST_STATUS

    def _follow(self, kernel, readers):
        """Passes on what is written until the kernel ends, the limit is over or a signal comes.

        Returns the status when it was not the command that ended the machine, else None. In every
        case no process of the machine is left, and what it wrote has been passed on.
        """
        verdict = None
        before = {number: signal.signal(number, _tell)
                  for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}
        ended = os.pidfd_open(kernel.pid)
        try:
            if not _pump(readers, time.monotonic() + self.limit * self.slow, until=ended):
                print("lab: the machine's limit of %g s is over" % self.limit, file=sys.stderr)
                verdict = LIMIT_STATUS
        except _Told as told:
            verdict = 128 + told.number
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            # Before the kernel's process is reaped: until then its session's number is its own.
            end_session(kernel.pid)
            kernel.wait()
            os.close(ended)
        _pump(readers, time.monotonic() + 2)
        return verdict


def _hurry(process):
    """Before the host's other work, where we may: time that a machine is kept waiting shows up as
    latency in its figures. Kernels that group processes by session look at the second of the two.
    """
    try:
        os.setpriority(os.PRIO_PROCESS, process, -10)
        with open("/proc/%d/autogroup" % process, "w", encoding="ascii") as file:
            file.write("-10")
    except OSError:
        pass  # not root, or a kernel without such groups


def _tell(number, _frame):
    raise _Told(number)


def _place_for_memory(memory):
    """A folder whose files may be executed and have room: containers give /dev/shm neither."""
    needed = int(memory.rstrip("M")) << 20
    for folder in ("/dev/shm", tempfile.gettempdir()):
        try:
            facts = os.statvfs(folder)
        except OSError:
            continue
        if (os.access(folder, os.W_OK) and not facts.f_flag & os.ST_NOEXEC
                and facts.f_bavail * facts.f_frsize >= needed):
            return folder
    raise LabError("A machine needs %s in /dev/shm or %s, on a mount without noexec."
                   % (memory, tempfile.gettempdir()))


def _pump(readers, deadline, until=None):
    """Reads until `until` is ready, or without it until every pipe is at its end.

    Returns whether that happened before the deadline.
    """
    open_ends = set(readers)
    while until is not None or open_ends:
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        waiting = list(open_ends) + ([until] if until is not None else [])
        ready, _, _ = select.select(waiting, [], [], left)
        for end in ready:
            if end == until:
                return True
            data = os.read(end, 65536)
            if data:
                readers[end](data)
            else:
                open_ends.discard(end)
    return True


class _Log:
    """What the kernel says on its console: shown only when the machine was lost."""

    def __init__(self, echo):
        self._echo = echo
        self._text = b""

    def take(self, data):
        self._text = (self._text + data)[-16384:]
        if self._echo:
            sys.stderr.buffer.write(data)
            sys.stderr.flush()

    def show(self):
        for line in self._text.decode(errors="replace").splitlines()[-40:]:
            print("lab: console: " + line.rstrip(), file=sys.stderr)
