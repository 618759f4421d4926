#!/usr/bin/env python3
"""A second decoder of the golden datagrams, written from PROTOCOL.md alone.

It shares no code with the first one and uses no library but Python's own. It reads accepted.txt
and refused.txt beside it and says which lines it would have written otherwise; exit code 1 then.
"""

import hashlib
import pathlib
import sys

PRIME = 2**255 - 19
STATES = ["unknown", "up", "degraded", "draining", "down", "leaving", "warming"]


def x25519(scalar, point):
    """RFC 7748 section 5."""
    k = int.from_bytes(scalar, "little") & ~7 & (1 << 255) - 1 | 1 << 254
    u = int.from_bytes(point, "little") & (1 << 255) - 1
    x2, z2, x3, z3 = 1, 0, u, 1
    for bit in reversed(range(255)):
        if k >> bit & 1:
            x2, z2, x3, z3 = x3, z3, x2, z2
        plus, minus = (x2 + z2) ** 2, (x2 - z2) ** 2
        cross, back = (x3 - z3) * (x2 + z2), (x3 + z3) * (x2 - z2)
        x3, z3 = (cross + back) ** 2 % PRIME, u * (cross - back) ** 2 % PRIME
        x2, z2 = plus * minus % PRIME, (plus - minus) * (plus + 121665 * (plus - minus)) % PRIME
        if k >> bit & 1:
            x2, z2, x3, z3 = x3, z3, x2, z2
    return (x2 * pow(z2, PRIME - 2, PRIME) % PRIME).to_bytes(32, "little")


def short_hash(message, key=b""):
    return hashlib.blake2b(message, key=key, digest_size=16).digest()


def session_keys():
    agent, master = bytes(range(1, 33)), bytes(range(101, 133))
    base = (9).to_bytes(32, "little")
    agent_public, master_public = x25519(agent, base), x25519(master, base)
    shared = x25519(agent, master_public)
    both = hashlib.blake2b(shared + agent_public + master_public).digest()
    return both[32:], both[:32]  # to the master, to the agent


TO_MASTER, TO_AGENT = session_keys()
LOCATOR = short_hash(b"poise locator 1", TO_MASTER)[:6]


class Refused(Exception):
    pass


def number(value, offset, size):
    """The big-endian integer at offset, or None when the value ends before its end."""
    return int.from_bytes(value[offset : offset + size], "big") if offset + size <= len(value) else None


def short(value, offset):
    found = number(value, offset, 2)
    return None if found == 0xFFFF else found


def mf16(value, offset):
    found = short(value, offset)
    return None if found is None else (found & 2047) << (found >> 11)


def shown(value):
    return "-" if value is None else str(value)


class Body:
    def __init__(self, body):
        self.remarks, self.lines, self.once = set(), {}, set()
        self.services, self.requests = {}, {}
        state, reason, flags, directive = body[:4]
        interval, age, clock = number(body, 4, 2), number(body, 6, 2), number(body, 8, 4)
        interval = self.clamp(interval, 50, 10000)
        self.first = (
            f"= {self.state(state)}, reason {reason}, flags {flags & 31}, directive {directive}, "
            f"interval {interval}, age {age}, clock {clock}"
        )
        if flags & 4 or age > 5 * interval:
            self.remarks.add("stale_sample")
        rest = body[12:]
        while rest:
            if len(rest) < 2 or len(rest) < 2 + rest[1]:
                raise Refused("malformed")
            self.take(rest[0], rest[2 : 2 + rest[1]])
            rest = rest[2 + rest[1] :]

    def clamp(self, value, least, most):
        if value is not None and not least <= value <= most:
            self.remarks.add("range")
            return min(max(value, least), most)
        return value

    def state(self, value):
        if value is not None and value >= len(STATES):
            self.remarks.add("range")
            return "unknown"
        return STATES[value or 0]

    def take(self, kind, v):
        if kind in (1, 3, 5):
            if kind in self.once:
                self.remarks.add("duplicate_tlv")
                return
            self.once.add(kind)
        if kind == 1:
            cores = short(v, 8)
            if cores == 0:
                self.remarks.add("range")
                cores = None
            memory = self.clamp(short(v, 10), 0, 10000)
            self.lines[1] = (
                f"= host: busy {shown(number(v, 0, 4))}, runnable {shown(number(v, 4, 4))}, "
                f"cores {shown(cores)}, memory {shown(memory)}"
            )
        elif kind == 2:
            line = (
                f"{self.state(number(v, 2, 1))}, reason {number(v, 3, 1) or 0}, in flight "
                f"{shown(mf16(v, 4))}, queue {shown(mf16(v, 6))}, load "
                f"{shown(self.clamp(short(v, 8), 0, 10000))}"
            )
            self.keep(self.services, v, line)
        elif kind == 3:
            self.lines[3] = (
                f"= pressure: cpu {shown(number(v, 0, 4))}, memory {shown(number(v, 4, 4))}, "
                f"io {shown(number(v, 8, 4))}"
            )
        elif kind == 4:
            line = (
                f"p99 {shown(mf16(v, 2))}, requests {shown(number(v, 4, 4))}, "
                f"errors {shown(number(v, 8, 4))}"
            )
            self.keep(self.requests, v, line)
        elif kind == 5:
            self.lines[5] = f"= info: version {shown(number(v, 0, 4))}, uptime {shown(number(v, 4, 4))}"

    def keep(self, table, value, line):
        name = number(value, 0, 2)
        if not name:
            self.remarks.add("range")
        elif name in table:
            self.remarks.add("duplicate_tlv")
        elif len(table) == 40:
            self.remarks.add("excess")
        else:
            table[name] = line

    def meaning(self):
        def many(title, table, one):
            if len(table) >= 5:
                return [f"= {title}: " + " ".join(map(str, table))]
            return [f"= {one} {name}: {line}" for name, line in table.items()]

        lines = [self.first, self.lines.get(1)]
        lines += many("services", self.services, "service")
        lines += [self.lines.get(3)]
        lines += many("requests of", self.requests, "requests of")
        lines += [self.lines.get(5)]
        order = ["range", "duplicate_tlv", "excess", "stale_sample"]
        if self.remarks:
            lines.append("= remarks: " + " ".join(name for name in order if name in self.remarks))
        return [line for line in lines if line]


class Master:
    def __init__(self):
        self.boot, self.highest, self.seen = None, 0, set()

    def take(self, datagram):
        if len(datagram) < 36:
            raise Refused("too_short")
        if len(datagram) > 1200:
            raise Refused("too_long")
        if datagram[0] >> 4 != 0xB:
            raise Refused("magic")
        if datagram[0] & 15 != 1:
            raise Refused("version")
        if datagram[1] != 1:
            raise Refused("type")
        if len(datagram) < 64:
            raise Refused("too_short")
        if datagram[2:8] != LOCATOR:
            raise Refused("unknown_locator")
        boot, sequence = number(datagram, 8, 4), number(datagram, 12, 4)
        if boot == 0 or sequence == 0:
            raise Refused("range")
        if boot == self.boot and sequence <= self.highest:
            near = self.highest - sequence < 64 and sequence in self.seen
            raise Refused("duplicate" if near else "late")
        if short_hash(datagram[:-16], TO_MASTER) != datagram[-16:]:
            raise Refused("bad_mac")
        if boot != self.boot:
            self.seen = set()
        self.boot, self.highest = boot, sequence
        self.seen.add(sequence)
        return Body(datagram[20:-16])


def datagram_bytes(words):
    for word in words:
        digits, _, times = word.partition("*")
        yield from bytes.fromhex(digits) * int(times or 1)


def check(path):
    wrong, count = 0, 0
    for paragraph in path.read_text().split("\n\n"):
        datagrams, wanted = [], []
        for line in paragraph.splitlines():
            label, *words = line.split()
            if label == "=":
                wanted.append(line)
            elif label != "#":
                if label in ("header", "bytes"):
                    datagrams.append(b"")
                datagrams[-1] += bytes(datagram_bytes(words))
        if not datagrams:
            continue
        count += 1
        master = Master()
        try:
            for datagram in datagrams[:-1]:
                master.take(datagram)
            found = master.take(datagrams[-1]).meaning()
        except Refused as refusal:
            found = [f"= refused: {refusal}"]
        if found != wanted:
            wrong += 1
            print(paragraph.splitlines()[0], "in", path.name, "\n  file:", wanted, "\n  here:", found)
    print(f"{path.name}: {count} vectors, {wrong} read otherwise")
    return wrong == 0 and count > 0


if __name__ == "__main__":
    folder = pathlib.Path(__file__).parent
    results = [check(folder / name) for name in ("accepted.txt", "refused.txt")]
    sys.exit(0 if all(results) else 1)
