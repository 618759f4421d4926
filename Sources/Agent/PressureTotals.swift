// Pressure as reports say it, from the kernel's totals; the machine's and a group's alike.

internal import Protocol

extension Pressure {
    /// From the totals of the kernel's files, microseconds.
    init(stalledMicroseconds cpu: UInt64, memory: UInt64?, io: UInt64?) {
        func tenths(_ microseconds: UInt64) -> UInt32 {
            UInt32(truncatingIfNeeded: microseconds / 100)
        }
        self.init(
            cpuSomeTenthsOfMillisecond: tenths(cpu),
            memoryFullTenthsOfMillisecond: memory.map(tenths),
            ioFullTenthsOfMillisecond: io.map(tenths))
    }
}
