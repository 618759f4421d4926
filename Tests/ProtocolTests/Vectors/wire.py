"""What all datagrams have in common: keys, tags, numbers, TLVs (PROTOCOL.md sections 2 to 4)."""

import hashlib

PRIME = 2**255 - 19


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


def tlvs(rest):
    """Each type and value, in order."""
    while rest:
        if len(rest) < 2 or len(rest) < 2 + rest[1]:
            raise Refused("malformed")
        yield rest[0], rest[2 : 2 + rest[1]]
        rest = rest[2 + rest[1] :]


def check_form(datagram, least_sizes):
    """Step 1 of section 7: sizes and the first two bytes; least_sizes is by type."""
    if len(datagram) < 36:
        raise Refused("too_short")
    if len(datagram) > 1200:
        raise Refused("too_long")
    if datagram[0] >> 4 != 0xB:
        raise Refused("magic")
    if datagram[0] & 15 != 1:
        raise Refused("version")
    if datagram[1] not in least_sizes:
        raise Refused("type")
    if len(datagram) < least_sizes[datagram[1]]:
        raise Refused("too_short")


def has_tag(datagram, key):
    return short_hash(datagram[:-16], key) == datagram[-16:]


def many(plural, singular, table):
    """A line for each entry; a full report would make many that nobody reads."""
    if len(table) >= 5:
        return [f"= {plural}: " + " ".join(map(str, table))]
    return [f"= {singular} {name}: {line}" for name, line in table.items()]
