"""The body of an ACK (PROTOCOL.md section 5)."""

from wire import Refused, many, mf16, number, short, shown, tlvs

ADMIN = ["ready", "drain", "fixed"]
NOTICES = {1: "key_retiring", 2: "duplicate_identity", 3: "not_entitled", 4: "version_deprecated"}
MOST = 40


class Acknowledgement:
    def __init__(self, body):
        if len(body) < 12:
            raise Refused("malformed")
        self.boot, self.echo, self.hold = number(body, 0, 4), number(body, 4, 4), mf16(body, 8)
        self.is_challenge, self.version = bool(body[10] & 1), body[11]
        self.directive, self.standings, self.notices = None, {}, set()
        for kind, v in tlvs(body[12:]):
            if kind == 16 and len(v) >= 2 and self.directive is None:
                self.directive = (number(v, 0, 2), number(v, 2, 2) or 0)
            elif kind == 17 and number(v, 0, 2) and len(self.standings) < MOST:
                admin = ADMIN[v[4]] if len(v) > 4 and v[4] < len(ADMIN) else "ready"
                self.standings.setdefault(
                    number(v, 0, 2),
                    f"weight {shown(short(v, 2))}, {admin}, reason {number(v, 5, 1) or 0}, "
                    f"active {shown(mf16(v, 6))}",
                )
            elif kind == 18 and v and v[0] in NOTICES:
                self.notices.add(v[0])

    def meaning(self, label):
        challenge = "challenge" if self.is_challenge else "applied"
        lines = [
            f"= {label}: {challenge}, echo {self.boot:08x}/{self.echo}, hold {shown(self.hold)}, "
            f"directive {self.version}"
        ]
        if self.directive:
            lines.append("= directive: interval {}, jitter {}".format(*self.directive))
        lines += many("standings", "standing of", self.standings)
        if self.notices:
            lines.append("= notices: " + " ".join(NOTICES[n] for n in sorted(self.notices)))
        return lines
