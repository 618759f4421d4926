"""What a master does with a datagram (PROTOCOL.md section 7)."""

from acknowledgement import Acknowledgement
from report import Body
from wire import LOCATOR, TO_AGENT, TO_MASTER, Refused, check_form, has_tag, number

EPOCH = 8  # seconds


class Master:
    """`cookies` holds, by boot, generation and epoch, what this master grants: its own secret."""

    def __init__(self, cookies, given):
        self.cookies = cookies
        self.entitled = None
        for what, *words in given:
            if what == "entitled":
                self.entitled = {int(word) for word in words}
        self.boot, self.generation, self.highest, self.seen = None, 0, 0, set()

    def granted(self, boot, generation, epoch):
        return self.cookies.get((boot, generation, epoch))

    def take(self, datagram, at):
        """The lines that say what it means."""
        check_form(datagram, {1: 64})
        if datagram[2:8] != LOCATOR:
            raise Refused("unknown_locator")
        boot, sequence = number(datagram, 8, 4), number(datagram, 12, 4)
        if boot == 0 or sequence == 0:
            raise Refused("range")
        if boot == self.boot and sequence <= self.highest:
            near = self.highest - sequence < 64 and sequence in self.seen
            raise Refused("duplicate" if near else "late")
        if not has_tag(datagram, TO_MASTER):
            raise Refused("bad_mac")
        generation = self.generation if boot == self.boot else self.generation + 1
        cookie, epoch = number(datagram, 16, 4), int(at // EPOCH)
        fresh = [self.granted(boot, generation, epoch - back) for back in (0, 1)]
        if cookie == 0 or cookie not in fresh:
            return ["= challenged"]
        if boot != self.boot:
            self.boot, self.generation, self.seen = boot, generation, set()
        self.highest = sequence
        self.seen.add(sequence)
        return Body(datagram[20:-16], self.entitled).meaning()

    def answer(self, sent, datagram, at):
        """The lines for an answer as the file has it, when it is one that this master may give."""
        if len(sent) > len(datagram):
            return ["= an answer longer than its datagram"]
        check_form(sent, {2: 48})
        boot, sequence = number(datagram, 8, 4), number(datagram, 12, 4)
        generation = self.generation if boot == self.boot else self.generation + 1
        if sent[2:8] != LOCATOR or not has_tag(sent, TO_AGENT):
            return ["= an answer that is not for this agent"]
        if number(sent, 16, 4) != self.granted(boot, generation, int(at // EPOCH)):
            return ["= an answer with another cookie"]
        ack = Acknowledgement(sent[20:-16])
        if (ack.boot, ack.echo) != (boot, sequence):
            return ["= an answer to another datagram"]
        return ack.meaning("answered")
