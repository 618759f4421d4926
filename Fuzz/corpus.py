#!/usr/bin/env python3
"""The inputs that a target begins with: the golden datagrams, and what the fuzzer found beyond them.

usage: corpus.py read TARGET FOLDER    writes a file for each input into FOLDER
       corpus.py write TARGET FOLDER   keeps the inputs in FOLDER in corpus.txt, in the place of
                                       those of that target
"""

import hashlib
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent / "Tests/ProtocolTests/Vectors"
KEPT = HERE / "corpus.txt"
MOST = 60
MOST_BYTES = 400

sys.dont_write_bytecode = True
sys.path.insert(0, str(VECTORS))
from decoder import vectors  # noqa: E402


def bodies(*names):
    for name in names:
        for vector in vectors(VECTORS / name):
            for _, datagram in vector.moments:
                if isinstance(datagram, bytes) and 48 <= len(datagram) <= 1200:
                    yield datagram[20:-16]


def tape(body):
    """A hello of sequence 1, which is challenged, then this body with the cookie that was granted."""
    hello = bytes([2, 0x05, 0, 0, 0, 1, 0])
    if len(body) < 256:
        return hello + bytes([2, 0x01, len(body)]) + body
    return hello + bytes([2, 0x81, len(body) // 5]) + body


def golden(target):
    if target == "ack":
        return set(bodies("acks.txt"))
    found = set(bodies("accepted.txt", "refused.txt"))
    return found if target == "report" else {tape(body) for body in found}


def kept():
    """Target and bytes of each line."""
    for line in KEPT.read_text().splitlines():
        if line and not line.startswith("#"):
            target, digits = line.split()
            yield target, bytes.fromhex(digits)


def read(target, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for data in golden(target) | {data for of, data in kept() if of == target}:
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


def write(target, folder):
    found = {path.read_bytes() for path in folder.iterdir()} - golden(target)
    short = sorted((data for data in found if len(data) <= MOST_BYTES), key=lambda d: (len(d), d))
    lines = [(of, data) for of, data in kept() if of != target]
    lines += [(target, data) for data in short[:MOST]]
    head = [line for line in KEPT.read_text().splitlines() if line.startswith("#")]
    text = head + [f"{of} {data.hex()}" for of, data in sorted(lines, key=lambda l: l[0])]
    KEPT.write_text("\n".join(text) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("read", "write"):
        sys.exit(__doc__)
    {"read": read, "write": write}[sys.argv[1]](sys.argv[2], pathlib.Path(sys.argv[3]))
