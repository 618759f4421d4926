"""What an agent does with an ACK or a PROBE (PROTOCOL.md sections 5 and 6)."""

from acknowledgement import Acknowledgement
from wire import LOCATOR, TO_AGENT, Refused, check_form, has_tag, number

WINDOW = 64


class Agent:
    """One that has sent `sequence` reports of one boot."""

    boot = 0x0B001234

    def __init__(self):
        self.sequence, self.echoed, self.cookie, self.nonce = 0, 0, 0, None
        self.version, self.directive = 0, None

    def take(self, datagram):
        check_form(datagram, {2: 36, 3: 36})
        if datagram[2:8] != LOCATOR:
            raise Refused("unknown_locator")
        if not has_tag(datagram, TO_AGENT):
            raise Refused("bad_mac")
        if number(datagram, 8, 4) == 0 or number(datagram, 12, 4) == 0:
            raise Refused("range")
        if datagram[1] == 3:
            self.nonce = number(datagram, 16, 4)
            return ["= probed"]
        ack = Acknowledgement(datagram[20:-16])
        oldest = max(self.echoed, self.sequence - WINDOW)
        if ack.boot != self.boot or not oldest < ack.echo <= self.sequence:
            raise Refused("late")
        self.echoed, self.cookie = ack.echo, number(datagram, 16, 4)
        if ack.is_challenge:
            return ["= challenged"]
        self.follow(ack)
        return ack.meaning("acknowledged")

    def follow(self, ack):
        if ack.version == 0:
            self.version, self.directive = 0, None
        elif ack.directive:
            interval = min(max(ack.directive[0], 50), 10000)
            self.version, self.directive = ack.version, (interval, min(ack.directive[1], interval))

    def next_report(self):
        """What of the ACKs and PROBEs shows in the report after them."""
        echo = "" if self.nonce is None else f", echo of probe {self.nonce:08x}"
        lines = [f"= next report: cookie {self.cookie:08x}, directive {self.version}{echo}"]
        if self.directive:
            lines.insert(0, "= follows: interval {}, jitter {}".format(*self.directive))
        return lines
