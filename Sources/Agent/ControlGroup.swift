// The control group that limits the cores of this server, if one does.

internal import Daemon

/// A control group (v2) with a CPU limit; its figures replace the machine's.
final class ControlGroup {
    private let quota: ProcFile
    private let statistics: ProcFile
    /// Absent in kernels without PSI.
    private let pressure: ProcFile?

    private init?(folder: String) {
        guard let quota = try? ProcFile("\(folder)/cpu.max", byteCount: 64),
            quota.read({ ProcText.quotaHundredths(cpuMax: $0) }) != nil,
            let statistics = try? ProcFile("\(folder)/cpu.stat", byteCount: 512)
        else { return nil }
        self.quota = quota
        self.statistics = statistics
        pressure = try? ProcFile("\(folder)/cpu.pressure", byteCount: 256)
    }

    /// The tightest limit on the way from this process's group to the root.
    static func tightest(root: String, proc: String) -> ControlGroup? {
        let own = (try? ProcFile("\(proc)/self/cgroup", byteCount: 4_096))?.read {
            path(cgroup: $0)
        }
        return folders(path: own ?? "/", root: root)
            .compactMap { ControlGroup(folder: $0) }
            .min { ($0.quotaHundredths ?? .max) < ($1.quotaHundredths ?? .max) }
    }

    /// The folders that may limit the server: not the agent's own unit, whose limit is meant for
    /// the agent, but every group around it.
    static func folders(path: String, root: String) -> [String] {
        var names = path.split(separator: "/")
        if names.last?.hasSuffix(".service") == true { names.removeLast() }
        return (0...names.count).map { count in
            ([root] + names.prefix(count).map(String.init)).joined(separator: "/")
        }
    }

    /// /proc/self/cgroup: the path after `0::`, the line of version 2.
    static func path(cgroup: UnsafeRawBufferPointer) -> String? {
        for line in cgroup.split(separator: 0x0A) where line.starts(with: "0::/".utf8) {
            return String(decoding: line.dropFirst(3), as: UTF8.self)
        }
        return nil
    }

    /// The group's share in hundredths of a core; `nil` once its limit is lifted.
    var quotaHundredths: UInt64? {
        quota.read { ProcText.quotaHundredths(cpuMax: $0) }
    }

    /// Time on all cores, and time in which a core was withheld although a task wanted it.
    func used() -> (microseconds: UInt64, throttledMicroseconds: UInt64?)? {
        statistics.read { bytes in
            ProcText.number(after: "usage_usec", in: bytes).map {
                ($0, ProcText.number(after: "throttled_usec", in: bytes))
            }
        }
    }

    var stalledMicroseconds: UInt64? {
        pressure?.read { ProcText.stalledMicroseconds("some ", pressure: $0) }
    }
}
