// The control group of one service, standing in for the host.

internal import CLinux
internal import Daemon
internal import Protocol

/// Reads a control group (v2) that was named; it may come and go with its service.
struct GroupSource {
    /// How often memory, limits and the slow pressures are looked at, as ``HostSource`` does.
    private static let refreshNanoseconds: Int64 = 5_000_000_000

    private let folder: String
    private let proc: String
    private var files: GroupFiles?
    private var busyMicroseconds: UInt64 = 0
    private var runnable = RunnableIntegral()
    private var usedRise = Rise()
    private var throttledRise = Rise()
    private var stalledRise = Rise()
    private var coresHundredths: UInt64 = 100
    private var memoryAvailable: UInt16?
    private var memoryStalledMicroseconds: UInt64?
    private var ioStalledMicroseconds: UInt64?
    private var refreshed: Int64?

    /// What is wrong with the group now; `nil` means well.
    private(set) var fault: String?

    /// Other folders than the kernel's own stand in for it in tests.
    init(folder: String, proc: String = "/proc") {
        self.folder = folder
        self.proc = proc
    }

    /// The load of the group now; `nil` while there is none, and then the next look tries again.
    mutating func sample(at now: Int64) -> HostSource.Sample? {
        do throws(SystemError) {
            if files == nil { try open() }
        } catch {
            fault = "\(error); is its service running?"
            return nil
        }
        guard let files, let used = files.used() else {
            files = nil
            fault = "the control group \(folder) is gone, or tells no cpu.stat"
            return nil
        }
        fault = nil
        if refreshed.map({ now - $0 >= Self.refreshNanoseconds }) ?? true {
            refresh(files)
            refreshed = now
        }
        let stalled = files.stalledMicroseconds
        let ran = usedRise.take(used.microseconds) ?? 0
        // Each is the time in which at least one task waited; throttling counts it by core.
        let waited = [throttledRise.take(used.throttledMicroseconds), stalledRise.take(stalled)]
        busyMicroseconds &+= ran
        runnable.add(nanoseconds: (ran &+ (waited.compactMap(\.self).max() ?? 0)) &* 1_000)
        let load = HostLoad(
            cpuBusyTenthsOfMillisecond: UInt32(truncatingIfNeeded: busyMicroseconds / 100),
            runnableTenthsOfMillisecond: UInt32(truncatingIfNeeded: runnable.tenthsOfMillisecond),
            coresHundredths: UInt16(clamping: coresHundredths),
            memoryAvailableTenThousandths: memoryAvailable)
        return HostSource.Sample(
            load: load, pressure: stalled.map(pressure), isControlGroup: true)
    }

    /// A group that was made anew counts from 0, so its rises begin anew too.
    private mutating func open() throws(SystemError) {
        files = try GroupFiles(folder: folder)
        usedRise = Rise()
        throttledRise = Rise()
        stalledRise = Rise()
        refreshed = nil
    }

    private mutating func refresh(_ files: GroupFiles) {
        let machine = UInt64(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) * 100
        coresHundredths = min(machine, files.quotaHundredths ?? machine)
        memoryAvailable =
            files.memoryAvailable
            ?? (try? ProcFile("\(proc)/meminfo", byteCount: 256))?.read {
                ProcText.memoryAvailable(meminfo: $0)
            }
        memoryStalledMicroseconds = files.memoryStalledMicroseconds
        ioStalledMicroseconds = files.ioStalledMicroseconds
    }

    private func pressure(cpu: UInt64) -> Pressure {
        Pressure(
            stalledMicroseconds: cpu, memory: memoryStalledMicroseconds,
            io: ioStalledMicroseconds)
    }
}

/// The files of one group, open as long as it lives.
private final class GroupFiles {
    private let statistics: ProcFile
    /// The limits of the group and of those around it.
    private let quotas: [ProcFile]
    private let memory: (current: ProcFile, limit: ProcFile)?
    private let memoryStatistics: ProcFile?
    /// Absent in kernels without PSI.
    private let cpuPressure, memoryPressure, ioPressure: ProcFile?

    init(folder: String) throws(SystemError) {
        statistics = try ProcFile("\(folder)/cpu.stat", byteCount: 512)
        var quotas: [ProcFile] = []
        let names = folder.split(separator: "/")
        for count in stride(from: names.count, through: 1, by: -1) {
            let path = "/" + names.prefix(count).joined(separator: "/") + "/cpu.max"
            if let quota = try? ProcFile(path, byteCount: 64) { quotas.append(quota) }
        }
        self.quotas = quotas
        if let current = try? ProcFile("\(folder)/memory.current", byteCount: 64),
            let limit = try? ProcFile("\(folder)/memory.max", byteCount: 64)
        {
            memory = (current, limit)
        } else {
            memory = nil
        }
        memoryStatistics = try? ProcFile("\(folder)/memory.stat", byteCount: 4_096)
        cpuPressure = try? ProcFile("\(folder)/cpu.pressure", byteCount: 256)
        memoryPressure = try? ProcFile("\(folder)/memory.pressure", byteCount: 256)
        ioPressure = try? ProcFile("\(folder)/io.pressure", byteCount: 256)
    }

    func used() -> (microseconds: UInt64, throttledMicroseconds: UInt64?)? {
        statistics.read { bytes in
            ProcText.number(after: "usage_usec", in: bytes).map {
                ($0, ProcText.number(after: "throttled_usec", in: bytes))
            }
        }
    }

    var quotaHundredths: UInt64? {
        quotas.compactMap { $0.read { ProcText.quotaHundredths(cpuMax: $0) } }.min()
    }

    /// The part of its limit that is left, in 1/10000; `nil` without a limit of memory.
    ///
    /// Cached files that were not used lately are given up when memory is short, so they are left.
    var memoryAvailable: UInt16? {
        func number(_ file: ProcFile) -> UInt64? {
            file.read { bytes in
                var text = ProcText(bytes)
                return text.number()
            }
        }
        guard let memory, let current = number(memory.current), let limit = number(memory.limit),
            limit > 0, limit < UInt64.max / 10_000
        else { return nil }
        let cached =
            memoryStatistics?.read { ProcText.number(after: "\ninactive_file", in: $0) } ?? 0
        let used = current > cached ? current - cached : 0
        return UInt16(clamping: (limit - min(used, limit)) * 10_000 / limit)
    }

    var stalledMicroseconds: UInt64? { Self.stalled("some ", cpuPressure) }
    var memoryStalledMicroseconds: UInt64? { Self.stalled("full ", memoryPressure) }
    var ioStalledMicroseconds: UInt64? { Self.stalled("full ", ioPressure) }

    private static func stalled(_ line: StaticString, _ file: ProcFile?) -> UInt64? {
        file?.read { ProcText.stalledMicroseconds(line, pressure: $0) }
    }
}
