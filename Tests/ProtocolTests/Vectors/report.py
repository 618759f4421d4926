"""The body of a REPORT (PROTOCOL.md section 4)."""

from wire import many, mf16, number, short, shown, tlvs

STATES = ["unknown", "up", "degraded", "draining", "down", "leaving", "warming"]
KINDS = ["gauge", "counter", "ratio"]
# As the counters of section 7 are listed.
REMARKS = ["range", "duplicate_tlv", "excess", "stale_sample", "not_entitled"]
MOST = 40


class Body:
    """What a master reads; `entitled` holds the services it may speak for, None for all."""

    def __init__(self, body, entitled=None):
        self.remarks, self.single, self.entitled = set(), {}, entitled
        self.services, self.requests, self.custom = {}, {}, {}
        state, reason, flags, directive = body[:4]
        interval, age, clock = number(body, 4, 2), number(body, 6, 2), number(body, 8, 4)
        interval = self.clamp(interval, 50, 10000)
        self.flags, self.directive = flags & 31, directive
        self.first = (
            f"= {self.state(state)}, reason {reason}, flags {self.flags}, directive {directive}, "
            f"interval {interval}, age {age}, clock {clock}"
        )
        if flags & 4 or age > 5 * interval:
            self.remarks.add("stale_sample")
        readers = {1: self.host, 2: self.service, 3: self.pressure, 4: self.request}
        readers |= {5: self.info, 6: self.probe_echo, 7: self.figure}
        for kind, value in tlvs(body[12:]):
            if kind in readers:
                readers[kind](value)
        for table in (self.services, self.requests, self.custom):
            self.leave_out(table)

    def leave_out(self, table):
        """What is said of the host, and not of a service, is anybody's to say."""
        for name in list(table):
            of = str(name).partition("/")[0]
            if self.entitled is not None and of != "host" and int(of) not in self.entitled:
                self.remarks.add("not_entitled")
                del table[name]

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

    def once(self, kind, line):
        if kind in self.single:
            self.remarks.add("duplicate_tlv")
        else:
            self.single[kind] = line

    def host(self, v):
        if 1 in self.single:
            return self.once(1, None)
        cores = short(v, 8)
        if cores == 0:
            self.remarks.add("range")
            cores = None
        memory = self.clamp(short(v, 10), 0, 10000)
        self.once(1, f"= host: busy {shown(number(v, 0, 4))}, runnable {shown(number(v, 4, 4))}, "
            f"cores {shown(cores)}, memory {shown(memory)}")

    def pressure(self, v):
        self.once(3, f"= pressure: cpu {shown(number(v, 0, 4))}, memory {shown(number(v, 4, 4))}, "
            f"io {shown(number(v, 8, 4))}")

    def info(self, v):
        self.once(5, f"= info: version {shown(number(v, 0, 4))}, uptime {shown(number(v, 4, 4))}")

    def probe_echo(self, v):
        """One that does not say which probe it answers says nothing."""
        if 6 in self.single or len(v) >= 4:
            self.once(6, f"= probe echo: nonce {number(v, 0, 4)}, hold {shown(mf16(v, 4))}")

    def service(self, v):
        self.of_service(self.services, v, lambda: (
            f"{self.state(number(v, 2, 1))}, reason {number(v, 3, 1) or 0}, in flight "
            f"{shown(mf16(v, 4))}, queue {shown(mf16(v, 6))}, load "
            f"{shown(self.clamp(short(v, 8), 0, 10000))}"))

    def request(self, v):
        self.of_service(self.requests, v, lambda: (
            f"p99 {shown(mf16(v, 2))}, requests {shown(number(v, 4, 4))}, "
            f"errors {shown(number(v, 8, 4))}"))

    def of_service(self, table, v, line):
        name = number(v, 0, 2)
        if not name:
            self.remarks.add("range")
        else:
            # What is odd about a figure is counted before it is known to be one too many.
            self.keep(table, name, line())

    def figure(self, v):
        if len(v) < 8 or v[3] >= len(KINDS):
            self.remarks.add("range")
            return
        name = f"{number(v, 0, 2) or 'host'}/{v[2]}"
        self.keep(self.custom, name, f"{KINDS[v[3]]} {number(v, 4, 4)}")

    def keep(self, table, name, line):
        if name in table:
            self.remarks.add("duplicate_tlv")
        elif len(table) == MOST:
            self.remarks.add("excess")
        else:
            table[name] = line

    def meaning(self):
        lines = [self.first, self.single.get(1)]
        lines += many("services", "service", self.services)
        lines += [self.single.get(3)]
        lines += many("requests of", "requests of", self.requests)
        lines += [self.single.get(5), self.single.get(6)]
        lines += many("customs", "custom", self.custom)
        if self.remarks:
            lines.append("= remarks: " + " ".join(name for name in REMARKS if name in self.remarks))
        return [line for line in lines if line]
