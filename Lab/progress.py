"""One line of progress with the machine's time, for the person who waits."""


def say(text):
    with open("/proc/uptime", encoding="ascii") as file:
        seconds = float(file.read().split()[0])
    print("[%7.2f] %s" % (seconds, text), flush=True)
