// The load of this server as the kernel tells it.

internal import CLinux
internal import Daemon
internal import Protocol

/// Reads /proc, and the control group that limits the cores if there is one.
struct HostSource {
    /// What one look at the kernel gave.
    struct Sample {
        var load: HostLoad
        var pressure: Pressure?
        var isControlGroup = false
    }

    /// How often memory, limits and the number of cores are looked at.
    ///
    /// They change slowly, and /proc/meminfo costs a third of what all other files do.
    private static let refreshNanoseconds: Int64 = 5_000_000_000

    private let stat: ProcFile
    private let loadavg: ProcFile
    private let meminfo: ProcFile
    /// Absent in kernels without scheduler statistics.
    private let schedstat: ProcFile?
    /// Absent in kernels without PSI.
    private let cpuPressure: ProcFile?
    private let memoryPressure: ProcFile?
    private let ioPressure: ProcFile?
    /// Chosen at the start and kept: its counters and the machine's do not continue each other.
    private let group: ControlGroup?
    private var coresHundredths: UInt64 = 100
    private var memoryAvailable: UInt16?
    private var refreshed: Int64?
    private var runnable = RunnableIntegral()

    init() throws(SystemError) {
        stat = try ProcFile("/proc/stat", byteCount: 256)
        loadavg = try ProcFile("/proc/loadavg", byteCount: 128)
        meminfo = try ProcFile("/proc/meminfo", byteCount: 256)
        schedstat = Self.schedstat()
        cpuPressure = try? ProcFile("/proc/pressure/cpu", byteCount: 256)
        memoryPressure = try? ProcFile("/proc/pressure/memory", byteCount: 256)
        ioPressure = try? ProcFile("/proc/pressure/io", byteCount: 256)
        group = ControlGroup.tightest()
    }

    /// With hundreds of cores the file grows past what is worth reading twice a second; then the
    /// run queue is sampled instead.
    private static func schedstat() -> ProcFile? {
        let most = 65_536
        guard let file = try? ProcFile("/proc/schedstat", byteCount: most, isInPieces: true),
            file.read({ $0.count < most ? ProcText.waitNanoseconds(schedstat: $0) : nil }) != nil
        else { return nil }
        return file
    }

    /// The load now; `nil` when the kernel does not tell how busy the cores are.
    mutating func sample(at now: Int64) -> Sample? {
        if refreshed.map({ now - $0 >= Self.refreshNanoseconds }) ?? true { refresh(at: now) }
        let busy: UInt64?
        let wait: UInt64?
        if let group {
            busy = group.usageMicroseconds.map { $0 / 100 }
            wait = group.stalledMicroseconds.map { $0 / 100 }
        } else {
            // A tick is 10 ms on every Linux: USER_HZ is 100.
            busy = stat.read { ProcText.busyTicks(stat: $0) }.map { $0 &* 100 }
            wait = schedstat?.read { ProcText.waitNanoseconds(schedstat: $0) }.map { $0 / 100_000 }
        }
        guard let busy else { return nil }
        // What runs is runnable, and so is what waits; where nobody counts the waiting, the run
        // queue is looked at once a report.
        let total =
            wait.map { busy &+ $0 }
            ?? runnable.add(tasks: loadavg.read { ProcText.runnableTasks(loadavg: $0) }, at: now)
        let load = HostLoad(
            cpuBusyTenthsOfMillisecond: UInt32(truncatingIfNeeded: busy),
            runnableTenthsOfMillisecond: total.map { UInt32(truncatingIfNeeded: $0) },
            coresHundredths: UInt16(clamping: coresHundredths),
            memoryAvailableTenThousandths: memoryAvailable)
        return Sample(load: load, pressure: pressure(), isControlGroup: group != nil)
    }

    private mutating func refresh(at now: Int64) {
        refreshed = now
        let machine = UInt64(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) * 100
        coresHundredths = min(machine, group?.quotaHundredths ?? machine)
        memoryAvailable = meminfo.read { ProcText.memoryAvailable(meminfo: $0) }
    }

    private func pressure() -> Pressure? {
        let cpu =
            group.map(\.stalledMicroseconds)
            ?? cpuPressure.flatMap { file in
                file.read { ProcText.stalledMicroseconds("some ", pressure: $0) }
            }
        guard let cpu else { return nil }
        let memory = memoryPressure?.read { ProcText.stalledMicroseconds("full ", pressure: $0) }
        let io = ioPressure?.read { ProcText.stalledMicroseconds("full ", pressure: $0) }
        return Pressure(
            cpuSomeTenthsOfMillisecond: UInt32(truncatingIfNeeded: cpu / 100),
            memoryFullTenthsOfMillisecond: memory.map { UInt32(truncatingIfNeeded: $0 / 100) },
            ioFullTenthsOfMillisecond: io.map { UInt32(truncatingIfNeeded: $0 / 100) })
    }
}

/// How many tasks were runnable, summed up over time from looks at the run queue.
struct RunnableIntegral {
    private var total: UInt64 = 0
    private var last: Int64?

    /// Adds the time since the last look, with the number of tasks seen now; in 0.1 ms.
    ///
    /// The agent itself runs while it looks, so it counts one less.
    mutating func add(tasks: UInt64?, at now: Int64) -> UInt64? {
        guard let tasks else { return nil }
        if let last, now > last {
            let others = tasks > 0 ? tasks - 1 : 0
            total &+= others &* UInt64(now - last) / 100_000
        }
        last = now
        return total
    }
}
