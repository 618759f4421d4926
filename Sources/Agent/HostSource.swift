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

    /// How often memory, the pressure on it and on storage, and limits are looked at.
    ///
    /// They change slowly or are read over minutes, and cost as much as all other files together.
    private static let refreshNanoseconds: Int64 = 5_000_000_000
    /// How often the cores are counted: the C library opens a file for that, and machines seldom
    /// gain any while they run.
    private static let countNanoseconds: Int64 = 60_000_000_000
    /// With hundreds of cores the file grows past what is worth reading twice a second; then the
    /// run queue is sampled instead.
    private static let mostSchedstatBytes = 65_536

    private let stat: ProcFile
    private let loadavg: ProcFile
    private let meminfo: ProcFile
    /// Absent in kernels without scheduler statistics, and once the file is too long.
    private var schedstat: ProcFile?
    /// Absent in kernels without PSI.
    private let cpuPressure: ProcFile?
    private let memoryPressure: ProcFile?
    private let ioPressure: ProcFile?
    /// Chosen at the start and kept: its counters and the machine's do not continue each other.
    private let group: ControlGroup?
    private var machineHundredths: UInt64 = 100
    private var coresHundredths: UInt64 = 100
    private var memoryAvailable: UInt16?
    private var memoryStalledMicroseconds: UInt64?
    private var ioStalledMicroseconds: UInt64?
    private var refreshed: Int64?
    private var counted: Int64?
    private var runnable = RunnableIntegral()
    private var clockRise = Rise()
    private var busyRise = Rise()
    private var waitRise = CoreWaitRise()
    private var stalledRise = Rise()
    private var throttledRise = Rise()

    /// Other folders than the kernel's own stand in for it in tests.
    init(
        proc: String = "/proc", controlGroups: String = "/sys/fs/cgroup"
    ) throws(SystemError) {
        stat = try ProcFile("\(proc)/stat", byteCount: 256)
        loadavg = try ProcFile("\(proc)/loadavg", byteCount: 128)
        meminfo = try ProcFile("\(proc)/meminfo", byteCount: 256)
        schedstat = try? ProcFile(
            "\(proc)/schedstat", byteCount: Self.mostSchedstatBytes, isInPieces: true)
        cpuPressure = try? ProcFile("\(proc)/pressure/cpu", byteCount: 256)
        memoryPressure = try? ProcFile("\(proc)/pressure/memory", byteCount: 256)
        ioPressure = try? ProcFile("\(proc)/pressure/io", byteCount: 256)
        group = ControlGroup.tightest(root: controlGroups, proc: proc)
    }

    /// The load now; `nil` when the kernel does not tell how busy the cores are.
    mutating func sample(at now: Int64) -> Sample? {
        if refreshed.map({ now - $0 >= Self.refreshNanoseconds }) ?? true { refresh(at: now) }
        let used = group?.used()
        let busy =
            group == nil
            // A tick is 10 ms on every Linux: USER_HZ is 100.
            ? stat.read { ProcText.busyTicks(stat: $0) }.map { $0 &* 100 }
            : used.map { $0.microseconds / 100 }
        guard let busy else { return nil }
        let stalled = stalledMicroseconds()
        let runnable = runnable(
            busy: busy, throttled: used?.throttledMicroseconds, stalled: stalled, at: now)
        let load = HostLoad(
            cpuBusyTenthsOfMillisecond: UInt32(truncatingIfNeeded: busy),
            runnableTenthsOfMillisecond: runnable.map { UInt32(truncatingIfNeeded: $0) },
            coresHundredths: UInt16(clamping: coresHundredths),
            memoryAvailableTenThousandths: memoryAvailable)
        return Sample(
            load: load, pressure: stalled.map(pressure), isControlGroup: group != nil)
    }

    /// What ran was runnable, and so was what waited; both are added for each interval.
    private mutating func runnable(
        busy: UInt64, throttled: UInt64?, stalled: UInt64?, at now: Int64
    ) -> UInt64? {
        let elapsed = clockRise.take(UInt64(clamping: now))
        let ran = (busyRise.take(busy) ?? 0) &* 100_000
        if group != nil {
            // Each is the time in which at least one task waited; throttling counts it by core.
            let waited = [throttledRise.take(throttled), stalledRise.take(stalled)]
            runnable.add(nanoseconds: ran &+ (waited.compactMap(\.self).max() ?? 0) &* 1_000)
        } else if let waited = waitRise.take(coreWait()) {
            runnable.add(nanoseconds: ran &+ waited)
        } else if let elapsed {
            // Nobody counted the waiting in this interval, so the run queue is looked at.
            guard let tasks = loadavg.read({ ProcText.runnableTasks(loadavg: $0) }) else {
                return nil
            }
            runnable.add(tasks: tasks, for: elapsed)
        }
        return runnable.tenthsOfMillisecond
    }

    private mutating func coreWait() -> CoreWait? {
        guard let schedstat else { return nil }
        return schedstat.read { bytes in
            guard bytes.count < Self.mostSchedstatBytes else {
                self.schedstat = nil
                return nil
            }
            return ProcText.coreWait(schedstat: bytes)
        }
    }

    private func stalledMicroseconds() -> UInt64? {
        if let group { return group.stalledMicroseconds }
        return cpuPressure?.read { ProcText.stalledMicroseconds("some ", pressure: $0) }
    }

    private mutating func refresh(at now: Int64) {
        refreshed = now
        if counted.map({ now - $0 >= Self.countNanoseconds }) ?? true {
            counted = now
            machineHundredths = UInt64(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) * 100
        }
        coresHundredths = min(machineHundredths, group?.quotaHundredths ?? machineHundredths)
        memoryAvailable = meminfo.read { ProcText.memoryAvailable(meminfo: $0) }
        memoryStalledMicroseconds = memoryPressure?.read {
            ProcText.stalledMicroseconds("full ", pressure: $0)
        }
        ioStalledMicroseconds = ioPressure?.read {
            ProcText.stalledMicroseconds("full ", pressure: $0)
        }
    }

    private func pressure(cpu: UInt64) -> Pressure {
        Pressure(
            stalledMicroseconds: cpu, memory: memoryStalledMicroseconds,
            io: ioStalledMicroseconds)
    }
}
