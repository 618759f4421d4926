"""Runs that measure Poise and not the neighbours of the host."""

# A host that has too little CPU to give shows as a client that is late (below 2 ms on a quiet one).
# A run that failed there says nothing: it is run again on a clock of half the pace.
LATE_MS, SLOWEST = 2, 8
# What is judged by the worst moment suffers from one during which all stood still.
LATE_WORST_MS = 20


def _stolen_and_all():
    """Of the host's CPU time: what another machine beside it took, and all, in ticks."""
    with open("/proc/stat", encoding="ascii") as file:
        ticks = [int(word) for word in file.readline().split()[1:9]]
    return ticks[7], sum(ticks)


def run_undisturbed(options, boot, compared=False):
    """A run that was well or whose client was in time, or else the one on the slowest clock.

    `compared`: its figures are held against those of other runs, so that the neighbours could help
    as well as harm; then only a client in time will do.
    """
    pace = options.slow
    try:
        return _again(options, boot, compared)
    finally:
        options.slow = pace  # the next run may find a quiet host


def _again(options, boot, compared):
    while True:
        before = _stolen_and_all()
        figures = boot(options)
        stolen, whole = (now - then for now, then in zip(_stolen_and_all(), before))
        figures["stolen_share"] = round(stolen / max(whole, 1), 3)
        figures["slow"] = options.slow
        is_well = figures.get("ok", False) and not compared
        is_in_time = (figures.get("late_mean_ms", 0) <= LATE_MS and
                      figures.get("late_worst_ms", 0) <= LATE_WORST_MS)
        if is_well or is_in_time or options.slow >= SLOWEST:
            return figures
        options.slow *= 2
        print("The host was busy: what measures was late. Again, on a clock that goes %g times "
              "slower." % options.slow, flush=True)
