#!/usr/bin/env python3
"""A second decoder of the golden datagrams, written from PROTOCOL.md alone.

It shares no code with the first one and uses no library but Python's own. It reads the files beside
it and says which lines it would have written otherwise; exit code 1 then. The rules of their format
are in VectorFile.swift.
"""

import pathlib
import sys

from agent import Agent
from master import Master
from wire import Refused

FILES = {"accepted.txt": Master, "refused.txt": Master, "challenged.txt": Master, "acks.txt": Agent}
START = 100.0  # seconds


class Vector:
    """A paragraph: what is given, then moments of (seconds, datagram or number of reports)."""

    def __init__(self, paragraph):
        self.title, self.given, self.moments, self.wanted, self.cookies = "", [], [], [], {}
        at = START
        for line in paragraph.splitlines():
            label, *words = line.split()
            if label == "#":
                self.title += line[2:] + " "
            elif label == "=":
                self.wanted.append(line)
            elif label == "given":
                self.given.append(words)
            elif label == "at":
                at = float(words[0])
            elif label == "sent":
                self.moments.append((at, int(words[0])))
            else:
                if label in ("header", "bytes"):
                    self.moments.append((at, b""))
                data = b"".join(map(word_bytes, words))
                whole = self.moments[-1][1] + data
                self.moments[-1] = (at, whole)
                if label.startswith("cookie-"):
                    generation, epoch = map(int, label.split("-")[1:])
                    boot = int.from_bytes(whole[8:12], "big")
                    self.cookies[boot, generation, epoch] = int.from_bytes(data, "big")


def word_bytes(word):
    digits, _, times = word.partition("*")
    return bytes.fromhex(digits) * int(times or 1)


def vectors(path):
    for paragraph in path.read_text().split("\n\n"):
        vector = Vector(paragraph)
        if vector.moments:
            yield vector


def at_master(vector, cookies):
    master, last = Master(cookies, vector.given), len(vector.moments) - 1
    for index, (at, datagram) in enumerate(vector.moments):
        try:
            lines = master.take(datagram, at)
        except Refused as refusal:
            if index < last:
                return [f"= a datagram before it was refused: {refusal}"]
            lines = [f"= refused: {refusal}"]
    for line in vector.wanted:
        if line.startswith("= answer "):
            sent = bytes.fromhex(line.removeprefix("= answer "))
            return lines + [line] + master.answer(sent, datagram, at)
    return lines


def at_agent(vector, _):
    agent, lines = Agent(), []
    for _, moment in vector.moments:
        if isinstance(moment, int):
            agent.sequence = moment
            continue
        try:
            lines = agent.take(moment)
        except Refused as refusal:
            lines = [f"= refused: {refusal}"]
    return lines + agent.next_report()


def known_cookies(all_vectors):
    """What a label calls a cookie, it must be called everywhere, and be like no other."""
    known = {}
    for vector in all_vectors:
        for key, cookie in vector.cookies.items():
            if known.setdefault(key, cookie) != cookie:
                sys.exit(f"{vector.title}: cookie-{key[1]}-{key[2]} is another one elsewhere")
    if len(set(known.values())) < len(known):
        sys.exit("two labels of cookies name one and the same")
    return known


def main():
    folder = pathlib.Path(__file__).parent
    files = {name: list(vectors(folder / name)) for name in FILES}
    cookies = known_cookies([vector for found in files.values() for vector in found])
    is_right = True
    for name, found in files.items():
        read = at_master if FILES[name] is Master else at_agent
        wrong = 0
        for vector in found:
            here = read(vector, cookies)
            if here != vector.wanted:
                wrong += 1
                print(vector.title, "in", name, "\n  file:", vector.wanted, "\n  here:", here)
        print(f"{name}: {len(found)} vectors, {wrong} read otherwise")
        is_right = is_right and wrong == 0 and len(found) > 0
    sys.exit(0 if is_right else 1)


if __name__ == "__main__":
    main()
