// How many tasks were runnable, summed up over time, whatever tells of the single intervals.

/// The rise of a counter from one look to the next.
struct Rise {
    private var last: UInt64?

    /// Takes the next reading; `nil` for the first one, after a gap, and for a fall.
    mutating func take(_ reading: UInt64?) -> UInt64? {
        defer { last = reading }
        guard let reading, let last, reading >= last else { return nil }
        return reading - last
    }
}

/// Time that tasks waited for a core, of all cores that are there now.
struct CoreWait: Equatable {
    var nanoseconds: UInt64 = 0
    /// Differs when other cores are summed up, whose past is not the same.
    var mark: UInt64 = 0
}

/// The rise of the wait for cores, while the cores stay the same.
struct CoreWaitRise {
    private var mark: UInt64?
    private var rise = Rise()

    /// Takes the next reading; `nil` as for ``Rise``, and when a core came or went.
    mutating func take(_ wait: CoreWait?) -> UInt64? {
        if wait?.mark != mark { rise = Rise() }
        mark = wait?.mark
        return rise.take(wait?.nanoseconds)
    }
}

/// Task time added up without losing what is less than a unit.
struct RunnableIntegral {
    private(set) var tenthsOfMillisecond: UInt64 = 0
    private var restNanoseconds: UInt64 = 0

    mutating func add(nanoseconds: UInt64) {
        let sum = restNanoseconds &+ nanoseconds
        tenthsOfMillisecond &+= sum / 100_000
        restNanoseconds = sum % 100_000
    }

    /// Adds the tasks seen at the end of an interval for all of it.
    ///
    /// The agent itself runs while it looks, so it counts one less.
    mutating func add(tasks: UInt64, for nanoseconds: UInt64) {
        add(nanoseconds: (tasks > 0 ? tasks - 1 : 0) &* nanoseconds)
    }
}
