"""Network namespaces from Python: everything in a `with within("r1"):` happens in r1.

Entering is a matter of one thread, and of the processes it starts, so `subprocess` and `socket`
need nothing special. (Python 3.11 has no os.setns; an exec of `ip netns exec` costs 140 ms here.)
"""

import contextlib
import ctypes
import os

_libc = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000


def _enter(path):
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _libc.setns(file, _CLONE_NEWNET):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), path)
    finally:
        os.close(file)


@contextlib.contextmanager
def within(namespace):
    """The namespace made by `ip netns add NAMESPACE`, for this thread, until the block ends."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _enter("/run/netns/" + namespace)
        yield
    finally:
        _enter("/proc/self/fd/%d" % home)
        os.close(home)


def sysctl(namespace, **values):
    """Sets sysctls there; dots in their names are written as two underscores."""
    with within(namespace):
        for name, value in values.items():
            with open("/proc/sys/" + name.replace("__", "/"), "w", encoding="ascii") as file:
                file.write(str(value))
