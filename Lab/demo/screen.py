"""How the demo looks: a table that stays in place on a terminal, a line a second elsewhere."""

import sys

BAR = 24


class Screen:
    """Shows one second after the other on standard output."""

    def __init__(self, scheduler, rate, seconds):
        self._scheduler = scheduler
        self._rate = rate
        self._seconds = seconds
        self.is_terminal = sys.stdout.isatty()
        self._drawn = 0

    def say(self, text):
        """A line that stays."""
        print(text, flush=True)
        self._drawn = 0

    def show(self, second, members, fed, plain, note):
        """`fed` and `plain` are the client's figures of this second, with and without Poise."""
        if self.is_terminal:
            self._draw(self._table(second, members, fed, plain, note))
        else:
            weights = " ".join(
                "%s %s" % (member["server"], member["weight"]) for member in members)
            print("%2d s  weights %s | p99 with %s, without %s%s" % (
                second, weights, _ms(fed["p99_ms"]), _ms(plain["p99_ms"]),
                "  (%s)" % note if note else ""), flush=True)

    def _table(self, second, members, fed, plain, note):
        largest = max(member["weight"] for member in members) or 1
        lines = [
            "Poise on six emulated servers, %s, %d requests/s      %2d of %d s" % (
                self._scheduler, self._rate, second, self._seconds),
            "",
            "server   weight  %-*s  requests/s   used  why" % (BAR, ""),
        ]
        for member in members:
            chain = member.get("chain")
            lines.append("%-6s  %7d  %-*s  %10s  %5s  %s" % (
                member["server"], member["weight"], BAR,
                "█" * round(BAR * member["weight"] / largest),
                "%.1f" % chain["requestsPerSecond"] if chain else "-",
                "%.0f %%" % (100 * chain["utilisation"]) if chain else "-",
                member["reason"]["text"][:40]))
        lines += [
            "",
            "this second      p50          p99   errors",
            "with Poise    %8s     %8s   %6d" % (
                _ms(fed["p50_ms"]), _ms(fed["p99_ms"]), fed["errors"]),
            "set once      %8s     %8s   %6d" % (
                _ms(plain["p50_ms"]), _ms(plain["p99_ms"]), plain["errors"]),
            "",
            note or "",
        ]
        return lines

    def _draw(self, lines):
        if self._drawn:
            sys.stdout.write("\x1b[%dA" % self._drawn)
        sys.stdout.write("".join("%s\x1b[K\n" % line for line in lines))
        sys.stdout.flush()
        self._drawn = len(lines)


def comparison(fed, plain):
    """The lines that the demo ends with, from the figures of the whole run."""
    lines = [
        "",
        "All requests     sent       p50       p99   errors",
    ]
    for name, figures in (("with Poise", fed), ("set once", plain)):
        lines.append("%-13s  %6d  %8s  %8s   %6d" % (
            name, figures["sent"], _ms(figures["p50_ms"]), _ms(figures["p99_ms"]),
            figures["errors"]))
    if fed["p99_ms"] and plain["p99_ms"]:
        lines.append(
            "Same arrivals, same servers: with Poise the p99 is %.2f times that of weights set once."
            % (fed["p99_ms"] / plain["p99_ms"]))
    return lines


def _ms(value):
    return "%.0f ms" % value if value is not None else "-"
